/**
 * Reading that begins before the program has loaded itself: while one processor loads it, another already reads the log that it will
 * most probably be asked for. Loads neither Effect nor the reader. What was begun is only used where exactly the same is asked for.
 */
import { statSync } from "node:fs"
import { Worker } from "node:worker_threads"
import { envelope } from "../scan/EventRecord.js"
import type { Seed } from "../scan/Kernel.js"
import * as LogForm from "../source/LogForm.js"
import type { LogPart } from "./LogPart.js"
import type { PartDone } from "./LogWorker.js"
import * as PartPlan from "./PartPlan.js"
import type { PartTask } from "./PartTask.js"

/** How threads are started: with nothing of this process but what they are given. */
export const isolated = { execArgv: [], env: {}, stdin: false }

/** A thread that reads. */
export interface Running {
  readonly worker: Worker
  /** What it has said so far. */
  readonly heard: ReadonlyArray<PartDone>
  /** Whether it has ended already. */
  readonly isOver: boolean
}

/** A thread that reads already, and the counter that it takes parts by. */
export interface Begun {
  readonly shared: Int32Array
  readonly running: Running
}

interface Ahead {
  readonly parts: ReadonlyArray<LogPart>
  readonly task: PartTask
  readonly shared: Int32Array
  readonly worker: Worker
  readonly heard: Array<PartDone>
  isOver: boolean
}

let begun: Ahead | undefined

// Whoever reads it in earnest says why it can't be read; here that only means that nothing is begun.
const attempt = <A>(look: () => A, otherwise: A): A => {
  try {
    return look()
  } catch {
    return otherwise
  }
}

const isLines = (path: string): boolean => attempt(() => LogForm.ofFile(path) === "lines", false)

/** The size of the file at `path`; 0 where there is none, or none that can be looked at. */
export const sizeOf = (path: string): number =>
  attempt(() => {
    const info = statSync(path)
    return info.isFile() ? info.size : 0
  }, 0)

// Starts a thread that does `task` with the parts of these files; not where they are small, or not of lines.
const start = (
  script: URL,
  paths: ReadonlyArray<string>,
  threads: PartPlan.Threads,
  taskOf: (parts: ReadonlyArray<LogPart>) => PartTask
): void => {
  const files = paths.map((path) => ({ path, size: sizeOf(path), isLines: isLines(path) }))
  const size = files.reduce((sum, { size }) => sum + size, 0)
  if (threads.count < 2 || size < threads.worthwhile) return
  if (!files.every(({ isLines, size }) => isLines && size >= PartPlan.smallFile(threads))) return
  const parts = PartPlan.split(files, threads).flat()
  const task = taskOf(parts)
  const shared = new Int32Array(new SharedArrayBuffer(8))
  const worker = new Worker(script, { ...isolated, workerData: { parts, task, shared } })
  worker.unref()
  const ahead: Ahead = { parts, task, shared, worker, heard: [], isOver: false }
  // Nobody else listens yet. Without a listener for errors a thread that fails would end the process.
  worker.on("message", (done: PartDone) => ahead.heard.push(done))
  worker.on("error", () => undefined)
  worker.on("exit", () => {
    ahead.isOver = true
  })
  begun = ahead
}

/**
 * Begins to read the file at `path`, as `EventLog.observe` will by default, with a thread of `script` (the package's `LogWorker.js`).
 * Does nothing where the file is small, is not of lines, or can't be looked at. Keeps no process alive.
 */
export const begin = (script: URL, path: string): void =>
  start(script, [path], PartPlan.standard(script), (parts) => {
    const maxEdges = Math.floor(PartPlan.mostEdges / parts.length)
    return { _tag: "Sequence", options: { layout: envelope, maxRejected: PartPlan.mostRejected, maxEdges } }
  })

/** The same for files that `Comparison.compare` will read by default: every event, whatever its time, topic and conversation. */
export const beginComparison = (
  script: URL,
  { baseline, capture }: { readonly baseline: ReadonlyArray<string>; readonly capture: ReadonlyArray<string> }
): void =>
  start(
    script,
    [...baseline, ...capture],
    { ...PartPlan.standard(script), largestPart: PartPlan.largestPartOfEvents },
    () => {
      const [first = 0, second = 0, third = 0, fourth = 0] = crypto.getRandomValues(new Int32Array(4))
      return {
        _tag: "Identity",
        options: {
          layout: { key: undefined, seed: [first, second, third, fourth] },
          startMs: Number.NEGATIVE_INFINITY,
          endMs: Number.POSITIVE_INFINITY,
          topics: [],
          conversations: [],
          byEnvelope: false,
          maxRejected: PartPlan.mostRejected
        }
      }
    }
  )

/** The seed of the comparison that was begun: the one to go on with. Undefined where none was. */
export const seed = (): Seed | undefined =>
  begun?.task._tag === "Identity" ? begun.task.options.layout.seed : undefined

/** What was begun, if it is this. Anything else that was begun is given up. */
export const take = (parts: ReadonlyArray<LogPart>, task: PartTask): Begun | undefined => {
  const one = begun
  begun = undefined
  if (one === undefined) return undefined
  const same = JSON.stringify([one.parts, one.task]) === JSON.stringify([parts, task])
  if (!same) {
    void one.worker.terminate()
    return undefined
  }
  return { shared: one.shared, running: one }
}
