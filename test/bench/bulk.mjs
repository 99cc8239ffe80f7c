/**
 * How fast many windows are submitted against the platform's rate limit: `genesys-replay apply` on a spec that is generated, over
 * HTTP against the sandbox, with a recorder between them. The least time is that of a limit which is used to the full: windows of
 * the limit begin with their first request, and all but the last one must pass.
 *
 *   npm run bulk -- [--windows 1000] [--limit 300] [--minute 60] [--concurrency 4] [--latency 0] [--wait]
 *
 * --minute   seconds that the sandbox's minute lasts. Its headers tell the reset in whole seconds, as the platform's do, so a minute
 *            that is much shorter has a worse ratio: for a short run rather take fewer windows.
 * --latency  milliseconds that every answer takes longer.
 * --wait     replays that were submitted are looked at meanwhile; ends when the last window was accepted.
 */
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer, request } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"

const { values } = parseArgs({
  options: {
    windows: { type: "string", default: "1000" },
    limit: { type: "string", default: "300" },
    minute: { type: "string", default: "60" },
    concurrency: { type: "string", default: "4" },
    latency: { type: "string", default: "0" },
    wait: { type: "boolean", default: false }
  }
})
const wholeNumber = (name, least) => {
  const number = Number(values[name])
  if (!Number.isSafeInteger(number) || number < least)
    throw new Error(`--${name} takes a whole number from ${least} on`)
  return number
}
const windows = wholeNumber("windows", 1)
const limit = wholeNumber("limit", 1)
const minute = wholeNumber("minute", 1)
const concurrency = wholeNumber("concurrency", 1)
const latency = wholeNumber("latency", 0)

const cli = fileURLToPath(new URL("../../apps/cli/bin/genesys-replay.js", import.meta.url))
if (!existsSync(join(cli, "../../dist/main.js"))) throw new Error("the command line is not bundled: npm run bundle")
const directory = mkdtempSync(join(tmpdir(), "genesys-replay-bulk-"))

const sandbox = spawn(
  process.execPath,
  [
    ...[cli, "sandbox", "--json", "--data", directory, "--seed", "bulk"],
    ...["--rate-limit", String(limit), "--rate-window", String(minute), "--slow", String(latency)]
  ],
  { stdio: ["ignore", "pipe", "inherit"] }
)
const environment = await new Promise((resolve, reject) => {
  let text = ""
  sandbox.once("exit", () => reject(new Error("the sandbox did not start")))
  createInterface(sandbox.stdout).on("line", (line) => {
    text += line
    try {
      resolve(JSON.parse(text))
    } catch {
      // More lines to come.
    }
  })
})
const platform = new URL(environment.GENESYS_ENV_URL)

/** Every request of the API, when it was answered, and how. */
const answers = []
let begun
let submitted = () => undefined
const recorder = createServer((incoming, outgoing) => {
  begun ??= performance.now()
  const forwarded = request(
    {
      host: platform.hostname,
      port: platform.port,
      method: incoming.method,
      path: incoming.url,
      headers: incoming.headers
    },
    (answer) => {
      answers.push({ at: performance.now(), method: incoming.method, status: answer.statusCode })
      outgoing.writeHead(answer.statusCode, answer.headers)
      answer.pipe(outgoing)
      if (accepted().length === windows) submitted()
    }
  )
  forwarded.on("error", () => outgoing.destroy())
  incoming.pipe(forwarded)
})
const accepted = () => answers.filter(({ method, status }) => method === "POST" && (status === 200 || status === 201))
await new Promise((resolve) => recorder.listen(0, "127.0.0.1", resolve))

const spec = join(directory, "spec.json")
writeFileSync(
  spec,
  JSON.stringify({
    provider: "genesys",
    retention: { "*": 7 },
    defaults: { destination: "arn:aws:events:us-east-1:123456789012:event-bus/bulk" },
    windows: Array.from({ length: windows }, (_, index) => ({
      name: `bulk-${index + 1}`,
      topics: [`genesys.bulk.number-${index + 1}`],
      start: "-1h"
    }))
  })
)

const started = performance.now()
const apply = spawn(
  process.execPath,
  [cli, "apply", spec, "--concurrency", String(concurrency), "--json", ...(values.wait ? ["--wait"] : [])],
  {
    env: {
      ...process.env,
      ...environment,
      GENESYS_ENV_URL: `http://127.0.0.1:${recorder.address().port}`,
      GENESYS_REPLAY_DATABASE_URL: `file:${join(directory, "state.db")}`
    },
    stdio: ["ignore", "pipe", "pipe"]
  }
)
let output = ""
let errors = ""
apply.stdout.on("data", (data) => {
  output += data
})
apply.stderr.on("data", (data) => {
  errors += data
})
if (values.wait) submitted = () => apply.kill("SIGINT")
const code = await new Promise((resolve) => apply.once("close", resolve))
const took = (performance.now() - started) / 1_000
sandbox.kill("SIGINT")
recorder.close()
recorder.closeAllConnections()
rmSync(directory, { recursive: true, force: true })

const all = accepted()
if (all.length !== windows) {
  console.error(errors.split("\n").slice(-20).join("\n"))
  throw new Error(`${all.length} of ${windows} windows were accepted; apply ended with ${code}`)
}
if (!values.wait) {
  const { created } = JSON.parse(output).summary
  if (created !== windows) throw new Error(`apply says that ${created} of ${windows} windows were created`)
}
const last = (Math.max(...all.map(({ at }) => at)) - begun) / 1_000
const least = (Math.ceil(windows / limit) - 1) * minute
const refused = answers.filter(({ status }) => status === 429).length
const rows = [
  ["least time", `${least} s`],
  ["last window accepted after", `${last.toFixed(2)} s`],
  ["ratio", least === 0 ? "no limit reached" : (last / least).toFixed(4)],
  ["requests", String(answers.length)],
  ["of them looks at replays", String(answers.filter(({ method }) => method === "GET").length)],
  ["answered 429", `${refused} (${((100 * refused) / answers.length).toFixed(2)} %)`],
  ["the whole command", `${took.toFixed(2)} s`]
]
console.log(
  `${windows} windows, ${limit} requests in ${minute} s, concurrency ${concurrency}, latency ${latency} ms${values.wait ? ", with looks" : ""}; Node ${process.versions.node}\n`
)
const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column].length)))
console.log(`| ${" ".repeat(widths[0])} | ${" ".repeat(widths[1])} |`)
console.log(`| ${"-".repeat(widths[0])} | ${"-".repeat(widths[1] - 1)}: |`)
for (const [name, figure] of rows) console.log(`| ${name.padEnd(widths[0])} | ${figure.padStart(widths[1])} |`)
if ((least > 0 && last > 1.05 * least) || refused > answers.length / 100) {
  console.error("\nslower than 1.05 times the least time, or more than 1 % of answers 429")
  process.exitCode = 1
}
