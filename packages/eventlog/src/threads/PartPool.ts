/** Parts of files, read by all processors: this thread and others take the next one until there is none. */
import { Worker } from "node:worker_threads"
import { Context, Effect, type Scope } from "effect"
import * as Kernel from "../scan/Kernel.js"
import type { LogPart } from "./LogPart.js"
import type { PartDone, Work } from "./LogWorker.js"
import { standard, type Threads } from "./PartPlan.js"
import { type PartFound, type PartTask, readerOf } from "./PartTask.js"
import * as ReadAhead from "./ReadAhead.js"

export { type SplittableFile, smallFile, split, type Threads } from "./PartPlan.js"

// Asked for when files are read: in a bundle of CommonJS a module has no URL, and then there are no other threads.
const script = (): URL | undefined => {
  const here: string | undefined = import.meta.url
  return here === undefined ? undefined : new URL("./LogWorker.js", here)
}

/** How files are read: by as many threads as there are processors, up to 16, by default. */
export class PartPool extends Context.Reference<PartPool>()("@genesys-replay/eventlog/PartPool", {
  defaultValue: () => standard(script())
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
  /** See {@link Work}. */
  readonly shared: Int32Array
  readonly finished: Effect.Effect<void>
}

const startThread = (start: () => ReadAhead.Running, note: (done: PartDone) => void) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const { heard, isOver, worker } = start()
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

const startOthers = (parts: ReadonlyArray<LogPart>, task: PartTask, threads: Threads, note: (done: PartDone) => void) =>
  Effect.gen(function* () {
    const size = parts.reduce((sum, { from, size, to }) => sum + Math.min(size, to) - from, 0)
    const source = size < threads.worthwhile ? undefined : threads.script
    const count = source === undefined ? 0 : Math.min(threads.count, parts.length) - 1
    // Whoever has begun with these very parts goes on with them.
    const begun = count > 0 ? ReadAhead.take(parts, task) : undefined
    const shared = begun?.shared ?? new Int32Array(new SharedArrayBuffer(8))
    const work: Work = { kernel: Kernel.module(), parts, task, shared }
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
    const ended = yield* Effect.forEach(starts, (start) => Effect.map(startThread(start, note), ({ ended }) => ended))
    const running: Others = { shared, finished: Effect.all(ended, { discard: true }) }
    return running
  })

/**
 * Does `task` with all parts. What was found in each, and the number of the part, is told as soon as it is known, in any order. A part that
 * can't be read says why. `onBytes` is told now and then how many bytes were read in all.
 */
export const read = Effect.fn("PartPool.read")(function* (
  parts: ReadonlyArray<LogPart>,
  task: PartTask,
  listener: {
    readonly found: (found: PartFound, part: number) => void
    readonly onBytes: (bytes: number, part: LogPart) => Effect.Effect<void>
  }
): Effect.fn.Return<void, never, Scope.Scope> {
  const threads = yield* PartPool
  const isFound = new Set<number>()
  const note = ({ found, part }: PartDone): void => {
    isFound.add(part)
    listener.found(found, part)
  }
  const { finished, shared } = yield* startOthers(parts, task, threads, note)
  const reader = yield* Effect.acquireRelease(
    Effect.sync(() => readerOf(task)),
    (reader) => Effect.sync(() => reader.release())
  )
  let own = 0
  const readOne = (part: LogPart, number: number) =>
    Effect.gen(function* () {
      reader.begin(part)
      while (reader.step(stride)) {
        yield* listener.onBytes(own + reader.bytesRead + Atomics.load(shared, 1) * 1_024, part)
        yield* breathe
      }
      own += reader.bytesRead
      yield* listener.onBytes(own + Atomics.load(shared, 1) * 1_024, part)
      note({ part: number, found: reader.found() })
    })
  for (let number = Atomics.add(shared, 0, 1); number < parts.length; number = Atomics.add(shared, 0, 1)) {
    const part = parts[number]
    if (part !== undefined) yield* readOne(part, number)
  }
  yield* finished
  // What a thread has taken and not given back.
  for (const [number, part] of parts.entries()) if (!isFound.has(number)) yield* readOne(part, number)
})
