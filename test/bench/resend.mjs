/**
 * How fast events are sent again, and in how much memory: `genesys-replay resend` to a queue of the sandbox, over HTTP on this
 * machine, in whole processes. The sandbox takes a share of the same processors, so that the rate is the least that a real
 * queue would see. Before it, the dry run, whose numbers must be the same; and with `--kill` the run is killed half-way and
 * asked for again.
 *
 *   npm run resend -- [--events 1000000] [--size 1000] [--order file] [--kill]
 *
 * --size   bytes of an event, about.
 */
import { spawn } from "node:child_process"
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs"

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "1000000" },
    size: { type: "string", default: "1000" },
    order: { type: "string", default: "file" },
    kill: { type: "boolean", default: false }
  }
})
const [events, size] = [values.events, values.size].map(Number)
if (![events, size].every((value) => Number.isSafeInteger(value) && value > 0)) {
  throw new Error("--events and --size take whole numbers from 1 on")
}

const cli = fileURLToPath(new URL("../../apps/cli/bin/genesys-replay.js", import.meta.url))
if (!existsSync(join(cli, "../../dist/main.js"))) throw new Error("the command line is not bundled: npm run bundle")
const directory = mkdtempSync(join(tmpdir(), "genesys-replay-resend-"))
const log = join(directory, "captured.ndjson")

const topics = ["customer.start", "acd.start", "acd.end", "user.start", "user.end", "customer.end"]
const idOf = (kind, index) => `${kind}0000000-0000-4000-8000-${String(index).padStart(12, "0")}`
const eventOf = (index, pad) => {
  const conversationId = idOf("c", Math.floor(index / topics.length))
  const topic = topics[index % topics.length]
  // Of a day, a little out of order.
  const eventTime = 1_705_276_800_000 + Math.floor((index / events) * 86_400_000) + ((index * 7_919) % 5_000)
  return JSON.stringify({
    version: "0",
    id: idOf("e", index),
    "detail-type": `v2.detail.events.conversation.{id}.${topic}`,
    source: "aws.partner/genesys.com/cloud/org/bus",
    account: "123456789012",
    time: `${new Date(eventTime).toISOString().slice(0, 19)}Z`,
    region: "us-east-1",
    resources: [],
    detail: {
      topicName: `v2.detail.events.conversation.${conversationId}.${topic}`,
      version: "2",
      eventBody: { eventTime, conversationId, sessionId: idOf("a", index), mediaType: "VOICE", subject: pad },
      metadata: { CorrelationId: idOf("b", index) },
      timestamp: new Date(eventTime + 300).toISOString()
    }
  })
}

const pad = "x".repeat(Math.max(0, size - eventOf(0, "").length))
writeFileSync(log, "")
for (let from = 0; from < events; from += 10_000) {
  const lines = Array.from({ length: Math.min(10_000, events - from) }, (_, at) => `${eventOf(from + at, pad)}\n`)
  appendFileSync(log, lines.join(""))
}

const sandbox = spawn(
  process.execPath,
  ["--max-old-space-size=16000", cli, "sandbox", "--json", "--data", directory, "--rate-limit", "1000000000"],
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

const sqs = new SQSClient({
  endpoint: environment.AWS_ENDPOINT_URL,
  region: "us-east-1",
  credentials: { accessKeyId: environment.AWS_ACCESS_KEY_ID, secretAccessKey: environment.AWS_SECRET_ACCESS_KEY }
})
const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "consumer" }))
const waiting = async () => {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }))
  return Number(Attributes.ApproximateNumberOfMessages)
}

/** Runs it to its end, or until there are so many messages; what it said, how long it took, and the most memory that it had. */
const resend = (args, killAt = Number.POSITIVE_INFINITY) =>
  new Promise((resolve) => {
    const begun = performance.now()
    const child = spawn(
      process.execPath,
      [cli, "resend", log, "--to", QueueUrl, "--order", values.order, "--json", ...args],
      { env: { ...process.env, ...environment, XDG_STATE_HOME: directory }, stdio: ["ignore", "pipe", "inherit"] }
    )
    let out = ""
    let peak = 0
    child.stdout.on("data", (text) => {
      out += text
    })
    const look = setInterval(async () => {
      try {
        peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? peak)
      } catch {
        // It has ended, or this is no Linux.
      }
      if (Number.isFinite(killAt) && (await waiting()) >= killAt) child.kill("SIGKILL")
    }, 200)
    child.on("close", (code) => {
      clearInterval(look)
      const seconds = (performance.now() - begun) / 1_000
      resolve({ code, seconds, mebibytes: Math.round(peak / 1_024), told: out === "" ? undefined : JSON.parse(out) })
    })
  })

const show = (what, { mebibytes, seconds }, count) => {
  const rate = Math.round(count / seconds)
  console.log(`${what.padEnd(10)} ${seconds.toFixed(1).padStart(7)} s ${String(rate).padStart(8)}/s ${mebibytes} MiB`)
}

const problems = []
const dry = await resend(["--dry-run"])
show("dry run", dry, events)
if (dry.told?.chosen !== events) problems.push(`the dry run says ${dry.told?.chosen} events`)
let before = 0
if (values.kill) {
  const killed = await resend([], events / 2)
  before = await waiting()
  show("killed", killed, before)
}
const done = await resend([])
show("run", done, done.told?.acknowledged ?? 0)
const there = await waiting()
const chosen = (done.told?.before ?? 0) + (done.told?.acknowledged ?? 0)
if (done.code !== 0 || chosen !== dry.told?.chosen)
  problems.push(`the run says ${chosen} events, and ended with ${done.code}`)
console.log(`${there} messages, of ${events} events${values.kill ? `; ${before} when it was killed` : ""}`)
// At most eight requests of ten events were under way, each of which may have been tried four times without an answer.
const most = events + (values.kill ? 8 * 10 * 4 : 0)
if (there < events || there > most) problems.push(`${there} messages are in the queue`)
sandbox.kill()
rmSync(directory, { recursive: true })
for (const problem of problems) console.error(problem)
process.exitCode = problems.length === 0 ? 0 : 1
