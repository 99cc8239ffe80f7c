/**
 * A past for an archive: what the platform sent before the sandbox was started.
 *
 * AWS has no operation for it. An archive keeps what comes in after it was made, and a test of a replay needs one that is
 * older than its sandbox.
 */
import { Clock, DateTime, Effect, Option } from "effect"
import { FaultLog } from "../../faults/FaultLog.js"
import { FaultPlan } from "../../faults/FaultPlan.js"
import * as PlatformSending from "../../faults/PlatformSending.js"
import type { Resolved } from "../../faults/Settings.js"
import * as Catalogue from "../../world/Catalogue.js"
import * as Envelope from "../../world/Envelope.js"
import * as Organization from "../../world/Organization.js"
import * as TopicFilter from "../../world/TopicFilter.js"
import * as World from "../../world/World.js"
import * as Arn from "../Arn.js"
import { Archives } from "./Archives.js"
import * as BusEvent from "./BusEvent.js"
import { Delivery } from "./Delivery.js"
import { EventBuses } from "./EventBuses.js"

/** Which history. */
export interface Options {
  /** The archive; made where there is none, and made older where it is younger than the history. */
  readonly archive: string
  /** The partner bus; made where there is none. Unless told, that of the sandbox's organization. */
  readonly bus?: string
  /** Topics that come over EventBridge; all unless told. */
  readonly topics?: ReadonlyArray<string>
  /** From this instant on. */
  readonly from: DateTime.DateTime.Input
  /** Up to, but not including, this one. */
  readonly until: DateTime.DateTime.Input
  /** Days that a new archive keeps events; for ever unless told. */
  readonly retentionDays?: number
}

/** What was written. */
export interface Written {
  readonly bus: string
  readonly busArn: string
  readonly archiveArn: string
  /** How many events reached the archive by now. What comes late reaches it, and the targets of rules, on the Clock. */
  readonly count: number
}

const minute = 60_000

const made = Effect.fnUntraced(function* (options: Options, bus: string, createdAt: number) {
  const archives = yield* Archives
  const buses = yield* EventBuses
  // Whoever else makes them at the same time is welcome.
  yield* Effect.ignore(buses.create(bus))
  yield* Effect.ignore(
    archives.create(
      {
        name: options.archive,
        bus,
        description: undefined,
        pattern: Option.none(),
        retentionDays: options.retentionDays ?? 0
      },
      createdAt
    )
  )
  return yield* Effect.orDie(
    archives.change(options.archive, (archive) => ({ ...archive, createdAt: Math.min(archive.createdAt, createdAt) }))
  )
})

/** Writes a history. What an archive's pattern does not match stays out of it, as ever. */
export const write = Effect.fn("GenesysHistory.write")(function* (settings: Resolved, options: Options) {
  const { seed, world: rates } = settings
  const unknown = Catalogue.notOnEventBridge(options.topics ?? [])
  if (unknown.length > 0) {
    return yield* Effect.dieMessage(`the sandbox knows no topic ${unknown.join(", ")} that comes over EventBridge`)
  }
  const organization = Organization.make(seed)
  const bus = options.bus ?? Organization.eventSource(organization)
  const source = Envelope.sourceOn(bus, organization)
  const from = DateTime.toEpochMillis(DateTime.unsafeMake(options.from))
  const until = DateTime.toEpochMillis(DateTime.unsafeMake(options.until))
  const archive = yield* made(options, bus, from - minute)
  const topics = options.topics === undefined ? TopicFilter.all : TopicFilter.of(options.topics)
  const happened = [...World.events({ organization, rates }, { from, until }, { topics })]
  const { platform } = yield* (yield* FaultPlan).current
  const { arrivals, entries } = PlatformSending.send(seed, bus, happened, platform)
  yield* (yield* FaultLog).note(entries)
  const now = yield* Clock.currentTimeMillis
  const onBus = arrivals.map(({ arrivesAt, event }) => ({ arrivesAt, event: BusEvent.ofPlatform(event, source) }))
  const here = onBus.filter(({ arrivesAt }) => arrivesAt <= now)
  yield* (yield* Archives).write(
    archive.name,
    here.map(({ event }) => event)
  )
  yield* (yield* Delivery).arrive(
    bus,
    onBus.filter(({ arrivesAt }) => arrivesAt > now)
  )
  return {
    bus,
    busArn: Arn.eventBus(bus),
    archiveArn: archive.arn,
    count: here.length
  } satisfies Written
})
