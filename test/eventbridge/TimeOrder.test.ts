import { FileSystem } from "@effect/platform"
import { NodeFileSystem } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import type { ResendEvent } from "@genesys-replay/eventbridge"
import * as TimeOrder from "@genesys-replay/eventbridge/TimeOrder"
import { Chunk, Deferred, Effect, FastCheck, Fiber, Ref, Stream } from "effect"

const event = (timeMs: number | undefined, place: number, size: number): ResendEvent.ResendEvent => ({
  source: "captured.ndjson",
  line: place,
  text: "ä".repeat(size),
  id: "0",
  topic: "t",
  topicName: undefined,
  conversationId: undefined,
  timeMs
})

const sorted = (events: ReadonlyArray<ResendEvent.ResendEvent>, memory: number) =>
  TimeOrder.sorted(Stream.fromIterable(events).pipe(Stream.rechunk(7)), { memory }).pipe(
    Stream.runCollect,
    Effect.map(Chunk.toReadonlyArray),
    Effect.provide(NodeFileSystem.layer)
  )

/** A file system that tells of the temporary directories that were made. */
const watched = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const made = yield* Ref.make<ReadonlyArray<string>>([])
  return {
    made: Ref.get(made),
    files: FileSystem.FileSystem.of({
      ...files,
      makeTempDirectoryScoped: (options) =>
        Effect.tap(files.makeTempDirectoryScoped(options), (path) => Ref.update(made, (before) => [...before, path]))
    })
  }
})

describe("TimeOrder", () => {
  it.effect("is that of a stable sort by time, in memory as from disk; what says no time goes last", () =>
    Effect.promise(() =>
      FastCheck.assert(
        FastCheck.asyncProperty(
          FastCheck.array(FastCheck.tuple(FastCheck.option(FastCheck.nat(20), { nil: undefined }), FastCheck.nat(40)), {
            maxLength: 120
          }),
          FastCheck.nat(600),
          async (given, memory) => {
            const events = given.map(([time, size], place) => event(time, place, size))
            const at = ({ timeMs }: ResendEvent.ResendEvent) => timeMs ?? 1_000
            const expected = [...events].sort((one, other) => at(one) - at(other))
            expect(await Effect.runPromise(sorted(events, memory))).toEqual(expected)
          }
        ),
        { numRuns: 60 }
      )
    )
  )

  it.scoped("events larger than what is read at a time come back whole, and their file is gone at the end", () =>
    Effect.gen(function* () {
      const { files, made } = yield* watched
      const events = [3, 1, 2].map((time) => event(time, time, 400_000))
      const order = yield* TimeOrder.sorted(Stream.fromIterable(events), { memory: 1_000 }).pipe(
        Stream.map(({ line, text }) => [line, text.length]),
        Stream.runCollect,
        Effect.provideService(FileSystem.FileSystem, files)
      )
      expect(Chunk.toReadonlyArray(order)).toEqual([1, 2, 3].map((time) => [time, 400_000]))
      const [directory = ""] = yield* made
      expect([directory === "", yield* files.exists(directory)]).toEqual([false, false])
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.scoped("what fits into memory never touches the disk; what was written is removed by an interruption", () =>
    Effect.gen(function* () {
      const { files, made } = yield* watched
      const small = TimeOrder.sorted(Stream.make(event(2, 0, 1), event(1, 1, 1)), { memory: 100 })
      yield* Stream.runDrain(small).pipe(Effect.provideService(FileSystem.FileSystem, files))
      expect(yield* made).toEqual([])
      const spilled = yield* Deferred.make<void>()
      const endless = Stream.concat(
        Stream.make(event(2, 0, 1_000)),
        Stream.fromEffect(Effect.zipRight(Deferred.succeed(spilled, undefined), Effect.never))
      )
      const fiber = yield* TimeOrder.sorted(endless, { memory: 10 }).pipe(
        Stream.runDrain,
        Effect.provideService(FileSystem.FileSystem, files),
        Effect.fork
      )
      yield* Deferred.await(spilled)
      const [directory = ""] = yield* made
      expect(yield* files.exists(directory)).toBe(true)
      yield* Fiber.interrupt(fiber)
      expect(yield* files.exists(directory)).toBe(false)
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )
})
