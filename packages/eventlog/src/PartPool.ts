/** Parts of files, read by all processors: this thread and others take the next one until there is none. */
import { existsSync } from "node:fs"
import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import { Worker } from "node:worker_threads"
import { Context, Effect, Option, type Scope } from "effect"
import * as Kernel from "./Kernel.js"
import { type LogPart, type PartOptions, type PartRead, PartReader, restore } from "./LogPart.js"
import type { PartDone, Work } from "./LogWorker.js"

/** How files are read. */
export interface Threads {
  /** The script that the other threads run; undefined where there are none. */
  readonly script: URL | undefined
  /** How many threads there are, this one included. */
  readonly count: number
  /** Files of fewer bytes, taken together, are not worth starting a thread. */
  readonly worthwhile: number
  /** No file is cut into parts smaller than this. */
  readonly smallestPart: number
}

const script = new URL("./LogWorker.js", import.meta.url)

const standard = (): Threads => {
  // Where only the sources are there is no script.
  const isThere = existsSync(fileURLToPath(script))
  return {
    script: isThere ? script : undefined,
    count: isThere ? Math.min(availableParallelism(), 16) : 1,
    worthwhile: 64 * 1_048_576,
    smallestPart: 16 * 1_048_576
  }
}

/** How files are read: by as many threads as there are processors, up to 16, by default. */
export class PartPool extends Context.Reference<PartPool>()("@genesys-replay/eventlog/PartPool", {
  defaultValue: standard
}) {}

/** A file that can be read in parts. */
export interface SplittableFile {
  readonly path: string
  readonly size: number
  /** Whether it can be cut at line feeds. */
  readonly isLines: boolean
}

/** Cuts files into parts: large ones first, small ones at the end, so that all threads finish at the same time. */
export const split = (
  files: ReadonlyArray<SplittableFile>,
  threads: Threads
): ReadonlyArray<ReadonlyArray<LogPart>> => {
  let rest = files.reduce((sum, { size }) => sum + size, 0)
  const mayCut = threads.count > 1 && rest >= threads.worthwhile
  return files.map(({ isLines, path, size }) => {
    const parts: Array<LogPart> = []
    let from = 0
    while (mayCut && isLines) {
      const length = Math.max(threads.smallestPart, Math.floor(rest / (2 * threads.count)))
      if (size - from < length + threads.smallestPart) break
      parts.push({ path, from, to: from + length, size })
      from += length
      rest -= length
    }
    // The last part goes to the end, wherever that is by then.
    parts.push({ path, from, to: Number.POSITIVE_INFINITY, size })
    rest -= size - from
    return parts
  })
}

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
  readonly finished: Effect.Effect<void>
}

const startThread = (source: URL, work: Work, reads: Map<number, PartRead>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const worker = new Worker(source, { workerData: work, execArgv: [], env: {}, stdin: false })
      const ended = new Promise<void>((resolve) => {
        worker.on("message", ({ part, read }: PartDone) => reads.set(part, restore(read)))
        // What a thread that failed has not read is read here.
        worker.on("error", () => resolve())
        worker.on("exit", () => resolve())
      })
      return { worker, ended }
    }),
    ({ worker }) => Effect.promise(() => worker.terminate())
  )

const startOthers = (parts: ReadonlyArray<LogPart>, options: PartOptions, shared: Int32Array, threads: Threads) =>
  Effect.gen(function* () {
    const reads = new Map<number, PartRead>()
    const size = parts.reduce((sum, { from, size, to }) => sum + Math.min(size, to) - from, 0)
    const source = size < threads.worthwhile ? undefined : threads.script
    const count = source === undefined ? 0 : Math.min(threads.count, parts.length) - 1
    const work: Work = { kernel: Kernel.module(), parts, options, shared }
    const ended = yield* Effect.forEach(
      Array.from({ length: count }, () => source).filter((one) => one !== undefined),
      (one) => Effect.map(startThread(one, work, reads), ({ ended }) => ended)
    )
    const others: Others = { reads, finished: Effect.promise(() => Promise.all(ended)) }
    return others
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
  const shared = new Int32Array(new SharedArrayBuffer(8))
  const others = yield* startOthers(parts, options, shared, threads)
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
