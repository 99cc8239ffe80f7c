/** Parts of files, read by all processors: this thread and others take the next one until there is none. */
import { Worker } from "node:worker_threads"
import { Context, Effect, Option, type Scope } from "effect"
import * as Kernel from "../scan/Kernel.js"
import { type LogPart, type PartOptions, type PartRead, PartReader, restore } from "./LogPart.js"
import type { PartDone, Work } from "./LogWorker.js"
import { standard, type Threads } from "./PartPlan.js"
import * as ReadAhead from "./ReadAhead.js"

export { type SplittableFile, smallFile, split, type Threads } from "./PartPlan.js"

const script = new URL("./LogWorker.js", import.meta.url)

/** How files are read: by as many threads as there are processors, up to 16, by default. */
export class PartPool extends Context.Reference<PartPool>()("@genesys-replay/eventlog/PartPool", {
  defaultValue: () => standard(script)
}) {}

/** Lets everything else have its turn: progress, signals, messages. */
export const breathe = Effect.async<void>((resume) => {
  const immediate = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(immediate))
})

/** Between two breaths. */
const stride = 16 * 1_048_576

/** The other threads at work; `finished` when none is any more. */
interface Others {
  readonly reads: Map<number, PartRead>
  /** See {@link Work}. */
  readonly shared: Int32Array
  readonly finished: Effect.Effect<void>
}

const startThread = (start: () => ReadAhead.Running, reads: Map<number, PartRead>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const { heard, isOver, worker } = start()
      const note = ({ part, read }: PartDone) => reads.set(part, restore(read))
      for (const done of heard) note(done)
      // In one step with what was heard and whether it is over, so that nothing is missed in between.
      worker.removeAllListeners()
      worker.ref()
      const ended = new Promise<void>((resolve) => {
        if (isOver) resolve()
        worker.on("message", note)
        // What a thread that failed has not read is read here.
        worker.on("error", () => resolve())
        worker.on("exit", () => resolve())
      })
      return { worker, ended: Effect.promise(() => ended) }
    }),
    ({ worker }) => Effect.promise(() => worker.terminate())
  )

const startOthers = (parts: ReadonlyArray<LogPart>, options: PartOptions, threads: Threads) =>
  Effect.gen(function* () {
    const reads = new Map<number, PartRead>()
    const size = parts.reduce((sum, { from, size, to }) => sum + Math.min(size, to) - from, 0)
    const source = size < threads.worthwhile ? undefined : threads.script
    const count = source === undefined ? 0 : Math.min(threads.count, parts.length) - 1
    // Whoever has begun with these very parts goes on with them.
    const begun = count > 0 ? ReadAhead.take(parts, options) : undefined
    const shared = begun?.shared ?? new Int32Array(new SharedArrayBuffer(8))
    const work: Work = { kernel: Kernel.module(), parts, options, shared }
    const fresh = (source: URL): (() => ReadAhead.Running) => {
      return () => ({
        worker: new Worker(source, { ...ReadAhead.isolated, workerData: work }),
        heard: [],
        isOver: false
      })
    }
    const others = begun === undefined ? count : count - 1
    const starts = [
      ...(begun === undefined ? [] : [() => begun.running]),
      ...Array.from({ length: others }, () => source).flatMap((one) => (one === undefined ? [] : [fresh(one)]))
    ]
    const ended = yield* Effect.forEach(starts, (start) => Effect.map(startThread(start, reads), ({ ended }) => ended))
    const running: Others = { reads, shared, finished: Effect.all(ended, { discard: true }) }
    return running
  })

/**
 * Reads all parts; what was found in each, in their order. A part that can't be read says why. `onBytes` is told now and then how many
 * bytes were read in all.
 */
export const read = Effect.fn("PartPool.read")(function* (
  parts: ReadonlyArray<LogPart>,
  options: PartOptions,
  onBytes: (bytes: number, part: LogPart) => Effect.Effect<void>
): Effect.fn.Return<ReadonlyArray<PartRead>, never, Scope.Scope> {
  const threads = yield* PartPool
  const others = yield* startOthers(parts, options, threads)
  const { shared } = others
  const reader = yield* Effect.acquireRelease(
    Effect.sync(() => new PartReader(options)),
    (reader) => Effect.sync(() => reader.release())
  )
  let own = 0
  const readOne = (part: LogPart) =>
    Effect.gen(function* () {
      reader.begin(part)
      while (reader.step(stride)) {
        yield* onBytes(own + reader.bytesRead + Atomics.load(shared, 1) * 1_024, part)
        yield* breathe
      }
      own += reader.bytesRead
      yield* onBytes(own + Atomics.load(shared, 1) * 1_024, part)
      return reader.result()
    })
  const reads = new Map<number, PartRead>()
  for (let number = Atomics.add(shared, 0, 1); number < parts.length; number = Atomics.add(shared, 0, 1)) {
    const part = parts[number]
    if (part !== undefined) reads.set(number, yield* readOne(part))
  }
  yield* others.finished
  return yield* Effect.forEach(parts, (part, number) =>
    Option.fromNullable(reads.get(number) ?? others.reads.get(number)).pipe(
      Option.match({ onNone: () => readOne(part), onSome: (found) => Effect.succeed(found) })
    )
  )
})
