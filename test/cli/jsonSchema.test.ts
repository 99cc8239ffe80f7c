import { Command } from "@effect/cli"
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, HashMap } from "effect"
import { audit } from "../../apps/cli/src/audit/command.js"
import { command } from "../../apps/cli/src/CommandLine.js"
import * as JsonSchemas from "../../apps/cli/src/JsonSchemas.js"
import { runs } from "../../apps/cli/src/runs/command.js"
import { sync } from "../../apps/cli/src/sync/command.js"
import * as Documents from "./Documents.js"
import * as InProcess from "./InProcess.js"
import { json, workplace } from "./Run.js"

const namesBelow = <Name extends string, R, E, A>(above: Command.Command<Name, R, E, A>): ReadonlyArray<string> =>
  HashMap.toEntries(Command.getSubcommands(above)).map(([name]) => name)

const groups: Readonly<Record<string, ReadonlyArray<string>>> = {
  audit: namesBelow(audit),
  runs: namesBelow(runs),
  sync: namesBelow(sync)
}

/** The words of every command that has no commands below it. */
const commands = namesBelow(command)
  .flatMap((name) => groups[name]?.map((below) => `${name} ${below}`) ?? [name])
  .sort()

/** Types words where nothing is: no credentials, no state. Answers what is there afterwards, too. */
const typed = (...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const { directory, env } = yield* workplace()
    const ended = yield* InProcess.run(args, { cwd: directory, env })
    return { ...ended, left: yield* files.readDirectory(directory) }
  }).pipe(Effect.provide(NodeContext.layer))

describe("--json-schema", () => {
  for (const name of commands) {
    it.scopedLive(`${name}: prints a JSON Schema, without another argument, and reads and writes nothing`, () =>
      Effect.gen(function* () {
        const help = yield* typed(...name.split(" "), "--help")
        expect(help.out).toContain("--json-schema")
        const { code, err, left, out } = yield* typed(...name.split(" "), "--json-schema")
        expect({ code, err, left }).toEqual({ code: 0, err: "", left: [] })
        expect(json(out)).toMatchObject({
          $schema: "http://json-schema.org/draft-07/schema#",
          anyOf: expect.any(Array)
        })
        const failure = { error: { tag: "UsageError", message: "no", exitCode: 2 } }
        expect(yield* Documents.problemsOf(name, failure)).toEqual([])
        expect(yield* Documents.problemsOf(name, { ...failure, more: 1 })).not.toEqual([])
      })
    )
  }

  it.scopedLive("counts also behind other options, and not behind --", () =>
    Effect.gen(function* () {
      const asked = yield* typed("--log-level", "debug", "verify", "nope.ndjson", "--against", "--json-schema")
      expect([asked.code, json(asked.out)]).toMatchObject([0, { anyOf: expect.any(Array) }])
      const file = yield* typed("verify", "--", "--json-schema")
      expect(file).toMatchObject({ code: 2, out: expect.stringContaining("--json-schema  there is no such file") })
    })
  )

  it.scopedLive("is a mistake where there is no document", () =>
    Effect.gen(function* () {
      expect(JsonSchemas.has("runs")).toBe(false)
      expect(yield* typed("runs", "--json-schema")).toMatchObject({ code: 2, out: "" })
    })
  )
})
