import { describe, expect, it } from "@effect/vitest"
import { EventStreamPayload, ReplayPlan, ReplaySpec } from "@genesys-replay/domain"
import { DateTime, Either, FastCheck as fc, Schema } from "effect"

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

const drafted = document.map((value) => {
  const spec = Schema.decodeUnknownSync(ReplaySpec.SpecDocument)(value)
  const complete = Either.getOrThrow(ReplaySpec.complete(spec))
  return { complete, draft: ReplayPlan.draft(complete, now, hash) }
})

describe("planning, whatever the spec", () => {
  it("never gives a payload outside the platform's limits", () => {
    fc.assert(
      fc.property(drafted, ({ draft }) => {
        for (const { payload, retentionDays } of draft.windows) {
          const encoded: unknown = JSON.parse(JSON.stringify(payload))
          expect(
            Schema.decodeUnknownSync(EventStreamPayload.EventStreamPayload, { onExcessProperty: "error" })(encoded)
          ).toEqual(payload)
          expect(payload.retentionDays).toBe(retentionDays)
          const age = DateTime.distance(DateTime.unsafeMake(payload.replayConfig.startDate), now)
          expect(age).toBeGreaterThanOrEqual(0)
          expect(age).toBeLessThanOrEqual(retentionDays * 86_400_000)
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
        const planned = draft.windows.flatMap(({ payload }) => [...payload.filters.topics]).sort()
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
        const planned = draft.windows.flatMap(({ payload }) => [...payload.filters.topics]).sort()
        expect(planned).toEqual(right.flatMap(({ topics }) => [...topics]).sort())
      }),
      { numRuns: 300 }
    )
  })
})
