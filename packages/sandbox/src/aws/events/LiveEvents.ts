/** What the platform sends while the sandbox runs: onto the bus that is associated with its event source, as it happens. */
import { Clock, Effect, Layer } from "effect"
import { FaultLog } from "../../faults/FaultLog.js"
import { FaultPlan } from "../../faults/FaultPlan.js"
import * as PlatformSending from "../../faults/PlatformSending.js"
import { Settings } from "../../faults/Settings.js"
import * as Organization from "../../world/Organization.js"
import type { PlatformEvent } from "../../world/PlatformEvent.js"
import * as TopicFilter from "../../world/TopicFilter.js"
import * as World from "../../world/World.js"
import * as BusEvent from "./BusEvent.js"
import { Delivery } from "./Delivery.js"
import { EventBuses } from "./EventBuses.js"

/** What is sent within a second is sent together. */
const mostOftenMs = 1_000

/** Sends for as long as the layer lives, where the settings ask for it and the integration is active. */
export const layer = Layer.scopedDiscard(
  Effect.gen(function* () {
    const { integration, live, seed, world: rates } = yield* Settings
    if (!live || !integration.isThere || integration.reportedState !== "ACTIVE") return
    const faults = yield* FaultPlan
    const faultLog = yield* FaultLog
    const delivery = yield* Delivery
    const buses = yield* EventBuses
    const organization = Organization.make(seed)
    const bus = Organization.eventSource(organization)
    const topics = integration.eventFilter === undefined ? TopicFilter.all : TopicFilter.of(integration.eventFilter)
    const look = World.feed({ organization, rates }, yield* Clock.currentTimeMillis, topics)

    const send = Effect.fnUntraced(function* (happened: ReadonlyArray<PlatformEvent>) {
      // Events of a source that no bus is associated with are dropped at once.
      if (happened.length === 0 || (yield* Effect.option(buses.get(bus)))._tag === "None") return
      const { platform } = yield* faults.current
      const { arrivals, entries } = PlatformSending.send(seed, bus, happened, platform)
      yield* faultLog.note(entries)
      yield* delivery.arrive(
        bus,
        arrivals.map(({ arrivesAt, event }) => ({ arrivesAt, event: BusEvent.ofPlatform(event, bus) }))
      )
    })

    const sendAndWait = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const { nextAt, sent } = look(now)
      yield* send(sent)
      yield* Effect.sleep(Math.max(mostOftenMs, nextAt - now))
    })

    yield* Effect.forkScoped(Effect.forever(sendAndWait))
  })
)
