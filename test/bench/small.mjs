/**
 * The same events as many small gzip files, as a prefix of S3 has them, and as one gzip stream. Whole processes, in turn, the files
 * in the page cache; checks that both give the same answer.
 *
 *   npm run small -- [--files 4000] [--events 25] [--runs 5]
 */
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { gzipSync } from "node:zlib"

const { values } = parseArgs({
  options: {
    files: { type: "string", default: "4000" },
    events: { type: "string", default: "25" },
    runs: { type: "string", default: "5" }
  }
})
const [files, events, runs] = [values.files, values.events, values.runs].map(Number)
if (![files, events, runs].every((value) => Number.isSafeInteger(value) && value > 0)) {
  throw new Error("--files, --events and --runs take whole numbers from 1 on")
}

const cli = fileURLToPath(new URL("../../apps/cli/bin/genesys-replay.js", import.meta.url))
const directory = mkdtempSync(join(tmpdir(), "genesys-replay-small-"))
const eventOf = (index) =>
  JSON.stringify({
    version: "0",
    id: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
    "detail-type": "v2.detail.events.conversation.{id}.acd.start",
    source: "aws.partner/genesys.com/cloud/org/bus",
    time: new Date(1_705_305_600_000 + index * 1_000).toISOString(),
    "replay-name": "outage",
    detail: { sequenceIndex: index, eventBody: { conversationId: `c-${index % 997}`, mediaType: "VOICE" } }
  })

const whole = []
mkdirSync(join(directory, "prefix"))
for (let file = 0; file < files; file++) {
  const lines = Array.from({ length: events }, (_, line) => `${eventOf(file * events + line + 1)}\n`).join("")
  whole.push(lines)
  writeFileSync(join(directory, "prefix", `${String(file).padStart(6, "0")}.gz`), gzipSync(lines))
}
writeFileSync(join(directory, "stream.gz"), gzipSync(whole.join("")))

const median = (figures) => [...figures].sort((one, other) => one - other)[Math.floor(figures.length / 2)]
const cases = [
  { name: `${files} files`, path: join(directory, "prefix"), wall: [], processor: [] },
  { name: "one stream", path: join(directory, "stream.gz"), wall: [], processor: [] }
]

try {
  for (let run = 0; run < runs; run++) {
    for (const one of cases) {
      const started = performance.now()
      const timed = spawnSync("sh", ["-c", '"$0" "$@" && times', process.execPath, cli, "verify", "--json", one.path], {
        encoding: "utf8",
        maxBuffer: 2 ** 26
      })
      if (timed.status !== 0) throw new Error(`${one.name}: exit code ${timed.status}\n${timed.stderr}`)
      one.wall.push((performance.now() - started) / 1_000)
      // The last line of times(1) is that of the children: minutes and seconds of user and of system time.
      const [user, system] = timed.stdout
        .trim()
        .split("\n")
        .at(-1)
        .split(" ")
        .map((text) => {
          const [, minutes, seconds] = /(\d+)m([\d.]+)s/.exec(text)
          return Number(minutes) * 60 + Number(seconds)
        })
      one.processor.push(user + system)
      const document = JSON.parse(timed.stdout.slice(0, timed.stdout.lastIndexOf("}") + 1))
      const { observed, unique } = document.groups[0]
      if (observed !== files * events || unique !== observed) throw new Error(`${one.name}: ${observed} of ${unique}`)
    }
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}

const stream = cases[1]
console.log("                     wall      processor   of one stream")
for (const { name, processor, wall } of cases) {
  const ratio = (median(wall) / median(stream.wall)).toFixed(2)
  console.log(
    `${name.padEnd(16)} ${median(wall).toFixed(2).padStart(6)} s ${median(processor).toFixed(2).padStart(12)} s ${ratio.padStart(12)}`
  )
}
