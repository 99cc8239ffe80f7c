/**
 * A past for an archive: Genesys events that happened before the sandbox was started, numbered without a gap.
 *
 * AWS has no operation for it. An archive keeps what comes in after it was made, and a test of a replay needs one that is
 * older than its sandbox.
 */
import { DateTime, Effect, Option } from "effect"
import type { Resolved } from "../../faults/Settings.js"
import * as Catalogue from "../../world/Catalogue.js"
import * as Envelope from "../../world/Envelope.js"
import * as History from "../../world/History.js"
import * as Organization from "../../world/Organization.js"
import * as Arn from "../Arn.js"
import { Archives } from "./Archives.js"
import type { BusEvent } from "./BusEvent.js"
import { EventBuses } from "./EventBuses.js"

/** Which history. */
export interface Options {
  /** The archive; made where there is none, and made older where it is younger than the history. */
  readonly archive: string
  /** The partner bus; made where there is none. Unless told, that of the sandbox's organization. */
  readonly bus?: string
  readonly topics: ReadonlyArray<string>
  /** From this instant on. */
  readonly from: DateTime.DateTime.Input
  /** Up to, but not including, this one. */
  readonly until: DateTime.DateTime.Input
  /** Days that a new archive keeps events; for ever unless told. */
  readonly retentionDays?: number
  /** The first sequence index; 1 unless told. */
  readonly first?: number
}

/** What was written. */
export interface Written {
  readonly bus: string
  readonly busArn: string
  readonly archiveArn: string
  /** How many events; their indices run from `first` to `last` in the order of event time, across the topics. */
  readonly count: number
  readonly first: number
  readonly last: number
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
  const { first = 1 } = options
  const unknown = Catalogue.unknown(options.topics)
  if (unknown.length > 0) {
    return yield* Effect.dieMessage(`the sandbox knows no topic ${unknown.join(", ")} that comes over EventBridge`)
  }
  const organization = Organization.make(settings.seed)
  const bus = options.bus ?? Envelope.busOf(organization)
  const from = DateTime.toEpochMillis(DateTime.unsafeMake(options.from))
  const until = DateTime.toEpochMillis(DateTime.unsafeMake(options.until))
  const archive = yield* made(options, bus, from - minute)
  const happened = [...History.events(organization, { topics: options.topics, from, until }, settings.history)]
  const events = happened.map(
    (event, place): BusEvent => ({
      id: event.id,
      detailType: event.topic,
      source: Envelope.sourceOn(bus, organization),
      at: event.at,
      resources: [],
      detail: Envelope.detail(event, first + place)
    })
  )
  yield* (yield* Archives).write(archive.name, events)
  return {
    bus,
    busArn: Arn.eventBus(bus),
    archiveArn: archive.arn,
    count: events.length,
    first,
    last: first + events.length - 1
  } satisfies Written
})
