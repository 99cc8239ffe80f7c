import { describe, expect, it } from "@effect/vitest"
import { HealPlan } from "@genesys-replay/domain"
import { DateTime, Duration, FastCheck, Option } from "effect"

const now = DateTime.unsafeMake("2024-01-20T12:00:30Z")
const started = "v2.detail.events.conversation.{id}.acd.start"

const missing = (time: string | null, topic: string | null = started): HealPlan.Missing => ({
  timeMs: time === null ? null : Date.parse(time),
  topic
})

const archive: HealPlan.ReplaySource = {
  ...HealPlan.everything,
  since: Option.some(DateTime.unsafeMake("2024-01-15T00:00:00Z")),
  until: Option.some(DateTime.unsafeMake("2024-01-20T06:00:00Z")),
  retention: Option.some(Duration.days(3)),
  holds: (topic) => topic.startsWith("v2.detail.")
}

const reasons = ({ left }: HealPlan.HealPlan) => left.map(({ count, reason }) => [reason, count])

describe("HealPlan", () => {
  it("an archive is replayed by whole minutes, those of a batch at the same time", () => {
    const plan = HealPlan.make(
      [missing("2024-01-19T10:00:59Z"), missing("2024-01-19T10:01:00Z"), missing("2024-01-19T14:30:12Z")],
      archive,
      { now, atOnce: 1 }
    )
    expect(plan.windows).toEqual([
      {
        start: DateTime.unsafeMake("2024-01-19T10:00:00Z"),
        end: DateTime.unsafeMake("2024-01-19T10:02:00Z"),
        events: 2
      },
      {
        start: DateTime.unsafeMake("2024-01-19T14:30:00Z"),
        end: DateTime.unsafeMake("2024-01-19T14:31:00Z"),
        events: 1
      }
    ])
    expect(plan.batches.map((batch) => batch.length)).toEqual([1, 1])
    expect([plan.minutes, plan.recoverable, plan.left]).toEqual([3, 3, []])
  })

  it("the Event Streams API replays once, from the first that is missing up to now", () => {
    const plan = HealPlan.make(
      [missing("2024-01-19T14:30:12Z"), missing("2024-01-19T10:00:59Z")],
      { ...HealPlan.everything, reach: "to-now" },
      { now }
    )
    expect(plan.windows).toEqual([{ start: DateTime.unsafeMake("2024-01-19T10:00:00Z"), end: now, events: 2 }])
  })

  it("what cannot come back is told by the first reason that applies", () => {
    const plan = HealPlan.make(
      [
        { ...missing("2024-01-19T10:00:00Z"), isJudged: false },
        missing("2024-01-10T10:00:00Z", "v2.users.{id}.presence"),
        missing(null),
        { timeMs: Number.NaN, topic: null },
        missing("2024-01-10T10:00:00Z"),
        missing("2024-01-20T07:00:00Z"),
        missing("2024-01-20T05:59:59Z", null)
      ],
      archive,
      { now }
    )
    expect(reasons(plan)).toEqual([
      ["not-judged", 1],
      ["outside-pattern", 1],
      ["time-unknown", 2],
      ["beyond-retention", 1],
      ["outside-life", 1]
    ])
    expect(plan.recoverable).toBe(1)
    expect(plan.left.map(({ span }) => Option.isSome(span))).toEqual([true, true, false, true, true])
  })

  it("an event of the last ten minutes may not be in the archive yet", () => {
    const plan = HealPlan.make(
      [missing("2024-01-20T11:50:31Z"), missing("2024-01-20T11:50:30Z")],
      HealPlan.everything,
      {
        now
      }
    )
    expect([reasons(plan), plan.recoverable]).toEqual([[["not-yet-archived", 1]], 1])
  })

  it("an archive holds events from its creation on, and takes none in that come after its end", () => {
    const since = DateTime.unsafeMake("2024-01-19T00:00:00Z")
    const at = (offset: number): HealPlan.Missing => ({
      timeMs: DateTime.toEpochMillis(since) + offset,
      topic: started
    })
    const plan = HealPlan.make(
      [at(-1), at(0)],
      { ...archive, since: Option.some(since), retention: Option.none() },
      { now }
    )
    expect([reasons(plan), plan.recoverable]).toEqual([[["outside-life", 1]], 1])
  })

  it("every missing event is recoverable or left for one reason; what is recoverable lies in a window", () => {
    const one = FastCheck.record({
      timeMs: FastCheck.option(FastCheck.integer({ min: Date.parse("2024-01-12"), max: Date.parse("2024-01-21") })),
      topic: FastCheck.option(FastCheck.constantFrom(started, "v2.users.{id}.presence")),
      isJudged: FastCheck.boolean()
    })
    FastCheck.assert(
      FastCheck.property(FastCheck.array(one, { maxLength: 40 }), (events) => {
        const plan = HealPlan.make(events, archive, { now })
        const left = plan.left.reduce((sum, { count }) => sum + count, 0)
        expect(left + plan.recoverable).toBe(events.length)
        expect(plan.windows.reduce((sum, window) => sum + window.events, 0)).toBe(plan.recoverable)
        expect(plan.batches.flat().length).toBe(plan.windows.length)
      })
    )
  })

  it("each reason has words of its own", () => {
    const messages = HealPlan.rules.map(({ reason }) => HealPlan.messageOf(reason))
    expect(new Set(messages).size).toBe(HealPlan.rules.length)
  })
})
