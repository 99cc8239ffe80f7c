/** The long runner: many seeds on all cores, what they exercised, and how to replay the ones that fail. */
import { availableParallelism } from "node:os"
import { parseArgs } from "node:util"
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads"
import { Predicate } from "effect"
import * as Report from "./Report.js"
import * as Simulation from "./Simulation.js"

/** What a thread tells of a run. */
type Told = Pick<Simulation.Outcome, "seed" | "wrongs" | "elapsed"> & {
  readonly lines: ReadonlyArray<string>
  readonly counts: ReadonlyArray<readonly [string, number]>
}

const isTold = (value: unknown): value is Told => Predicate.hasProperty(value, "seed")

// Which seeds a thread runs, and what of.
interface Share {
  readonly first: number
  readonly end: number
  readonly step: number
  readonly heal: boolean
}

const playOf = (heal: boolean) => (heal ? Simulation.heal : Simulation.windows)

const runAll = async ({ end, first, heal, step }: Share, tell: (told: Told) => void) => {
  for (let seed = first; seed < end; seed += step) {
    const { counts, elapsed, lines, wrongs } = await Simulation.run(seed, playOf(heal))
    tell({ seed, wrongs, elapsed, lines: wrongs.length === 0 ? [] : Report.tail(lines), counts: [...counts] })
  }
}

const share = (bundle: string, workerData: Share, tell: (told: Told) => void) =>
  new Promise<void>((resolve, reject) => {
    const worker = new Worker(bundle, {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: 96 }
    })
    worker.on("message", (told: unknown) => {
      if (isTold(told)) tell(told)
    })
    worker.on("error", reject)
    worker.on("exit", () => resolve())
  })

const verbose = async (seed: number, heal: boolean): Promise<number> => {
  const { lines, scenario, wrongs } = await Simulation.run(seed, playOf(heal))
  console.log([JSON.stringify(scenario, null, 2), ...lines, ...wrongs.map((wrong) => `WRONG: ${wrong}`)].join("\n"))
  return wrongs.length === 0 ? 0 : 1
}

/** Runs what the arguments ask for; the exit code. `bundle` is this program as one file. */
export const main = async (args: ReadonlyArray<string>, bundle: string): Promise<number> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: "string" },
      seed: { type: "string" },
      heal: { type: "boolean", default: false },
      verbose: { type: "boolean", default: false }
    }
  })
  const first = Number(values.seed ?? 1)
  const count = Number(values.seeds ?? (values.seed === undefined ? 100 : 1))
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(count)) {
    console.error("usage: npm run simulate -- --seeds N [--seed S] [--heal] [--verbose]")
    return 2
  }
  if (values.verbose && count === 1) return verbose(first, values.heal)
  const totals = new Map<string, number>()
  const failed: Array<number> = []
  let [done, virtual] = [0, 0]
  const begun = performance.now()
  const tell = ({ counts, elapsed, lines, seed, wrongs }: Told) => {
    done += 1
    virtual += elapsed
    for (const [what, times] of counts) totals.set(what, (totals.get(what) ?? 0) + times)
    if (wrongs.length > 0) {
      failed.push(seed)
      console.log(Report.failure({ seed, wrongs, lines }, values.heal))
    }
    if (done % 50 === 0) {
      const seconds = (performance.now() - begun) / 1_000
      console.error(`${done} of ${count} seeds in ${seconds.toFixed(0)} s, ${failed.length} failed`)
    }
  }
  const threads = Math.min(count, availableParallelism())
  await Promise.all(
    Array.from({ length: threads }, (_, index) =>
      share(bundle, { first: first + index, end: first + count, step: threads, heal: values.heal }, tell)
    )
  )
  console.log(Report.summary(totals))
  console.log(`${done} seeds, ${(virtual / 3_600_000).toFixed(1)} hours of virtual time, ${failed.length} failed`)
  return failed.length === 0 && done === count ? 0 : 1
}

const isShare = (value: unknown): value is Share =>
  Predicate.hasProperty(value, "first") && Predicate.hasProperty(value, "heal")

if (!isMainThread && isShare(workerData)) {
  await runAll(workerData, (told) => parentPort?.postMessage(told))
}
