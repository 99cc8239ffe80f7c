import { describe, expect, it } from "@effect/vitest"
import type { RecordsReport } from "@genesys-replay/domain"
import { RecordsTopics, TopicPage } from "@genesys-replay/eventlog"
import { DateTime, Effect, FastCheck as fc } from "effect"
import * as ConversationStory from "../../../packages/eventlog/src/report/topic/ConversationStory.js"
import { voiceEvents, voiceRecord } from "../../domain/Conversations.js"
import { reconcile } from "./Reconciling.js"

const generatedAt = DateTime.unsafeMake("2025-11-12T09:30:00Z")

/** The section of a page that tells the conversations; empty where there is none. */
const sectionOf = (report: RecordsReport.RecordsReport): string =>
  /<section aria-labelledby="stories">.*?<\/section>/s.exec(
    TopicPage.render(RecordsTopics.ofRecords(report), { generatedAt })
  )?.[0] ?? ""

const without = (...topics: ReadonlyArray<string>) =>
  Effect.map(
    reconcile(
      voiceEvents.filter((line) => !topics.some((topic) => line.includes(`.{id}.${topic}"`))).join("\n"),
      JSON.stringify(voiceRecord)
    ),
    ({ report }) => report
  )

const count = (text: string, part: string): number => text.split(part).length - 1

type Event = RecordsReport.ConversationEvent

const eventAt = (ms: number | null, session: number, state: Event["state"]): Event => ({
  topic: "v2.detail.events.conversation.{id}.acd.start",
  participantId: `p-${session}`,
  purpose: "acd",
  mediaType: "voice",
  sessionId: `s-${session}`,
  expectedAt: ms === null ? null : DateTime.unsafeMake(ms),
  at: null,
  state
})

const events = fc.array(
  fc
    .tuple(
      fc.option(fc.integer({ min: 0, max: 10_000 })),
      fc.nat({ max: 6 }),
      fc.constantFrom("came" as const, "missing" as const, "not judged" as const)
    )
    .map(([ms, session, state]) => eventAt(ms, session, state)),
  { maxLength: 40 }
)

/** A report of so many conversations, each with these events. */
const reportOf = (report: RecordsReport.RecordsReport, conversations: number, given: ReadonlyArray<Event>) => ({
  ...report,
  incomplete: {
    count: conversations + 2,
    first: Array.from({ length: conversations }, (_, at) => ({
      conversationId: `c-${at}`,
      expected: given.length,
      missing: given.length,
      events: given
    }))
  }
})

describe("the conversations that lack something, on a page", () => {
  it.effect("are told with a lane for each session, a mark for each event, and all of it in order of time", () =>
    Effect.gen(function* () {
      const section = sectionOf(yield* without("acd.start"))
      expect(section).toContain("f11fc8de-3eb4-49c8-8f8d-e0e973e1d036")
      expect(section).toContain("<b>1 of 12</b> missing · 2025-11-10, 4 min 31 s")
      // Five sessions and the axis.
      expect(count(section, '<div class="lane">')).toBe(6)
      expect(section).toContain("acd voice: 2 events, acd.start missing")
      const rows = [...section.matchAll(/<tr(?: class="lacks")?><th scope="row"><time[^>]*>([^<]+)<\/time>/g)]
      const times = rows.map(([, time]) => time)
      expect([times.length, times]).toEqual([12, [...times].sort()])
      expect(section).toMatch(/<tr class="lacks">.*?10:00:41\.240.*?<\/svg>missing<\/td>.*?acd\.start/s)
      expect(count(section, '<tr class="lacks">')).toBe(1)
    })
  )

  it.effect("tell what is missing by shape and word, not by colour alone", () =>
    Effect.gen(function* () {
      const section = sectionOf(yield* without("acd.start", "acw"))
      const [came, missing] = ["came", "missing"].map(
        (word) => new RegExp(`<td class="state"><svg[^>]*>([^]*?)</svg>${word}`).exec(section)?.[1]
      )
      expect([came, missing]).not.toContain(undefined)
      expect(count(missing ?? "", "<path")).toBe(1)
      expect(count(came ?? "", "<path")).toBe(0)
    })
  )

  it.effect("are none where nothing is missing", () =>
    Effect.gen(function* () {
      expect(sectionOf(yield* without())).toBe("")
    })
  )

  it.effect("are bounded in number, and so are their events: the rest is told", () =>
    Effect.gen(function* () {
      const long = Array.from({ length: 200 }, (_, at) => eventAt(at * 1_000, at % 20, at === 100 ? "missing" : "came"))
      const section = sectionOf(reportOf(yield* without("acw"), 30, long))
      expect(count(section, '<article class="story"')).toBe(25)
      expect(section).toContain("7 more conversations lack something and are not shown; all are counted.")
      expect(section).toContain("8 more sessions not shown, of which nothing is missing.")
      expect(section).toContain("197 more events not listed.")
    })
  )

  it.effect("keep what would harm a page as text", () =>
    Effect.gen(function* () {
      const evil = `<img src=x onerror=alert(1)>"'`
      const [event] = [eventAt(1, 1, "missing")]
      const harmful = { ...event, topic: evil, purpose: evil, mediaType: evil, sessionId: evil, participantId: evil }
      const report = reportOf(yield* without("acw"), 1, [harmful])
      const named = {
        ...report.incomplete,
        first: report.incomplete.first.map((one) => ({ ...one, conversationId: evil }))
      }
      const section = sectionOf({ ...report, incomplete: named })
      expect(section).not.toContain("<img")
      expect(section).toContain("&lt;img src=x")
    })
  )
})

describe("ConversationStory.lanes", () => {
  it("place every event with a time from the first to the last, each in the lane of its session, in order", () => {
    fc.assert(
      fc.property(events, (given) => {
        const found = ConversationStory.lanes(given, 100)
        const timed = given.filter(({ expectedAt }) => expectedAt !== null)
        if (found === null) {
          expect(timed).toEqual([])
          return
        }
        const placed = found.lanes.flatMap((lane) => lane.events)
        expect(placed.length).toBe(timed.length)
        for (const { event, share } of placed) {
          const ms = DateTime.toEpochMillis(event.expectedAt ?? DateTime.unsafeMake(Number.NaN))
          expect(share).toBeCloseTo(
            found.fromMs === found.toMs ? 0.5 : (ms - found.fromMs) / (found.toMs - found.fromMs)
          )
        }
        for (const { events: own, sessionId } of found.lanes) {
          expect(own.every(({ event }) => event.sessionId === sessionId)).toBe(true)
          const shares = own.map(({ share }) => share)
          expect(shares).toEqual([...shares].sort((one, other) => one - other))
        }
        expect(found.left).toEqual({ sessions: 0, missing: 0 })
      })
    )
  })

  it("keep those that lack most where there are too many, and count the others", () => {
    fc.assert(
      fc.property(events, fc.integer({ min: 1, max: 4 }), (given, most) => {
        const all = ConversationStory.lanes(given, 100)
        const some = ConversationStory.lanes(given, most)
        if (all === null || some === null) return
        const missing = ({ events: own }: ConversationStory.Lane) =>
          own.filter(({ event }) => event.state === "missing").length
        const sorted = all.lanes.map(missing).sort((one, other) => other - one)
        expect(some.lanes.map(missing).sort((one, other) => other - one)).toEqual(sorted.slice(0, most))
        expect(some.left).toEqual({
          sessions: Math.max(0, all.lanes.length - most),
          missing: sorted.slice(most).reduce((sum, one) => sum + one, 0)
        })
      })
    )
  })
})
