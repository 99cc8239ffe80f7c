/** Replays of archives: by minutes, in the order of event time between them and in any order within. */
import {
  Array,
  Cause,
  Clock,
  Context,
  Duration,
  Effect,
  FiberMap,
  HashMap,
  Layer,
  Option,
  Stream,
  SubscriptionRef,
  SynchronizedRef
} from "effect"
import { type Entry, FaultLog } from "../../faults/FaultLog.js"
import { FaultPlan } from "../../faults/FaultPlan.js"
import { FaultyDelivery } from "../../faults/FaultyDelivery.js"
import { Settings } from "../../faults/Settings.js"
import { type Seed, SeededRandom } from "../../world/SeededRandom.js"
import * as Arn from "../Arn.js"
import * as AwsError from "../AwsError.js"
import { Archives } from "./Archives.js"
import * as BusEvent from "./BusEvent.js"
import { Delivery } from "./Delivery.js"

/** How far a replay is. */
export type State = "STARTING" | "RUNNING" | "CANCELLING" | "COMPLETED" | "CANCELLED" | "FAILED"

/** What a replay is told to be; instants in epoch milliseconds. */
export interface Definition {
  readonly name: string
  readonly description: string | undefined
  readonly archive: string
  /** The bus of the archive. */
  readonly bus: string
  readonly ruleArns: ReadonlyArray<string>
  readonly from: number
  readonly until: number
}

/** A replay. */
export interface Replay extends Definition {
  readonly arn: string
  readonly state: State
  readonly stateReason: string | undefined
  readonly startedAt: number
  readonly endedAt: number | undefined
  /** The time of the latest event that was replayed. */
  readonly lastReplayedAt: number | undefined
}

/** The operations. */
export interface Service {
  /**
   * Starts a replay and returns at once. Fails with `ResourceAlreadyExistsException` while the name is kept, with
   * `LimitExceededException` while ten run.
   */
  readonly start: (definition: Definition) => Effect.Effect<Replay, AwsError.AwsError>
  /** Fails with `ResourceNotFoundException`. */
  readonly get: (name: string) => Effect.Effect<Replay, AwsError.AwsError>
  /** Every replay that is kept, by name. */
  readonly all: Effect.Effect<ReadonlyArray<Replay>>
  /** Begins to cancel. Fails with `ResourceNotFoundException`, `IllegalStatusException`. */
  readonly cancel: (name: string) => Effect.Effect<Replay, AwsError.AwsError>
  /** Waits until the replay of this name has ended, and answers it. Waits on, if there is none. */
  readonly ended: (name: string) => Effect.Effect<Replay>
  /** Ends a replay from the platform's side. */
  readonly end: (name: string, state: "CANCELLED" | "FAILED", reason?: string) => Effect.Effect<void>
}

type Known = HashMap.HashMap<string, Replay>

const atOnce = 10
const kept = Duration.toMillis(Duration.days(90))
const minute = 60_000
const batchSize = 2_000

/** Whether a replay has ended, one way or another. */
export const hasEnded = ({ state }: Replay): boolean =>
  state === "COMPLETED" || state === "CANCELLED" || state === "FAILED"

const replayOf = (replays: Known, name: string) =>
  Effect.mapError(HashMap.get(replays, name), () => AwsError.resourceNotFound(`Replay ${name} does not exist.`))

/** Events in the order of a replay: minute by minute, within a minute as it happens. */
const inReplayOrder = (
  events: ReadonlyArray<BusEvent.BusEvent>,
  seed: Seed,
  name: string
): ReadonlyArray<BusEvent.BusEvent> => {
  const minuteOf = ({ at }: BusEvent.BusEvent) => Math.floor(at / minute)
  if (!Array.isNonEmptyReadonlyArray(events)) return []
  return Array.groupWith(events, (left, right) => minuteOf(left) === minuteOf(right)).flatMap((together) => {
    const random = SeededRandom.of(seed, "replay order", name, minuteOf(together[0]))
    return together
      .map((event) => ({ event, place: random.next() }))
      .sort((left, right) => left.place - right.place)
      .map(({ event }) => event)
  })
}

const sleepUntil = (instant: number) =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.sleep(Duration.millis(Math.max(0, instant - now))))

/** The replays of this sandbox. */
export class Replays extends Context.Tag("@genesys-replay/sandbox/Replays")<Replays, Service>() {
  /** In memory, on the Clock, one fiber for each; they end with the layer's scope. */
  static readonly layer = Layer.scoped(
    Replays,
    Effect.gen(function* () {
      const { pace, seed } = yield* Settings
      const faults = yield* FaultPlan
      const archives = yield* Archives
      const delivery = yield* Delivery
      const faultLog = yield* FaultLog
      const state = yield* SubscriptionRef.make<Known>(HashMap.empty())
      const fibers = yield* FiberMap.make<string>()

      /** What is kept now: replays of the last 90 days, and those that still run. */
      const forget = Effect.map(
        Clock.currentTimeMillis,
        (now) => (replays: Known) =>
          HashMap.filter(replays, (replay) => !hasEnded(replay) || now - replay.startedAt < kept)
      )
      const known = Effect.zipWith(forget, SubscriptionRef.get(state), (f, replays) => f(replays))

      /** Changes a replay unless it has ended. */
      const change = (name: string, next: (replay: Replay) => Replay) =>
        SubscriptionRef.update(
          state,
          HashMap.modify(name, (replay) => (hasEnded(replay) ? replay : next(replay)))
        )

      const end = Effect.fnUntraced(function* (name: string, ended: State, reason: string | undefined) {
        const now = yield* Clock.currentTimeMillis
        yield* change(name, (replay) => ({ ...replay, state: ended, stateReason: reason, endedAt: now }))
      })

      const isCancelling = (name: string) =>
        Effect.map(SubscriptionRef.get(state), (replays) =>
          Option.exists(HashMap.get(replays, name), (replay) => replay.state === "CANCELLING")
        )

      const run = Effect.fn("Replays.run")(function* ({
        archive,
        bus,
        from,
        name,
        ruleArns,
        startedAt,
        until
      }: Replay) {
        const startsAt = startedAt + Duration.toMillis(pace.pending)
        yield* sleepUntil(startsAt)
        yield* change(name, (replay) => (replay.state === "STARTING" ? { ...replay, state: "RUNNING" } : replay))
        const events = inReplayOrder(
          yield* Effect.flatMap(archives.get(archive), (source) => archives.between(source, from, until)),
          seed,
          name
        )
        let entries: ReadonlyArray<Entry> = []
        const faulty = new FaultyDelivery<BusEvent.BusEvent>(seed, name, (fault, event) => {
          entries = [...entries, BusEvent.faultEntry(event, fault, name)]
        })
        let done = 0

        const batch = Effect.fnUntraced(function* (count: number) {
          const { deliveries } = yield* faults.current
          const taken = events.slice(done, done + count)
          const arriving = taken.flatMap((event, place) =>
            faulty.send(BusEvent.sequenceIndex(event) ?? done + place + 1, event, deliveries)
          )
          done += taken.length
          const rest = done === events.length ? faulty.flush() : []
          yield* faultLog.note(entries)
          entries = []
          yield* delivery.replay(bus, [...arriving, ...rest], { name, ruleArns })
          const latest = taken.reduce((last, { at }) => Math.max(last, at), Number.NEGATIVE_INFINITY)
          if (taken.length > 0) {
            yield* change(name, (replay) => ({
              ...replay,
              lastReplayedAt: Math.max(latest, replay.lastReplayedAt ?? latest)
            }))
          }
        }, Effect.uninterruptible)

        for (;;) {
          if (yield* isCancelling(name)) return yield* end(name, "CANCELLED", undefined)
          const now = yield* Clock.currentTimeMillis
          const due = Math.floor(((now - startsAt) * pace.eventsPerSecond) / 1_000) - done
          if (due > 0) yield* batch(Math.min(due, batchSize))
          if (due > 0 && done === events.length) return yield* end(name, "COMPLETED", undefined)
          if (due <= batchSize) yield* sleepUntil(now + Duration.toMillis(pace.tick))
        }
      })

      const guarded = (replay: Replay) =>
        Effect.catchAllCause(run(replay), (cause) =>
          Cause.isInterruptedOnly(cause) ? Effect.void : end(replay.name, "FAILED", `${Cause.squash(cause)}`)
        )

      const start = Effect.fn("Replays.start")(function* (definition: Definition) {
        const { name } = definition
        const startedAt = yield* Clock.currentTimeMillis
        const recent = yield* forget
        const replay: Replay = {
          ...definition,
          arn: Arn.replay(name),
          state: "STARTING",
          stateReason: undefined,
          startedAt,
          endedAt: undefined,
          lastReplayedAt: undefined
        }
        yield* SynchronizedRef.updateEffect(state, (before) => {
          const replays = recent(before)
          if (HashMap.has(replays, name)) return AwsError.resourceAlreadyExists(`Replay ${name} already exists.`)
          const running = HashMap.reduce(replays, 0, (count, other) => (hasEnded(other) ? count : count + 1))
          return running >= atOnce ? AwsError.tooMany : Effect.succeed(HashMap.set(replays, name, replay))
        })
        yield* FiberMap.run(fibers, name, guarded(replay))
        return replay
      }, Effect.uninterruptible)

      return Replays.of({
        start,
        get: (name) => Effect.flatMap(known, (replays) => replayOf(replays, name)),
        all: Effect.map(known, (replays) =>
          [...HashMap.values(replays)].sort((left, right) => (left.name < right.name ? -1 : 1))
        ),
        cancel: Effect.fn("Replays.cancel")(function* (name) {
          return yield* SynchronizedRef.modifyEffect(state, (replays) =>
            Effect.gen(function* () {
              const replay = yield* replayOf(replays, name)
              if (replay.state !== "STARTING" && replay.state !== "RUNNING") {
                return yield* AwsError.illegalStatus(`Replay ${name} is not in a valid state for this operation.`)
              }
              const cancelling: Replay = { ...replay, state: "CANCELLING" }
              return [cancelling, HashMap.set(replays, name, cancelling)] as const
            })
          )
        }),
        ended: (name) =>
          state.changes.pipe(
            Stream.filterMap((replays) => Option.filter(HashMap.get(replays, name), hasEnded)),
            Stream.runHead,
            Effect.flatten,
            // The changes of a ref never end.
            Effect.orDie
          ),
        end: Effect.fn("Replays.end")(function* (name, ended, reason) {
          yield* FiberMap.remove(fibers, name)
          yield* end(name, ended, reason)
        })
      })
    })
  )
}
