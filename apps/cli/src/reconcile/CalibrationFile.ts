/** What a good day has taught, in a file. */
import { FileSystem } from "@effect/platform"
import { Calibration, SessionClass } from "@genesys-replay/domain"
import { Effect, Schema } from "effect"
import * as OutputFile from "../terminal/OutputFile.js"
import { say } from "../terminal/Screen.js"
import { UsageError } from "../terminal/UsageError.js"

const decode = Schema.decodeUnknown(Schema.parseJson(Calibration.Calibration))

/** Reads it. {@link UsageError} where it is none. */
export const read = Effect.fn("CalibrationFile.read")(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const wrong = (why: string) =>
    new UsageError({ problem: `--calibration ${path}: ${why}`, remedy: "name a file that --calibrate has written" })
  const text = yield* Effect.mapError(files.readFileString(path), () => wrong("there is no such file that can be read"))
  return yield* Effect.mapError(decode(text), ({ message }) =>
    wrong(`no calibration: ${message.split("\n").at(-1)?.trim() ?? ""}`)
  )
})

/** More lines than this help no reader. */
const mostLines = 12

/** Writes it, and says what it keeps from being judged. */
export const write = Effect.fn("CalibrationFile.write")(function* (path: string, learned: Calibration.Calibration) {
  const document = yield* Effect.orDie(Schema.encode(Calibration.Calibration)(learned))
  yield* OutputFile.replace(path, {}, (write) => write(`${JSON.stringify(document, null, 2)}\n`))
  const sessions = learned.classes.reduce((sum, one) => sum + one.sessions, 0)
  yield* say(`learned from ${sessions} sessions of ${learned.classes.length} classes, written to ${path}`)
  const kept = Calibration.notAlways(learned)
  for (const { class: one, share } of kept.slice(0, mostLines)) {
    yield* say(
      `  not judged: ${share.topic} of ${SessionClass.describe(one)} (${share.came} of ${share.expected} came)`
    )
  }
  if (kept.length > mostLines) yield* say(`  and ${kept.length - mostLines} more`)
})
