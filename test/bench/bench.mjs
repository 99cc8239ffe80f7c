/**
 * Completeness of a large log, answered by genesys-replay, by DuckDB and by a JSON.parse loop, beside `wc -l`, which only counts
 * lines. Whole processes, in turn, the log in the page cache; checks that all give the same answer.
 *
 *   npm run bench -- [--events 1500000] [--runs 5] [--directory .data]
 */
import { spawnSync } from "node:child_process"
import { existsSync, rmSync, statfsSync, statSync } from "node:fs"
import { cpus, totalmem } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { generate } from "./generate.mjs"

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const { values } = parseArgs({
  options: {
    events: { type: "string", default: "1500000" },
    runs: { type: "string", default: "5" },
    directory: { type: "string", default: here(".data") }
  }
})
const events = Number(values.events)
const runs = Number(values.runs)
if (!Number.isSafeInteger(events) || events < 10_000) throw new Error("--events takes a whole number from 10000 on")
if (!Number.isSafeInteger(runs) || runs < 1) throw new Error("--runs takes a whole number from 1 on")

const cli = here("../../apps/cli/bin/genesys-replay.js")
if (!existsSync(join(dirname(cli), "../dist/main.js")))
  throw new Error("the command line is not bundled: npm run bundle")

const ordered = join(values.directory, `${events}-ordered.ndjson`)
const shuffled = join(values.directory, `${events}-shuffled.ndjson`)
const packed = `${ordered}.gz`
for (const [path, isShuffled] of [
  [ordered, false],
  [shuffled, true]
]) {
  if (existsSync(path)) continue
  const { bavail, bsize } = statfsSync(existsSync(values.directory) ? values.directory : here("."))
  if (bavail * bsize < events * 3_000) throw new Error(`not enough room for the logs in ${values.directory}`)
  console.error(`writing ${path}`)
  generate(path, { events, shuffled: isShuffled })
}
if (!existsSync(packed)) {
  console.error(`writing ${packed}`)
  if (spawnSync("sh", ["-c", 'gzip -6 -c "$0" > "$1.part" && mv "$1.part" "$1"', ordered, packed]).status !== 0) {
    rmSync(`${packed}.part`, { force: true })
    throw new Error("gzip failed")
  }
}

const node = process.execPath
const groupsOf = (output) => {
  const { groups } = JSON.parse(output)
  return JSON.stringify(groups.map(({ gapCount, group, observed, unique }) => [group, observed, unique, gapCount]))
}
const verify = (path) => ({ command: [node, cli, "verify", "--json", path], answer: groupsOf, codes: [0, 3] })
const script = (name, path) => ({ command: [node, here(name), path], answer: (output) => output.trim(), codes: [0] })
const plain = (...command) => ({ command, answer: () => undefined, codes: [0] })

const cases = [
  { name: "genesys-replay verify", ...verify(ordered) },
  { name: "DuckDB", ...script("duckdb.mjs", ordered) },
  { name: "wc -l", ...plain("wc", "-l", ordered) },
  { name: "JSON.parse loop", once: true, ...script("parse.mjs", ordered) },
  { name: "genesys-replay verify, shuffled", ...verify(shuffled) },
  { name: "genesys-replay verify, gzip", ...verify(packed) },
  { name: "gunzip -c", ...plain("gunzip", "-c", packed) }
]

/** Wall and processor seconds and peak memory of one run, as GNU time tells them where it is installed. */
const timed = existsSync("/usr/bin/time")
const run = ({ answer, codes, command, name }) => {
  const words = timed ? ["/usr/bin/time", "-q", "-f", "\n%U %S %M", ...command] : command
  const started = process.hrtime.bigint()
  const discards = command[0] === "gunzip"
  const { status, stderr, stdout } = spawnSync(words[0], words.slice(1), {
    encoding: "utf8",
    stdio: ["ignore", discards ? "ignore" : "pipe", "pipe"],
    maxBuffer: 2 ** 26
  })
  const seconds = Number(process.hrtime.bigint() - started) / 1e9
  if (!codes.includes(status)) throw new Error(`${name} ended with ${status}: ${stderr}`)
  const [user, system, peak] = timed ? stderr.trim().split("\n").at(-1).split(" ").map(Number) : []
  return { seconds, cpu: timed ? user + system : undefined, peak, answer: answer(stdout ?? "") }
}

const median = (numbers) => numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)]

const results = cases.map(() => [])
for (let round = 0; round <= runs; round++) {
  for (const [at, one] of cases.entries()) {
    if (one.once && round > 0) continue
    const result = run(one)
    // The first round warms the caches.
    if (round > 0 || one.once) results[at].push(result)
  }
  console.error(round === 0 ? "warm" : `round ${round} of ${runs}`)
}

const answers = new Set(results.flat().flatMap(({ answer }) => (answer === undefined ? [] : [answer])))
const gigabytes = (path) => (statSync(path).size / 1e9).toFixed(2)
const cpu = cpus()[0]?.model.trim() ?? "unknown"
const ours = median(results[0].map(({ seconds }) => seconds))
const shown = (value, digits, unit) =>
  value === undefined || Number.isNaN(value) ? "" : `${value.toFixed(digits)} ${unit}`
const rows = cases.map(({ name }, at) => {
  const seconds = median(results[at].map(({ seconds }) => seconds))
  return [
    name,
    shown(seconds, 2, "s"),
    shown(median(results[at].map(({ cpu }) => cpu)), 2, "s"),
    shown(median(results[at].map(({ peak }) => peak)) / 1_024, 0, "MiB"),
    shown(seconds / ours, 2, "x")
  ]
})
console.log(
  `${events} events, ${gigabytes(ordered)} GB, gzip ${gigabytes(packed)} GB; ${cpus().length} x ${cpu}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.versions.node}; medians of ${runs} runs\n`
)
const table = [["", "time", "processor", "peak memory", "time / ours"], ...rows]
const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)))
const line = (row) =>
  `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join(" | ")} |`
console.log(line(table[0]))
console.log(
  `| ${widths.map((width, at) => (at === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`
)
for (const row of rows) console.log(line(row))
if (answers.size !== 1) {
  console.error(`\nthe answers differ:\n${[...answers].join("\n")}`)
  process.exitCode = 1
} else console.log(`\nall give the same answer: ${[...answers][0]}`)
