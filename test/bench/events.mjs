/**
 * Writes two captures of events in the shape of real ones, the same bytes for the same options: a baseline, and what came of it. Of the
 * baseline some events are missing (two stretches of time, and some here and there); some came twice; each came with another id, marked as
 * replayed, in another order within some thousands.
 */
import { closeSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs"
import { dirname } from "node:path"
import { randomFrom } from "./random.mjs"

const hex = Array.from({ length: 65_536 }, (_, value) => value.toString(16).padStart(4, "0"))
const startMs = Date.UTC(2025, 10, 10)
const words = [
  "thanks",
  "invoice",
  "billing",
  "callback",
  'said \\"later\\"',
  "größer",
  "€ 12",
  "line 1\\nline 2",
  "order",
  "refund"
]

const uuidFrom = (random) => () => {
  const [a, b, c, d] = [random(), random(), random(), random()]
  return `${hex[a >>> 16]}${hex[a & 65_535]}-${hex[b >>> 16]}-4${hex[b & 65_535].slice(1)}-a${hex[c >>> 16].slice(1)}-${hex[c & 65_535]}${hex[d >>> 16]}${hex[d & 65_535]}`
}

const topics = [
  "customer.start",
  "flow.start",
  "flow.outcome",
  "flow.end",
  "acd.start",
  "acd.end",
  "user.start",
  "user.end",
  "acw",
  "customer.end",
  "attributes",
  "wrapup"
]

/** What each topic adds to the common fields. */
const bodies = (random, uuid) => {
  const pick = (list) => list[random() % list.length]
  const queue = Array.from({ length: 40 }, uuid)
  const user = Array.from({ length: 400 }, uuid)
  const division = Array.from({ length: 5 }, uuid)
  const flow = Array.from({ length: 20 }, uuid)
  return {
    "customer.start": () => `,"externalContactId":"${uuid()}","divisionId":"${pick(division)}"`,
    "customer.end": () =>
      `,"externalContactId":"${uuid()}","divisionId":"${pick(division)}","disconnectType":"PEER","interactingDurationMs":${random() % 900_000}`,
    "flow.start": () =>
      `,"flowType":"INBOUNDCALL","flowId":"${pick(flow)}","divisionId":"${pick(division)}","flowVersion":"12.0"`,
    "flow.end": () =>
      `,"flowType":"INBOUNDCALL","flowId":"${pick(flow)}","divisionId":"${pick(division)}","flowVersion":"12.0","disconnectType":"TRANSFER","connectedDurationMs":${random() % 90_000},"exitReason":"TRANSFER","transferType":"ACD"`,
    "flow.outcome": () =>
      `,"flowType":"INBOUNDCALL","flowId":"${pick(flow)}","flowVersion":"12.0","divisionId":"${pick(division)}","flowOutcomeId":"${uuid()}","flowOutcomeValue":"SUCCESS","flowMilestones":[]`,
    "acd.start": () =>
      `,"queueId":"${pick(queue)}","divisionId":"${pick(division)}","routingPriority":0,"requestedRoutingSkillIds":["${uuid()}","${uuid()}"]`,
    "acd.end": () =>
      `,"disconnectType":"TRANSFER","queueId":"${pick(queue)}","divisionId":"${pick(division)}","acdOutcome":"ANSWERED","answeredUserId":"${pick(user)}","requestedRoutings":["STANDARD"],"usedRouting":"STANDARD","routingPriority":0,"connectedDurationMs":${random() % 90_000},"flowType":"inqueuecall"`,
    "user.start": () => `,"userId":"${pick(user)}","divisionId":"${pick(division)}","queueId":"${pick(queue)}"`,
    "user.end": () =>
      `,"userId":"${pick(user)}","queueId":"${pick(queue)}","divisionId":"${pick(division)}","disconnectType":"PEER","interactingDurationMs":${random() % 900_000},"heldDurationMs":${random() % 9_000},"alertingDurationMs":${random() % 9_000},"contactingDurationMs":0,"dialingDurationMs":0,"callbackDurationMs":0`,
    acw: () =>
      `,"userId":"${pick(user)}","queueId":"${pick(queue)}","wrapupCode":"${uuid()}","wrapupNotes":"${pick(words)} ${pick(words)} ${pick(words)}","wrapupDurationMs":${random() % 60_000}`,
    wrapup: () =>
      `,"queueId":"${pick(queue)}","wrapupCode":"${uuid()}","wrapupNotes":"${pick(words)} ${pick(words)}","wrapupDurationMs":${random() % 60_000}`,
    attributes: () =>
      `,"communications":[{"id":"${uuid()}","mediaType":"VOICE"}],"attributes":{"language":"en-US","score":${(random() % 10_000) / 100},"note":"${pick(words)}","vip":${random() % 2 === 0}}`
  }
}

const bytesAtOnce = 1_048_576

const writer = (path) => {
  mkdirSync(dirname(path), { recursive: true })
  const file = openSync(`${path}.part`, "w")
  let text = ""
  return {
    line: (line) => {
      text += line
      text += "\n"
      if (text.length < bytesAtOnce) return
      writeSync(file, text)
      text = ""
    },
    end: () => {
      writeSync(file, text)
      closeSync(file)
      renameSync(`${path}.part`, path)
    }
  }
}

/** Writes `events` events to `baseline`, and what came of them to `capture`. */
export const generateEvents = (baseline, capture, { events }) => {
  const random = randomFrom(11)
  const uuid = uuidFrom(random)
  const body = bodies(random, uuid)
  const source = `aws.partner/genesys.com/cloud/${uuid()}/contact-events`
  const first = writer(baseline)
  const second = writer(capture)
  const isMissing = (index) =>
    (index > events * 0.3 && index < events * 0.302) ||
    (index > events * 0.71 && index < events * 0.7105) ||
    random() % 20_000 === 0
  const conversations = Array.from({ length: 2_000 }, () => ({ id: uuid(), participants: [uuid(), uuid()], at: 0 }))
  let waiting = []
  const flush = () => {
    for (let at = waiting.length - 1; at > 0; at--) {
      const other = random() % (at + 1)
      const held = waiting[at]
      waiting[at] = waiting[other]
      waiting[other] = held
    }
    for (const line of waiting) second.line(line)
    waiting = []
  }
  for (let index = 0; index < events; index++) {
    const slot = random() % conversations.length
    let conversation = conversations[slot]
    if (conversation.at === topics.length) {
      conversation = { id: uuid(), participants: [uuid(), uuid()], at: 0 }
      conversations[slot] = conversation
    }
    const topic = topics[conversation.at++]
    const ms = startMs + Math.floor((index * 86_400_000) / 1_500_000)
    const sent = new Date(ms + 300).toISOString()
    const session =
      topic === "attributes"
        ? ""
        : `"sessionId":"${uuid()}","mediaType":"VOICE","provider":"Edge","direction":"INBOUND","ani":"tel:+1202555${1_000 + (random() % 9_000)}","dnis":"tel:+12025550100",`
    const detail = `{"topicName":"v2.detail.events.conversation.${conversation.id}.${topic}","version":"2","eventBody":{"eventTime":${ms},"conversationId":"${conversation.id}",${session}"participantId":"${conversation.participants[random() % 2]}"${body[topic]()}},"metadata":{"CorrelationId":"${uuid()}"},"timestamp":"${sent}"}`
    const head = (id) =>
      `{"version":"0","id":"${id}","detail-type":"v2.detail.events.conversation.{id}.${topic}","source":"${source}","account":"123456789012","time":"${sent.slice(0, 19)}Z","region":"us-east-1"`
    first.line(`${head(uuid())},"resources":[],"detail":${detail}}`)
    if (isMissing(index)) continue
    const replayed = () => `${head(uuid())},"replay-name":"outage","resources":[],"detail":${detail}}`
    waiting.push(replayed())
    if (index % 500 === 0) waiting.push(replayed())
    if (waiting.length > 5_000) flush()
  }
  flush()
  first.end()
  second.end()
}
