/** The way of events from a bus to the targets of its rules. */
import { Array, Clock, Context, Effect, FiberSet, HashMap, Layer, Option, Ref } from "effect"
import { type Entry, FaultLog } from "../../faults/FaultLog.js"
import { FaultPlan } from "../../faults/FaultPlan.js"
import { FaultyDelivery } from "../../faults/FaultyDelivery.js"
import { Settings } from "../../faults/Settings.js"
import * as Arn from "../Arn.js"
import * as Queues from "../sqs/Queues.js"
import { Archives } from "./Archives.js"
import * as BusEvent from "./BusEvent.js"
import { EventBuses, type Rule } from "./EventBuses.js"
import * as TargetInput from "./TargetInput.js"

/** Which replay events belong to, and to which rules it is limited; an empty list is no limit. */
export interface Replaying {
  readonly name: string
  readonly ruleArns: ReadonlyArray<string>
}

/** An event, and when it reaches the bus, in epoch milliseconds. */
export interface Arrival {
  readonly event: BusEvent.BusEvent
  readonly arrivesAt: number
}

/** The operations. */
export interface Service {
  /** Events that just came in on a bus: they are archived, and sent on. */
  readonly put: (bus: string, events: ReadonlyArray<BusEvent.BusEvent>) => Effect.Effect<void>
  /** Events of the platform, each when it arrives: those that have arrived by now at once, the others on the Clock. */
  readonly arrive: (bus: string, arrivals: ReadonlyArray<Arrival>) => Effect.Effect<void>
  /** Events of a replay: they are sent on with the replay's name, and not archived again. */
  readonly replay: (bus: string, events: ReadonlyArray<BusEvent.BusEvent>, replaying: Replaying) => Effect.Effect<void>
}

interface Sending {
  readonly queue: string
  readonly body: string
}

const sendings = (
  rules: ReadonlyArray<Rule>,
  event: BusEvent.BusEvent,
  replaying: Replaying | undefined
): ReadonlyArray<Sending> => {
  const envelope = BusEvent.envelope(event, replaying?.name)
  const limit = replaying?.ruleArns ?? []
  return rules
    .filter(
      (rule) =>
        rule.enabled &&
        (limit.length === 0 || limit.includes(rule.arn)) &&
        Option.exists(rule.pattern, (pattern) => pattern.matches(envelope))
    )
    .flatMap((rule) => rule.targets)
    .flatMap((target) =>
      Option.toArray(
        Option.map(Arn.queueName(target.Arn), (queue) => ({ queue, body: TargetInput.body(target, envelope) }))
      )
    )
}

/** The deliveries of this sandbox's EventBridge. */
export class Delivery extends Context.Tag("@genesys-replay/sandbox/Delivery")<Delivery, Service>() {
  /** To the sandbox's queues. Events that are still to arrive are forgotten when the layer's scope ends. */
  static readonly layer = Layer.scoped(
    Delivery,
    Effect.gen(function* () {
      const { seed } = yield* Settings
      const faults = yield* FaultPlan
      const buses = yield* EventBuses
      const archives = yield* Archives
      const queues = yield* Queues.Queues
      const faultLog = yield* FaultLog
      const waiting = yield* FiberSet.make()
      const seen = yield* Ref.make(HashMap.empty<string, number>())

      const send = Effect.fnUntraced(function* (
        bus: string,
        events: ReadonlyArray<BusEvent.BusEvent>,
        replaying?: Replaying
      ) {
        // A bus that was deleted has no rules.
        const rules = yield* Effect.orElseSucceed(buses.rules(bus), (): ReadonlyArray<Rule> => [])
        const all = events.flatMap((event) => sendings(rules, event, replaying))
        const byQueue = Object.entries(Array.groupBy(all, ({ queue }) => queue))
        yield* Effect.forEach(
          byQueue,
          ([name, messages]) =>
            // As on AWS, what is sent to a queue that is gone is lost.
            Effect.ignore(
              Effect.flatMap(queues.get(name), (queue) =>
                queues.send(
                  queue,
                  messages.map(({ body }) => Queues.message(body))
                )
              )
            ),
          { discard: true }
        )
      })

      /** The place of the first of `count` events among those of the bus. */
      const placeOf = (bus: string, count: number) =>
        Ref.modify(seen, (places) => {
          const before = Option.getOrElse(HashMap.get(places, bus), () => 0)
          return [before + 1, HashMap.set(places, bus, before + count)]
        })

      const put = Effect.fn("Delivery.put")(function* (bus: string, events: ReadonlyArray<BusEvent.BusEvent>) {
        yield* archives.keep(bus, events)
        const { deliveries } = yield* faults.current
        const first = yield* placeOf(bus, events.length)
        const entries: globalThis.Array<Entry> = []
        const delivery = new FaultyDelivery<BusEvent.BusEvent>(seed, bus, (fault, event) =>
          entries.push(BusEvent.faultEntry(event, fault, bus))
        )
        const arriving = events.flatMap((event, place) =>
          delivery.send(BusEvent.sequenceIndex(event) ?? first + place, event, deliveries)
        )
        yield* faultLog.note(entries)
        yield* send(bus, [...arriving, ...delivery.flush()])
      }, Effect.uninterruptible)

      return Delivery.of({
        put,
        arrive: Effect.fn("Delivery.arrive")(function* (bus, arrivals) {
          const now = yield* Clock.currentTimeMillis
          const instants = new Set(arrivals.map(({ arrivesAt }) => Math.max(arrivesAt, now)))
          for (const instant of [...instants].sort((left, right) => left - right)) {
            const events = arrivals.flatMap(({ arrivesAt, event }) =>
              Math.max(arrivesAt, now) === instant ? [event] : []
            )
            yield* instant === now
              ? put(bus, events)
              : FiberSet.run(waiting, Effect.zipRight(Effect.sleep(instant - now), put(bus, events)))
          }
        }),
        replay: Effect.fn("Delivery.replay")(send)
      })
    })
  )
}
