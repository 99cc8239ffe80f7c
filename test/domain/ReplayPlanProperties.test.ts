import { describe, expect, it } from "@effect/vitest"
import { EventStreamPayload, Instant, PlannedWindow, ReplayPlan, ReplaySpec } from "@genesys-replay/domain"
import { DateTime, Either, FastCheck as fc, Option, Schema } from "effect"

import { bus, hash, now } from "./Planning.js"

const segment = fc.constantFrom("conversations", "message", "call", "routing", "queue", "x-1")
const topic = fc.oneof(
  fc.array(segment, { minLength: 2, maxLength: 4 }).map((segments) => `genesys.${segments.join(".")}`),
  fc.constantFrom("v2.users.{id}.presence", "v2.routing.queues.*.conversations")
)
const start = fc.oneof(
  fc
    .integer({ min: -100 * 86_400, max: 2 * 86_400 })
    .map((seconds) => DateTime.formatIso(DateTime.add(now, { seconds }))),
  fc.integer({ min: -2_000, max: 500 }).map((millis) => DateTime.formatIso(DateTime.add(now, { millis }))),
  fc
    .record({ count: fc.nat(3_000), unit: fc.constantFrom("s", "m", "h", "d") })
    .map(({ count, unit }) => `-${count}${unit}`)
)
const window = fc.record(
  {
    name: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._ -]{0,126}[A-Za-z0-9]$/),
    topics: fc.uniqueArray(topic, { minLength: 1, maxLength: 6 }),
    start,
    end: start,
    retention: fc.integer({ min: 1, max: 90 }),
    region: fc.constantFrom("us-east-1", "eu-west-1"),
    destination: fc.constantFrom(bus, "arn:aws:events::123456789012:event-bus/aws.partner/genesys.com/cloud/x/y"),
    description: fc.string({ maxLength: 40 })
  },
  { requiredKeys: ["topics", "start", "destination"] }
)
const document = fc.record({
  provider: fc.constantFrom("genesys", "eventbridge"),
  retention: fc.dictionary(
    fc.constantFrom("*", "genesys.*", "genesys.conversations.*", "genesys.conversations.message", "v2.*"),
    fc.integer({ min: 1, max: 90 })
  ),
  windows: fc.array(window, { minLength: 1, maxLength: 8 })
})

const drafted = fc.tuple(document, fc.nat(999)).map(([value, millis]) => {
  const spec = Schema.decodeUnknownSync(ReplaySpec.SpecDocument)(value)
  const complete = Either.getOrThrow(ReplaySpec.complete(spec))
  return { complete, draft: ReplayPlan.draft(complete, DateTime.add(now, { millis }), hash) }
})

describe("planning, whatever the spec", () => {
  it("never gives a payload outside the platform's limits", () => {
    fc.assert(
      fc.property(drafted, ({ draft }) => {
        for (const window of draft.windows) {
          const { provider, retentionDays, start } = window
          const payload = PlannedWindow.payloadOf(window)
          const encoded: unknown = JSON.parse(JSON.stringify(payload))
          const decoded = Schema.decodeUnknownSync(EventStreamPayload.EventStreamPayload, {
            onExcessProperty: "error"
          })(encoded)
          expect(decoded).toEqual(payload)
          expect(decoded.retentionDays).toBe(retentionDays)
          expect(decoded.replayConfig.startDate).toBe(Instant.format(start))
          expect(DateTime.distance(start, draft.plannedAt)).toBeGreaterThanOrEqual(0)
          // What an archive of EventBridge keeps is its own business.
          if (provider !== "genesys") continue
          const age = DateTime.distance(start, Instant.wholeSecond(draft.plannedAt))
          expect(age).toBeLessThanOrEqual(retentionDays * 86_400_000)
        }
      }),
      { numRuns: 500 }
    )
  })

  it("gives EventBridge whole seconds that are past, the end after the start", () => {
    fc.assert(
      fc.property(drafted, ({ draft }) => {
        for (const window of draft.windows) {
          if (Option.isNone(window.archive)) continue
          const [start = 0, end = 0] = [window.start, Option.getOrThrow(window.end)].map(DateTime.toEpochMillis)
          expect([start % 1_000, end % 1_000]).toEqual([0, 0])
          expect(end).toBeGreaterThan(start)
          expect(end).toBeLessThanOrEqual(DateTime.toEpochMillis(draft.plannedAt))
        }
      }),
      { numRuns: 500 }
    )
  })

  it("never names two streams the same", () => {
    fc.assert(
      fc.property(drafted, ({ draft }) => {
        const names = draft.windows.map(({ name }) => name)
        expect(new Set(names).size).toBe(names.length)
      }),
      { numRuns: 300 }
    )
  })

  it("without an error gives every topic of every window to exactly one of the window's streams", () => {
    fc.assert(
      fc.property(drafted, ({ complete, draft }) => {
        if (Either.isLeft(ReplayPlan.accept(draft))) return
        const planned = draft.windows.flatMap(({ topics }) => [...topics]).sort()
        expect(planned).toEqual(complete.windows.flatMap(({ topics }) => [...topics]).sort())
      }),
      { numRuns: 300 }
    )
  })

  it("gives a payload to exactly the windows without an error", () => {
    fc.assert(
      fc.property(drafted, ({ complete, draft }) => {
        const wrong = new Set(
          draft.findings.flatMap(({ path, severity }) =>
            severity === "error" ? [/^windows\[(\d+)\]/.exec(path)?.[1]] : []
          )
        )
        const right = complete.windows.filter((_, index) => !wrong.has(String(index)))
        const planned = draft.windows.flatMap(({ topics }) => [...topics]).sort()
        expect(planned).toEqual(right.flatMap(({ topics }) => [...topics]).sort())
      }),
      { numRuns: 300 }
    )
  })
})
