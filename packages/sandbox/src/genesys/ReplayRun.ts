/** The replays that are running: each delivers its part of the history, at its pace, on the Clock. */
import { Instant } from "@genesys-replay/domain"
import { Cause, Clock, Context, DateTime, Duration, Effect, FiberMap, Layer, Option } from "effect"
import { type Entry, FaultLog } from "../faults/FaultLog.js"
import { FaultPlan } from "../faults/FaultPlan.js"
import type { DeliveryFaults } from "../faults/Faults.js"
import { FaultyDelivery } from "../faults/FaultyDelivery.js"
import { Settings } from "../faults/Settings.js"
import * as Envelope from "../world/Envelope.js"
import * as Organization from "../world/Organization.js"
import * as PlatformEvent from "../world/PlatformEvent.js"
import * as TopicFilter from "../world/TopicFilter.js"
import * as World from "../world/World.js"
import { Deliveries } from "./Deliveries.js"
import { progressOf, type StreamRecord, StreamStore } from "./StreamStore.js"

/** The operations. */
export interface Service {
  /** Starts the replay of a stream, where it asks for one, and returns at once. */
  readonly start: (record: StreamRecord) => Effect.Effect<void>
  /** Stops a replay between two deliveries and reports it as ended in `state`. */
  readonly stop: (id: string, state: "CANCELLED" | "FAILED", reason?: string) => Effect.Effect<void>
}

interface Delivered {
  readonly last: number
  readonly lastAt: number
}

/** An event, and the line that it is in the file of the bus. */
interface Sent {
  readonly event: PlatformEvent.PlatformEvent
  readonly line: string
}

const nothing: Delivered = { last: 0, lastAt: 0 }
/** So many events are written at once at most, however far behind a replay is. */
const batchSize = 2_000
const dayMillis = 86_400_000

/** From the asked start up to the stream's creation, as far as its retention reaches back. */
const spanOf = ({ createdAt, payload }: StreamRecord): World.Span => {
  const start = Option.match(Instant.parse(payload.replayConfig.startDate), {
    onNone: () => createdAt,
    onSome: DateTime.toEpochMillis
  })
  const kept = createdAt - payload.retentionDays * dayMillis
  return { from: Math.max(start, kept), until: createdAt }
}

const hourMillis = 3_600_000

/** More than this is hardly sent of a conversation. */
const eventsOfConversation = 20

/** By which stride a long window is thinned out: judged by its last hour, where there could be too much in it. */
const strideOf = (world: World.World, span: World.Span, topics: TopicFilter.TopicFilter, maximumEvents: number) => {
  const { auditsPerHour, conversationsPerHour, presencesPerHour } = world.rates
  const hours = (span.until - span.from) / hourMillis
  const atMost = hours * (conversationsPerHour * eventsOfConversation + presencesPerHour + auditsPerHour)
  if (atMost <= maximumEvents) return 1
  const last: World.Span = { from: Math.max(span.from, span.until - hourMillis), until: span.until }
  let count = 0
  for (const _ of World.events(world, last, { topics })) count += 1
  const expected = (count * (span.until - span.from)) / (last.until - last.from)
  let stride = 1
  while (expected / stride > maximumEvents) stride *= 2
  return stride
}

/** The events of a stream's replay. */
const eventsOf = (world: World.World, record: StreamRecord, maximumEvents: number) => {
  const span = spanOf(record)
  const topics = TopicFilter.of(record.payload.filters.topics)
  return World.events(world, span, { topics, stride: strideOf(world, span, topics, maximumEvents) })
}

const lineOf = (to: Envelope.Destination, event: PlatformEvent.PlatformEvent, sequenceIndex: number): string => {
  const { at, id, topic: detailType } = event
  const detail = PlatformEvent.detail(event, sequenceIndex)
  return JSON.stringify(Envelope.make({ ...to, id, at, detailType, resources: [], detail }, to.replayName))
}

/** The running replays. */
export class ReplayRun extends Context.Tag("@genesys-replay/sandbox/ReplayRun")<ReplayRun, Service>() {
  /** One fiber for each replay; they end with the layer's scope. */
  static readonly layer = Layer.scoped(
    ReplayRun,
    Effect.gen(function* () {
      const { pace, seed, world: rates } = yield* Settings
      const store = yield* StreamStore
      const deliveries = yield* Deliveries
      const faults = yield* FaultPlan
      const faultLog = yield* FaultLog
      const organization = Organization.make(seed)
      const fibers = yield* FiberMap.make<string>()

      const run = Effect.fn("ReplayRun.run")(function* (record: StreamRecord) {
        const { id, payload } = record
        const to = Envelope.destination(organization, payload)
        let entries: ReadonlyArray<Entry> = []
        const delivery = new FaultyDelivery<Sent>(
          seed,
          payload.name,
          (fault, { event: { at, id, topic, topicName } }) => {
            entries = [...entries, { fault, path: payload.name, id, topic, topicName, at }]
          }
        )
        const events = eventsOf({ organization, rates }, record, rates.maximumEvents)
        // Due times are counted from the creation, not from when this fiber woke, so that pace never drifts.
        const startsAt = record.createdAt + Duration.toMillis(pace.pending)
        let delivered = nothing

        const take = (count: number, rules: DeliveryFaults | undefined) => {
          const lines: Array<string> = []
          let { last, lastAt } = delivered
          for (let taken = 0; taken < count; taken++) {
            const next = events.next()
            if (next.done === true)
              return {
                ended: true,
                lines: [...lines, ...delivery.flush().map(({ line }) => line)],
                delivered: { last, lastAt }
              }
            last += 1
            lastAt = next.value.at
            const sent = { event: next.value, line: lineOf(to, next.value, last) }
            for (const { line } of delivery.send(last, sent, rules)) lines.push(line)
          }
          return { ended: false, lines, delivered: { last, lastAt } }
        }

        const batch = Effect.fnUntraced(function* (count: number) {
          const { deliveries: rules } = yield* faults.current
          const taken = take(count, rules)
          yield* faultLog.note(entries)
          entries = []
          yield* deliveries.append(to.bus, taken.lines)
          delivered = taken.delivered
          yield* store.progress(id, progressOf(taken.ended ? "COMPLETED" : "RUNNING", delivered))
          return taken.ended
        }, Effect.uninterruptible)

        yield* sleepUntil(startsAt)
        yield* store.progress(id, progressOf("RUNNING", nothing))
        for (;;) {
          const now = yield* Clock.currentTimeMillis
          const due = Math.floor(((now - startsAt) * pace.eventsPerSecond) / 1_000) - delivered.last
          if (due > 0 && (yield* batch(Math.min(due, batchSize)))) return
          if (due <= batchSize) yield* sleepUntil(now + Duration.toMillis(pace.tick))
        }
      })

      const guarded = (record: StreamRecord) =>
        Effect.catchAllCause(run(record), (cause) =>
          Cause.isInterruptedOnly(cause)
            ? Effect.void
            : store.end(record.id, "FAILED", Option.some(`the sandbox could not deliver: ${Cause.squash(cause)}`))
        )

      return ReplayRun.of({
        start: (record) =>
          Option.isNone(record.replay) ? Effect.void : Effect.asVoid(FiberMap.run(fibers, record.id, guarded(record))),
        stop: Effect.fn("ReplayRun.stop")(function* (id, state, reason) {
          yield* FiberMap.remove(fibers, id)
          yield* store.end(id, state, Option.fromNullable(reason))
        })
      })
    })
  )
}

const sleepUntil = (instant: number) =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.sleep(Duration.millis(Math.max(0, instant - now))))
