/** Events in the order of their time, however many they are: sorted in memory as far as that goes, merged from a file beyond it. */
import { FileSystem } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import { WriteFailure } from "@genesys-replay/domain"
import { Chunk, Effect, Option, Scope, Stream } from "effect"
import { ResendFileFailed } from "./ResendError.js"
import type { ResendEvent } from "./ResendEvent.js"
import * as SortedRun from "./SortedRun.js"

/** How much is sorted in memory unless told: 64 MiB of envelopes. */
export const defaultMemory = 64 * 1_024 * 1_024

/** How events are sorted. */
export interface Options {
  /** Bytes of envelopes that are kept in memory; {@link defaultMemory}. */
  readonly memory?: number | undefined
  /** Told how many events there are, once all have come. */
  readonly onSorted?: ((count: number) => Effect.Effect<void>) | undefined
}

// Events that are written, and merged, at a time.
const portion = 1_024

const failed = (path: string) => (error: PlatformError) =>
  new ResendFileFailed({ path, purpose: "sorting", ...WriteFailure.of(error) })

// The file that runs are written to, made when the first one is, and for as long as the scope lives.
const makeSpool = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const scope = yield* Effect.scope
  return yield* Effect.cached(
    Effect.gen(function* () {
      const directory = yield* files.makeTempDirectoryScoped({ prefix: "genesys-replay-resend-" })
      const path = `${directory}/sorted`
      return { path, file: yield* files.open(path, { flag: "w+", mode: 0o600 }) }
    }).pipe(Effect.mapError(failed("the directory for temporary files")), Scope.extend(scope))
  )
})

/**
 * The events by event time; those that say none come last; those of one time in the order in which they came. Begins when the
 * last one has come. What is written to disk meanwhile is in a temporary file that only this user can read, and gone when the
 * stream has ended, or was interrupted.
 */
export const sorted = <E, R>(
  events: Stream.Stream<ResendEvent, E, R>,
  { memory = defaultMemory, onSorted = () => Effect.void }: Options = {}
): Stream.Stream<ResendEvent, E | ResendFileFailed, R | FileSystem.FileSystem> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const spool = yield* makeSpool
      const runs: Array<SortedRun.SortedRun> = []
      let waiting: Array<SortedRun.Placed> = []
      let bytes = 0
      let count = 0
      let size = 0

      const spill = Effect.gen(function* () {
        const { file, path } = yield* spool
        const run = waiting.sort(SortedRun.compare)
        const from = size
        waiting = []
        bytes = 0
        for (let at = 0; at < run.length; at += portion) {
          const encoded = SortedRun.encode(run.slice(at, at + portion))
          yield* Effect.mapError(file.writeAll(encoded), failed(path))
          size += encoded.length
        }
        runs.push(new SortedRun.SortedRun(from, size))
      })
      const take = (chunk: Chunk.Chunk<ResendEvent>) =>
        Effect.suspend(() => {
          for (const event of chunk) {
            waiting.push({ event, place: count++ })
            bytes += event.text.length
          }
          return bytes > memory ? spill : Effect.void
        })
      yield* Stream.runForEachChunk(events, take)
      yield* onSorted(count)
      if (runs.length === 0) {
        return Stream.fromIterable(waiting.sort(SortedRun.compare)).pipe(Stream.map(({ event }) => event))
      }
      yield* spill
      const { file, path } = yield* spool

      const advance = Effect.fnUntraced(function* (run: SortedRun.SortedRun) {
        while (!run.step()) yield* Effect.mapError(run.read(file), failed(path))
      })
      yield* Effect.forEach(runs, advance, { discard: true })
      const heap = new SortedRun.RunHeap(runs.filter(({ head }) => head !== undefined))
      const merge = Effect.gen(function* () {
        const merged: Array<ResendEvent> = []
        for (let run = heap.first(); run !== undefined && merged.length < portion; run = heap.first()) {
          if (run.head !== undefined) merged.push(run.head.event)
          if (!run.step()) yield* advance(run)
          heap.changed()
        }
        return Chunk.unsafeFromArray(merged)
      })
      return Stream.repeatEffectChunkOption(
        merge.pipe(
          Effect.mapError(Option.some),
          Effect.filterOrFail(Chunk.isNonEmpty, () => Option.none())
        )
      )
    })
  )
