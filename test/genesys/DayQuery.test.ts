import { describe, expect, it } from "@effect/vitest"
import { DateTime, Effect, Exit, Stream } from "effect"
import type { AnalyticsCalls } from "../../packages/genesys/src/records/AnalyticsCalls.js"
import * as DayQuery from "../../packages/genesys/src/records/DayQuery.js"

const at = (text: string) => DateTime.unsafeMake(text)
const day = { start: at("2025-11-10T00:00:00Z"), end: at("2025-11-10T23:59:59.999Z") }

/** A day of `count` conversations, of which one question gives 100,000. */
const platform = (count: number, tellsTotal = true) => {
  const asked: Array<number> = []
  const query: AnalyticsCalls["query"] = ({ order, paging }) =>
    Effect.sync(() => {
      const { pageNumber = 1, pageSize = 100 } = paging ?? {}
      const from = (pageNumber - 1) * pageSize
      asked.push(pageNumber)
      if (from + pageSize > 100_000) throw new Error("400: more than 100,000 results")
      const size = Math.max(0, Math.min(pageSize, count - from))
      const conversations = Array.from({ length: size }, (_, index) =>
        order === "asc" ? from + index : count - 1 - from - index
      )
      return { conversations, totalHits: tellsTotal ? count : undefined }
    })
  return { asked, query }
}

const read = (calls: Pick<AnalyticsCalls, "query">) =>
  Effect.suspend(() => {
    const seen = new Set<unknown>()
    return DayQuery.pages(calls, day, (one) => seen.has(one)).pipe(
      Stream.runForEach((page) =>
        Effect.sync(() => {
          for (const one of page) seen.add(one)
        })
      ),
      Effect.map(() => seen.size)
    )
  })

describe("the conversations of a day", () => {
  it.effect("come page by page, and no page more than there are", () =>
    Effect.gen(function* () {
      for (const [count, pages] of [
        [0, 1],
        [99, 1],
        [100, 1],
        [101, 2]
      ] as const) {
        const calls = platform(count)
        expect([yield* read(calls), calls.asked.length]).toEqual([count, pages])
      }
    })
  )

  it.effect("come from both ends where one question does not give them all, whether or not the total is told", () =>
    Effect.gen(function* () {
      for (const count of [100_000, 100_001, 150_000, 199_900]) {
        expect(yield* read(platform(count))).toBe(count)
        expect(yield* read(platform(count, false))).toBe(count)
      }
    })
  )

  it.effect("are refused where both ends together do not give them all, with the day and a remedy", () =>
    Effect.gen(function* () {
      const told = platform(200_001)
      expect(yield* Effect.exit(read(told))).toMatchObject(
        Exit.fail({
          message:
            "2025-11-10 has 200001 conversations, and the query gives at most 200000 of one day. Ask again when the data availability has passed that day: a job has no such limit"
        })
      )
      expect(told.asked.length).toBe(1)
      expect(yield* Effect.exit(read(platform(300_000, false)))).toMatchObject(
        Exit.fail({ _tag: "TooManyConversations", count: null })
      )
    })
  )
})

describe("the days of an interval", () => {
  const days = (start: string, end: string) =>
    DayQuery.days({ start: at(start), end: at(end) }).map((one) =>
      [one.start, one.end].map((instant) => DateTime.formatIso(instant).slice(5, 23)).join(" ")
    )

  it("are whole days that touch no other, the last one to the end", () => {
    expect(days("2025-11-10T13:00:00Z", "2025-11-12T01:00:00Z")).toEqual([
      "11-10T00:00:00.000 11-10T23:59:59.999",
      "11-11T00:00:00.000 11-11T23:59:59.999",
      "11-12T00:00:00.000 11-12T01:00:00.000"
    ])
  })

  it("an end at midnight touches no further day", () => {
    expect(days("2025-11-10T13:00:00Z", "2025-11-11T00:00:00Z")).toEqual(["11-10T00:00:00.000 11-10T23:59:59.999"])
  })
})
