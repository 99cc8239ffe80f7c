/**
 * A capture measured against a baseline, by genesys-replay and by DuckDB, which joins the two on five columns. Whole processes, in turn, the
 * files in the page cache; checks that both give the same counts for every topic.
 *
 *   npm run compare -- [--events 1500000] [--runs 5] [--memory 1GiB] [--alone] [--directory .data]
 */
import { spawnSync } from "node:child_process"
import { existsSync, statfsSync, statSync } from "node:fs"
import { cpus, totalmem } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { generateEvents } from "./events.mjs"

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const { values } = parseArgs({
  options: {
    events: { type: "string", default: "1500000" },
    runs: { type: "string", default: "5" },
    memory: { type: "string" },
    alone: { type: "boolean", default: false },
    directory: { type: "string", default: here(".data") },
    cli: { type: "string", default: here("../../apps/cli/bin/genesys-replay.js") }
  }
})
const events = Number(values.events)
const runs = Number(values.runs)
if (!Number.isSafeInteger(events) || events < 10_000) throw new Error("--events takes a whole number from 10000 on")
if (!Number.isSafeInteger(runs) || runs < 1) throw new Error("--runs takes a whole number from 1 on")
if (!existsSync(join(dirname(values.cli), "../dist/main.js")))
  throw new Error("the command line is not bundled: npm run bundle")

const baseline = join(values.directory, `${events}-baseline.ndjson`)
const capture = join(values.directory, `${events}-capture.ndjson`)
if (!existsSync(capture)) {
  const { bavail, bsize } = statfsSync(existsSync(values.directory) ? values.directory : here("."))
  if (bavail * bsize < events * 3_000) throw new Error(`not enough room for the captures in ${values.directory}`)
  console.error(`writing ${baseline} and ${capture}`)
  generateEvents(baseline, capture, { events })
}

const node = process.execPath
const countsOf = (output) =>
  JSON.stringify(
    JSON.parse(output).groups.map(({ expected, group, missing, unique }) => [group, expected, unique, missing])
  )
const memory = values.memory === undefined ? [] : ["--memory", values.memory]
const cases = [
  {
    name: "genesys-replay verify --against",
    command: [node, values.cli, "verify", "--json", ...memory, capture, "--against", baseline],
    answer: countsOf,
    codes: [0, 3]
  },
  ...(values.alone
    ? []
    : [
        {
          name: "DuckDB",
          command: [node, here("duckdb-join.mjs"), baseline, capture],
          answer: (output) => output.trim(),
          codes: [0]
        }
      ])
]

/** Wall and processor seconds and peak memory of one run, as GNU time tells them where it is installed. */
const timed = existsSync("/usr/bin/time")
const run = ({ answer, codes, command, name }) => {
  const words = timed ? ["/usr/bin/time", "-q", "-f", "\n%U %S %M", ...command] : command
  const started = process.hrtime.bigint()
  const { status, stderr, stdout } = spawnSync(words[0], words.slice(1), { encoding: "utf8", maxBuffer: 2 ** 26 })
  const seconds = Number(process.hrtime.bigint() - started) / 1e9
  if (!codes.includes(status)) throw new Error(`${name} ended with ${status}: ${stderr}`)
  const [user, system, peak] = timed ? stderr.trim().split("\n").at(-1).split(" ").map(Number) : []
  return { seconds, cpu: timed ? user + system : undefined, peak, answer: answer(stdout) }
}

const median = (numbers) => numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)]

const results = cases.map(() => [])
for (let round = 0; round <= runs; round++) {
  for (const [at, one] of cases.entries()) {
    const result = run(one)
    // The first round warms the caches.
    if (round > 0) results[at].push(result)
  }
  console.error(round === 0 ? "warm" : `round ${round} of ${runs}`)
}

const gigabytes = (path) => (statSync(path).size / 1e9).toFixed(2)
const ours = median(results[0].map(({ seconds }) => seconds))
const shown = (value, digits, unit) =>
  value === undefined || Number.isNaN(value) ? "" : `${value.toFixed(digits)} ${unit}`
console.log(
  `2 x ${events} events, ${gigabytes(baseline)} and ${gigabytes(capture)} GB; ${cpus().length} x ${cpus()[0]?.model.trim() ?? "unknown"}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.versions.node}; medians of ${runs} runs\n`
)
console.log("| | time | processor | peak memory | time / ours |")
console.log("| - | -: | -: | -: | -: |")
for (const [at, { name }] of cases.entries()) {
  const seconds = median(results[at].map(({ seconds }) => seconds))
  const cells = [
    shown(seconds, 2, "s"),
    shown(median(results[at].map(({ cpu }) => cpu)), 2, "s"),
    shown(median(results[at].map(({ peak }) => peak)) / 1_024, 0, "MiB"),
    shown(seconds / ours, 2, "x")
  ]
  console.log(`| ${[name, ...cells].join(" | ")} |`)
}
const answers = new Set(results.flat().map(({ answer }) => answer))
if (answers.size !== 1) {
  console.error(`\nthe answers differ:\n${[...answers].join("\n")}`)
  process.exitCode = 1
} else console.log("\nall give the same counts for every topic")
