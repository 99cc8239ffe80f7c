/** The replays that are running: each delivers its part of the history, at its pace, on the Clock. */
import { Instant } from "@genesys-replay/domain"
import { Cause, Clock, Context, DateTime, Duration, Effect, FiberMap, Layer, Option } from "effect"
import { FaultPlan } from "../faults/FaultPlan.js"
import { Settings } from "../faults/Settings.js"
import { Transit } from "../faults/Transit.js"
import * as Envelope from "../world/Envelope.js"
import * as History from "../world/History.js"
import * as Organization from "../world/Organization.js"
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

const nothing: Delivered = { last: 0, lastAt: 0 }
/** So many events are written at once at most, however far behind a replay is. */
const batchSize = 2_000
const dayMillis = 86_400_000

/** From the asked start up to the stream's creation, as far as its retention reaches back. */
const extractOf = ({ createdAt, payload }: StreamRecord): History.Extract => {
  const start = Option.match(Instant.parse(payload.replayConfig.startDate), {
    onNone: () => createdAt,
    onSome: DateTime.toEpochMillis
  })
  const kept = createdAt - payload.retentionDays * dayMillis
  return { topics: payload.filters.topics, from: Math.max(start, kept), until: createdAt }
}

/** The running replays. */
export class ReplayRun extends Context.Tag("@genesys-replay/sandbox/ReplayRun")<ReplayRun, Service>() {
  /** One fiber for each replay; they end with the layer's scope. */
  static readonly layer = Layer.scoped(
    ReplayRun,
    Effect.gen(function* () {
      const { history, pace, seed } = yield* Settings
      const store = yield* StreamStore
      const deliveries = yield* Deliveries
      const faults = yield* FaultPlan
      const organization = Organization.make(seed)
      const fibers = yield* FiberMap.make<string>()

      const run = Effect.fn("ReplayRun.run")(function* (record: StreamRecord) {
        const { id, payload } = record
        const to = Envelope.destination(organization, payload)
        const transit = new Transit(seed, payload.name)
        const events = History.events(organization, extractOf(record), history)
        // Due times are counted from the creation, not from when this fiber woke, so that pace never drifts.
        const startsAt = record.createdAt + Duration.toMillis(pace.pending)
        let delivered = nothing

        const take = (count: number, rules: Parameters<Transit["send"]>[2]) => {
          const lines: Array<string> = []
          let { last, lastAt } = delivered
          for (let taken = 0; taken < count; taken++) {
            const next = events.next()
            if (next.done === true)
              return { ended: true, lines: [...lines, ...transit.flush()], delivered: { last, lastAt } }
            last += 1
            lastAt = next.value.at
            for (const line of transit.send(last, Envelope.line(to, next.value, last), rules)) lines.push(line)
          }
          return { ended: false, lines, delivered: { last, lastAt } }
        }

        const batch = Effect.fnUntraced(function* (count: number) {
          const { deliveries: rules } = yield* faults.current
          const taken = take(count, rules)
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
