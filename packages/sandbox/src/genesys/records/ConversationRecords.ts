/** The records that the platform's analytics has of the conversations of the world. */
import { Clock, Context, Duration, Effect, Layer } from "effect"
import { FaultPlan } from "../../faults/FaultPlan.js"
import { Settings } from "../../faults/Settings.js"
import type { Conversation } from "../../world/conversation/Conversation.js"
import * as ConversationRecord from "../../world/conversation/ConversationRecord.js"
import * as Organization from "../../world/Organization.js"
import { SeededRandom } from "../../world/SeededRandom.js"
import * as World from "../../world/World.js"

/** Some conversations, in the order of their beginnings, and the record of each as it stands. */
export interface Found {
  readonly conversations: ReadonlyArray<Conversation>
  readonly record: (conversation: Conversation) => ConversationRecord.ConversationRecord
}

/** The operations; instants in epoch milliseconds. */
export interface Service {
  /** Up to when the data lake is complete. */
  readonly availableUntil: Effect.Effect<number>
  /** What a query finds: activity during the span, begun on a day (UTC) that it touches. As of now. */
  readonly queried: (span: World.Span) => Effect.Effect<Found>
  /** What a job finds: activity during the span, as of what is available. */
  readonly inLake: (span: World.Span) => Effect.Effect<Found & { readonly availableUntil: number }>
}

const day = 86_400_000
const minute = 60_000

/** The nightly run goes over records that are two days old, and takes up to a day. */
const processedAfter = { least: 2 * day, most: 3 * day }

/** The records of this sandbox. */
export class ConversationRecords extends Context.Tag("@genesys-replay/sandbox/ConversationRecords")<
  ConversationRecords,
  Service
>() {
  /** Of the world of the settings, on the Clock. */
  static readonly layer = Layer.effect(
    ConversationRecords,
    Effect.gen(function* () {
      const { records, seed, world: rates } = yield* Settings
      const faults = yield* FaultPlan
      const world: World.World = { organization: Organization.make(seed), rates }

      const isPreliminary = ({ endedAt, id, startedAt }: Conversation, now: number, rate: number): boolean => {
        const random = SeededRandom.of(seed, "record", id)
        const affected = random.chance(rate)
        return affected && now < (endedAt ?? startedAt) + random.int(processedAfter.least, processedAfter.most)
      }

      const recordAsOf = (asOf: number) =>
        Effect.gen(function* () {
          const now = yield* Clock.currentTimeMillis
          const { records: { preliminary = 0 } = {} } = yield* faults.current
          return (conversation: Conversation) =>
            ConversationRecord.make(conversation, {
              asOf,
              isPreliminary: isPreliminary(conversation, now, preliminary)
            })
        })

      const availableUntil = Effect.map(
        Clock.currentTimeMillis,
        (now) => Math.floor((now - Duration.toMillis(records.availabilityLag)) / minute) * minute
      )

      return ConversationRecords.of({
        availableUntil,
        queried: Effect.fn("ConversationRecords.queried")(function* ({ from, until }) {
          const now = yield* Clock.currentTimeMillis
          const firstDay = Math.floor(from / day) * day
          const conversations = World.active(world, { from, until: Math.min(until, now + 1) }).filter(
            ({ startedAt }) => startedAt >= firstDay
          )
          return { conversations, record: yield* recordAsOf(now) }
        }),
        inLake: Effect.fn("ConversationRecords.inLake")(function* ({ from, until }) {
          const available = yield* availableUntil
          const conversations = World.active(world, { from, until: Math.min(until, available + 1) })
          return { conversations, record: yield* recordAsOf(available), availableUntil: available }
        })
      })
    })
  )
}
