import { describe, expect, it } from "@effect/vitest"
import { ConversationRecord, DetailEvent, Organization, World } from "@genesys-replay/sandbox"
import { DateTime, Effect, FastCheck, Schema } from "effect"
import { lineOf, reconcile } from "./Reconciling.js"

const minute = 60_000
const noon = Date.UTC(2024, 0, 15, 12)

const worldOf = (seed: number): World.World => ({
  organization: Organization.make(seed),
  rates: { conversationsPerHour: 60, presencesPerHour: 0, auditsPerHour: 0 }
})

/** What the platform has of half an hour that began three hours ago: records, and the lines that a capture of all events would have. */
const halfAnHour = (world: World.World) => {
  const conversations = [...World.conversations(world, { from: noon, until: noon + 30 * minute })]
  const events = conversations.flatMap((one) => DetailEvent.ofConversation(world.organization, one))
  const idsOf = Schema.decodeUnknownSync(
    Schema.Struct({
      sessionId: Schema.optionalWith(Schema.NullOr(Schema.String), { default: () => null }),
      flowOutcomeId: Schema.optional(Schema.String)
    })
  )
  const lines = events.map((event) => ({
    key: keyOf(event.topic, idsOf(event.eventBody)),
    line: lineOf(event)
  }))
  return { lines, records: conversations.map((one) => JSON.stringify(ConversationRecord.make(one))).join("\n") }
}

const window = { start: DateTime.unsafeMake(noon - 60 * minute), end: DateTime.unsafeMake(noon + 24 * 60 * minute) }

const keyOf = (topic: string, ids: { sessionId: string | null; flowOutcomeId?: string | undefined }): string =>
  `${topic} ${ids.sessionId} ${ids.flowOutcomeId ?? ""}`

const missingKeys = (events: string, records: string) =>
  Effect.map(reconcile(events, records, { window }), ({ missingEvents, report }) => ({
    report,
    keys: [...missingEvents].map((one) => keyOf(one.topic, one)).sort()
  }))

describe("a world of conversations", () => {
  it.effect("reconciles exactly where nothing was lost, and lacks exactly what was, whatever the seed", () =>
    Effect.promise(() =>
      FastCheck.assert(
        FastCheck.asyncProperty(
          FastCheck.integer(),
          FastCheck.array(FastCheck.nat(), { maxLength: 12 }),
          async (seed, picks) => {
            // A worker that works through many worlds without a pause is taken for one that hangs.
            await new Promise((resolve) => setImmediate(resolve))
            const { lines, records } = halfAnHour(worldOf(seed))
            if (records === "") return
            const measured = (kept: typeof lines) =>
              Effect.runPromise(missingKeys(kept.map(({ line }) => line).join("\n"), records))
            const whole = await measured(lines)
            expect([whole.report.completeness, whole.keys]).toEqual(["complete", []])
            expect(whole.report.groups.filter(({ unexpected }) => unexpected > 0)).toEqual([])
            const judged = new Set((await measured([])).keys)
            const lost = new Set(picks.map((pick) => lines[pick % lines.length]))
            const lostKeys = new Set([...lost].flatMap((one) => (one === undefined ? [] : [one.key])))
            const { keys } = await measured(lines.filter((one) => !lost.has(one)))
            expect(keys).toEqual([...lostKeys].filter((key) => judged.has(key)).sort())
          }
        ),
        { numRuns: Number(process.env["GENESYS_REPLAY_PROPERTY_RUNS"] ?? 15) }
      )
    )
  )

  it.effect(
    "of a window is in a capture that reaches a little over its edges, and not all of it in one that ends with it",
    () =>
      Effect.gen(function* () {
        const world: World.World = {
          organization: Organization.make("demo"),
          rates: { conversationsPerHour: 150, presencesPerHour: 0, auditsPerHour: 0 }
        }
        // Six events are expected just before this minute and filed after it, an acd.start 82 ms before it among them.
        const until = Date.UTC(2026, 10, 29, 3, 55)
        const from = until - 10 * minute
        const conversations = [...World.conversations(world, { from, until })]
        const records = conversations.map((one) => JSON.stringify(ConversationRecord.make(one))).join("\n")
        const events = conversations.flatMap((one) => DetailEvent.ofConversation(world.organization, one))
        const missing = (around: number) => {
          const lines = events.filter(({ at }) => at >= from - around && at < until + around).map(lineOf)
          const options = { window: { start: DateTime.unsafeMake(from), end: DateTime.unsafeMake(until) } }
          return Effect.map(reconcile(lines.join("\n"), records, options), ({ report }) => report.missing.count)
        }
        expect(yield* missing(0)).toBe(6)
        expect(yield* missing(3 * minute)).toBe(0)
      })
  )
})
