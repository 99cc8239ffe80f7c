/** The other threads: each takes the next part that nobody has taken, until there is none. Loads neither Effect nor the rest. */
import { parentPort, workerData } from "node:worker_threads"
import { type KernelModule, useModule } from "../scan/Kernel.js"
import type { LogPart } from "./LogPart.js"
import { type PartFound, type PartTask, readerOf, transferOf } from "./PartTask.js"

/** What a thread is given. */
export interface Work {
  /** Its code, where somebody has it compiled. */
  readonly kernel?: KernelModule
  readonly parts: ReadonlyArray<LogPart>
  readonly task: PartTask
  /** The number of the next part, then KiB read by all threads. */
  readonly shared: Int32Array
}

/** What it gives back for each part. */
export interface PartDone {
  readonly part: number
  readonly found: PartFound
}

const work = ({ kernel, parts, shared, task }: Work, done: (done: PartDone) => void): void => {
  if (kernel !== undefined) useModule(kernel)
  const reader = readerOf(task)
  for (;;) {
    const number = Atomics.add(shared, 0, 1)
    const part = parts[number]
    if (part === undefined) return
    reader.begin(part)
    let told = 0
    while (reader.step(8_388_608)) {
      const read = Math.floor(reader.bytesRead / 1_024)
      Atomics.add(shared, 1, read - told)
      told = read
    }
    Atomics.add(shared, 1, Math.floor(reader.bytesRead / 1_024) - told)
    done({ part: number, found: reader.found() })
  }
}

if (parentPort !== null) {
  const given: Work = workerData
  const port = parentPort
  work(given, (done) => port.postMessage(done, transferOf(done.found)))
}
