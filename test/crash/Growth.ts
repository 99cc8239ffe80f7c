/** Moments of a capture that a test waits for. */
import { FileSystem } from "@effect/platform"
import { Effect, Schedule } from "effect"

const sizeOfFile = Effect.fn("sizeOfFile")(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  return yield* files.stat(path).pipe(
    Effect.map(({ size }) => Number(size)),
    Effect.orElseSucceed(() => 0)
  )
})

/** Waits until the file has grown by so many bytes. */
export const grown = (path: string, by: number) =>
  Effect.flatMap(sizeOfFile(path), (before) =>
    Effect.repeat(sizeOfFile(path), { until: (size) => size >= before + by, schedule: Schedule.spaced("2 millis") })
  )
