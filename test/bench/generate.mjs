/**
 * Writes a log of captured events, the same bytes for the same options: envelopes of three topics, about 950 bytes each, of one
 * replay. Some indices are missing, some events came twice.
 */
import { closeSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs"
import { dirname } from "node:path"
import { randomFrom } from "./random.mjs"

const hex = Array.from({ length: 65_536 }, (_, value) => value.toString(16).padStart(4, "0"))
const words = [
  "thanks",
  "for",
  "calling",
  "customer",
  "asked",
  "about",
  "invoice",
  "transferred",
  "to",
  "billing",
  "queue",
  "agent",
  "no answer",
  "callback",
  "requested",
  "on",
  "Monday",
  'said \\"later\\"',
  "größer",
  "€",
  "order",
  "refund",
  "line 1\\nline 2"
]
const names = ["inbound", "outbound"]
const states = ["connected", "alerting", "disconnected", "contacting", "none"]

/** The indices of the log in the order of its lines: `events` of them from 1 on, less the gaps, with the events that came twice. */
const indicesOf = ({ events, shuffled }) => {
  const random = randomFrom(7)
  const gaps = Array.from({ length: 12 }, () => {
    const start = 2 + (random() % (events - 2_000))
    return [start, start + (random() % 1_000)]
  })
  const isMissing = (index) => gaps.some(([start, end]) => index >= start && index <= end)
  const indices = new Uint32Array(events + Math.ceil(events / 1_000))
  let count = 0
  for (let index = 1; index <= events; index++) {
    if (isMissing(index)) continue
    indices[count++] = index
    if (index % 1_000 === 0) indices[count++] = index
  }
  const order = indices.subarray(0, count)
  if (shuffled) {
    for (let at = count - 1; at > 0; at--) {
      const other = Math.floor((random() / 4_294_967_296) * (at + 1))
      const index = order[at]
      order[at] = order[other]
      order[other] = index
    }
  }
  return order
}

const two = (value) => (value < 10 ? `0${value}` : `${value}`)

/** Writes the log to `path`; the number of its lines. */
export const generate = (path, options) => {
  const random = randomFrom(42)
  const uuid = () => {
    const [a, b, c, d] = [random(), random(), random(), random()]
    return `${hex[a >>> 16]}${hex[a & 65_535]}-${hex[b >>> 16]}-4${hex[b & 65_535].slice(1)}-a${hex[c >>> 16].slice(1)}-${hex[c & 65_535]}${hex[d >>> 16]}${hex[d & 65_535]}`
  }
  const time = (index, millis) => {
    const seconds = Math.floor(index / 40)
    const clock = `2024-01-${two(15 + (Math.floor(seconds / 86_400) % 16))}T${two(Math.floor(seconds / 3_600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
    return millis ? `${clock}.${String(100 + (random() % 900))}Z` : `${clock}Z`
  }
  const body = [
    () =>
      `{"id":"${uuid()}","participants":[{"id":"${uuid()}","purpose":"customer","address":"tel:+1317${1_000_000 + (random() % 9_000_000)}","calls":[{"id":"${uuid()}","state":"${states[random() % 5]}","recording":${random() % 2 === 0},"muted":false,"held":false,"direction":"${names[random() % 2]}","provider":"Edge","durationMs":${random() % 900_000}}]}],"note":"${words[random() % 23]} ${words[random() % 23]} ${words[random() % 23]}"}`,
    () =>
      `{"id":"${uuid()}","participants":[{"id":"${uuid()}","purpose":"agent","userId":"${uuid()}","messages":[{"id":"${uuid()}","state":"${states[random() % 5]}","type":"webmessaging","mediaCount":${random() % 4},"held":false,"segments":${random() % 30}}]}],"text":"${words[random() % 23]} ${words[random() % 23]} ${words[random() % 23]} ${words[random() % 23]} ${words[random() % 23]}","score":${(random() % 1_000) / 1_000}}`,
    () =>
      `{"id":"${uuid()}","queueId":"${uuid()}","wrapup":${random() % 2 === 0 ? "null" : `{"code":"${uuid()}","name":"${words[random() % 23]}","durationSeconds":${random() % 600}}`},"divisionId":"${uuid()}","attributes":{"language":"en-US","skill":"${words[random() % 23]}","priority":${random() % 10},"score":${(random() % 10_000) / 100}},"conversationId":"${uuid()}"}`
  ]
  const topics = ["conversations.call", "conversations.message", "routing.queues.conversations"]
  const indices = indicesOf(options)
  mkdirSync(dirname(path), { recursive: true })
  const file = openSync(`${path}.part`, "w")
  let lines = ""
  for (const index of indices) {
    const topic = random() % 3
    const name = topics[topic]
    lines += `{"version":"0","id":"${uuid()}","detail-type":"v2.${name}.{id}","source":"aws.partner/genesys.com/cloud/${"5d7c2f3e-7e3f-4a59-9b0f-1c2d3e4f5a6b"}/gen-cx-events","account":"123456789012","time":"${time(index, false)}","region":"us-east-1","resources":[],"replay-name":"outage-2024-01-15","detail":{"topicName":"v2.${name}.${uuid()}","version":"1","timestamp":"${time(index, true)}","sequenceIndex":${index},"eventBody":${body[topic]()},"metadata":{"CorrelationId":"${uuid()}"}}}\n`
    if (lines.length > 1_048_576) {
      writeSync(file, lines)
      lines = ""
    }
  }
  writeSync(file, lines)
  closeSync(file)
  renameSync(`${path}.part`, path)
  return indices.length
}
