/** The names of the windows in a spec file that may be half written. */
import { readFile, stat } from "node:fs/promises"
import { homedir } from "node:os"
import { Effect, Schema } from "effect"
import { parse } from "yaml"

// No spec that somebody writes by hand is larger.
const most = 1_048_576

const Spec = Schema.Struct({ windows: Schema.Array(Schema.Unknown) })
const Named = Schema.Struct({ name: Schema.NonEmptyString })
const isNamed = Schema.is(Named)

/** The names, in their order; none where the file cannot be read, or is no spec. No shell has read its path, so `~/` is the home. */
export const names = (path: string): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function* () {
    const file = path.replace(/^~(?=\/)/, homedir())
    const found = yield* Effect.tryPromise(() => stat(file))
    if (!found.isFile() || found.size > most) return []
    const text = yield* Effect.tryPromise(() => readFile(file, "utf8"))
    const value: unknown = yield* Effect.try(() => parse(text, { schema: "core", merge: true, logLevel: "silent" }))
    const { windows } = yield* Schema.decodeUnknown(Spec)(value)
    return windows.filter(isNamed).map(({ name }) => name)
  }).pipe(Effect.orElseSucceed(() => []))
