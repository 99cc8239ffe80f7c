/** What must hold, whatever went wrong. */
import { isDeepStrictEqual } from "node:util"
import { type AuditEntry, EventStream, PlannedWindow } from "@genesys-replay/domain"
import { AuditTrail, type RunWindow, SyncSink } from "@genesys-replay/pipeline"
import type { Database } from "./Database.js"
import type { Life } from "./Life.js"
import type { Asked, Stream } from "./Platform.js"
import type { Lasting } from "./Program.js"
import type { Delivery } from "./Receiver.js"
import type { World } from "./World.js"

const named = (body: string): string => /"name":"([^"]*)"/.exec(body)?.[1] ?? "?"

/** Nothing is submitted that is not written down as being submitted: a restart would not know of it. Answers the run that submits. */
export const onSend = (
  { scenario, wrongs }: World,
  { look }: Database,
  life: Life,
  { body, method, url }: Asked
): string | undefined => {
  if (method !== "POST" || url.pathname !== "/api/v2/eventstreams") return undefined
  const name = named(body)
  const windows = look(({ runs }) => runs.list()).filter(({ window }) => window.name === name)
  const submitting = windows.find(({ state }) => state === "submitting")
  // A process that was frozen may send what another one has finished meanwhile.
  const known = submitting !== undefined || (scenario.freezes && windows.some(({ state }) => state !== "requested"))
  const states = windows.map(({ state }) => state).join(", ")
  if (!known) wrongs.push(`${life.name} submits ${name}, which is written down as ${states || "nothing"}`)
  return submitting?.run
}

type Window = RunWindow.RunWindow

const passing = ["ProviderUnavailable", "RateLimited", "NotAuthenticated", "AnswerUnreadable"]

const outcomes = {
  created: "create_replay_config",
  unchanged: "confirm_replay_config",
  adopted: "adopt_replay_config",
  failed: "refuse_replay_config"
} as const

const concluding: ReadonlyArray<AuditEntry.AuditAction> = Object.values(outcomes)

// One stream for each window, as it was planned.
function* streamsStand({ streams, windows }: Found) {
  const planned = new Map(windows.map(({ window }) => [String(window.name), PlannedWindow.payloadOf(window)]))
  for (const [name, payload] of planned) {
    const made = streams.filter((stream) => stream.name === name)
    if (made.length !== 1) yield `${name} was made ${made.length} times`
    for (const stream of made) {
      if (!isDeepStrictEqual(stream.payload, payload)) yield `${name} is not the stream that was planned`
      if (stream.deletedAt !== undefined) yield `${name} was deleted`
    }
  }
  for (const { name } of streams) if (!planned.has(name)) yield `${name} was made, and nobody asked for it`
}

// Every window came to its end, and says truly how.
function* windowsEnded({ entriesOf, scenario, streams, windows }: Found) {
  for (const window of windows) {
    const { key, result, state } = window
    if (state !== "finished" || result === null) {
      yield `${key} ends as ${state}`
      continue
    }
    const stream = streams.find(({ name }) => name === result.name)
    const [submitted] = entriesOf(window).filter(({ action }) => action === "submit_replay_config")
    const before =
      submitted !== undefined && stream !== undefined && stream.createdAt < AuditTrail.epochMillis(submitted)
    // Of two processes at once each may find what the other has made.
    if (result.outcome === "unchanged" && !before && !scenario.freezes)
      yield `${key} is unchanged, and it was this run that made it`
    if (result.outcome === "created" && before) yield `${key} is created, and it stood before`
    if (result.outcome !== "failed" && result.id !== stream?.id) yield `${key} has another id than its stream`
    // What stands has an end, and what passes by is not it.
    const excuses = result.outcome === "failed" ? passing : ["VerifierGone"]
    if (result.error !== null && !excuses.includes(result.error._tag)) {
      yield `${key} has failed with ${result.error._tag}: ${result.error.message}`
    }
    if (result.outcome === "failed" && result.error === null) yield `${key} has failed, and nothing says why`
    // Of two processes at once, one may have ended the window while the other one was still at it.
    if (result.outcome === "failed" || result.error !== null || scenario.freezes) continue
    if (window.wait && (result.replay === undefined || !EventStream.isFinal(result.replay.state))) {
      yield `${key} was not waited for`
    }
    if (window.verify !== "nothing" && scenario.verify && result.accuracy === undefined) yield `${key} was not verified`
  }
}

// What may be told any number of times, or never: of sinks, of stops, and of tries that failed.
const isAside = ({ action, detail }: AuditEntry.AuditEntry): boolean =>
  ["sync_replay", "interrupt_replay_config", "watch_replay"].includes(action) ||
  (action === "verify_replay" && "tag" in detail)

// The trail tells every step of every window once, in order.
function* trailIsComplete({ entries, entriesOf, scenario, streams, windows }: Found) {
  for (const window of windows) {
    const entries = entriesOf(window)
    const actions = entries.filter((entry) => !isAside(entry)).map(({ action }) => action)
    const stands = entries.findIndex(({ action }) => concluding.includes(action))
    const ended = entries.findIndex(({ action }) => action === "complete_replay")
    for (const [index, { action }] of entries.entries()) {
      if (action === "watch_replay" && (index < stands || (ended >= 0 && index > ended && !scenario.freezes))) {
        yield `${window.key}: what watching failed with is told before the replay stands, or after its end`
      }
    }
    const told = `${window.key}: ${actions.join(", ")}`
    const [first, second] = actions
    if (first !== "plan_replay_config" || second !== "submit_replay_config") yield `${told}: begins wrong`
    const ends = actions.filter((action) => concluding.includes(action))
    if (window.result === null) continue
    if (ends.length !== 1 || ends[0] !== outcomes[window.result.outcome]) yield `${told}: is ${window.result.outcome}`
    const after = actions.slice(actions.findIndex((action) => concluding.includes(action)) + 1)
    const completed = window.result.replay === undefined ? [] : ["complete_replay"]
    if (!isDeepStrictEqual(after, completed)) yield `${told}: ends wrong`
  }
  for (const { name } of streams) {
    const of = (action: string) =>
      entries.filter((one) => one.action === action && one.window === name && !isAside(one)).length
    if (of("create_replay_config") > 1) yield `${name} was created more than once, says the trail`
    const measured = windows.filter(({ result, window }) => window.name === name && result?.accuracy !== undefined)
    if (of("verify_replay") !== measured.length) yield `${name} was verified ${of("verify_replay")} times`
  }
  const times = entries.map(AuditTrail.epochMillis)
  const back = times.findIndex((time, index) => time < (times[index - 1] ?? time))
  if (back >= 0) yield `the trail goes back in time at ${entries[back]?.action} of ${entries[back]?.window}`
}

// What the sinks were told: everything, under one id, in order, and given up only after all tries.
function* sinksWereTold({ deliveries, entries, messages, scenario, windows }: Found) {
  const sinkOf = (name: string) => (name.startsWith("webhook") ? "webhook" : name)
  for (const { key, result, sinks } of windows) {
    for (const sink of sinks) {
      const kinds = messages
        .filter((message) => message.key === key && message.sink === sink)
        .map(({ document }) => SyncSink.kindOf(document))
      const expected = [
        ...(result === null || result.outcome === "failed" ? [] : ["replay_config_complete"]),
        ...(result?.accuracy === undefined ? [] : ["replay_accuracy"])
      ]
      if (!isDeepStrictEqual(kinds, expected)) yield `${sink} is to be told of ${key}: ${kinds.join(", ") || "nothing"}`
    }
  }
  const deaths = (id: string, sink: string) =>
    entries.filter(({ detail }) => detail["document_id"] === id && detail["sink"] === sink && detail["dead"] === true)
  const first = new Map<string, number>()
  for (const { id, sink, state, window } of messages) {
    const what = `${id} of ${window.name} at ${sink}`
    const tries = deliveries.filter((one) => one.id === id && one.sink === sinkOf(sink))
    const dead = deaths(id, sink).length
    if (state !== "delivered") yield `${what} is ${state} in the end`
    if (!tries.some(({ taken }) => taken)) yield `${what} was never taken`
    if (new Set(tries.map(({ body }) => body)).size > 1) yield `${what} was told in two ways`
    if (tries.filter(({ acknowledged }) => !acknowledged).length < dead * scenario.tries) {
      yield `${what} was given up after ${tries.length} tries`
    }
    const told = entries.filter(
      ({ detail }) => detail["document_id"] === id && detail["sink"] === sink && detail["delivered"] === true
    )
    if (told.length !== 1) yield `${what} was delivered ${told.length} times, says the trail`
    const at = deliveries.findIndex((one) => one.taken && one.id === id && one.sink === sinkOf(sink))
    const lane = `${sink} ${window.name}`
    if (dead > 0) continue
    if (at < (first.get(lane) ?? -1)) yield `${what} was told before what came before it`
    first.set(lane, at)
  }
  for (const { id, sink, window } of deliveries) {
    if (!messages.some((one) => one.id === id && sinkOf(one.sink) === sink))
      yield `${sink} was told ${id} of ${window}, which nobody wrote down`
  }
}

interface Found {
  readonly scenario: World["scenario"]
  readonly streams: ReadonlyArray<Stream>
  readonly windows: ReadonlyArray<Window>
  readonly entries: ReadonlyArray<AuditEntry.AuditEntry>
  readonly entriesOf: (window: Window) => ReadonlyArray<AuditEntry.AuditEntry>
  readonly messages: ReturnType<typeof messagesOf>
  readonly deliveries: ReadonlyArray<Delivery>
}

const messagesOf = ({ look }: Database) => look(({ outbox }) => outbox.list())

/** Finds everything that does not hold. */
export const check = ({ database, deliveries, journal, platform, world }: Lasting): void => {
  const { scenario, secrets, wrongs } = world
  const windows = database.look(({ runs }) => runs.list())
  const entries = database.look(({ trail }) => trail.list())
  const messages = messagesOf(database)
  const entriesOf = ({ run, window }: Window) =>
    entries.filter((entry) => entry.window === window.name && entry.detail["run"] === run)
  const found: Found = { scenario, streams: platform.streams(), windows, entries, entriesOf, messages, deliveries }
  wrongs.push(...streamsStand(found), ...windowsEnded(found), ...trailIsComplete(found), ...sinksWereTold(found))
  const verdict = database.look(({ trail }) => trail.verify)
  if (verdict._tag !== "Intact") wrongs.push(`the chain of the trail is broken at ${verdict.sequence}`)
  const places = { windows, entries, messages, deliveries }
  for (const [place, value] of [...Object.entries(places), ["journal", journal.text()] as const]) {
    const text = JSON.stringify(value)
    for (const secret of secrets) if (text.includes(secret)) wrongs.push(`a secret is in the ${place}`)
  }
}
