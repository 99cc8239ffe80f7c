import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Calibration, RecordsReport } from "@genesys-replay/domain"
import { SampleConversation, SampleEvent } from "@genesys-replay/domain/testing"
import { LogSource, PartPool, Reconciliation } from "@genesys-replay/eventlog"
import { DateTime, Effect, Exit, Schema, Stream } from "effect"
import { recordOf, segment, voiceEvents, voiceRecord } from "../../domain/Conversations.js"
import { at, day, reconcile, source } from "./Reconciling.js"

const all = voiceEvents.join("\n")
const record = JSON.stringify(voiceRecord)

const sum = (
  { groups }: RecordsReport.RecordsReport,
  key: "expected" | "unique" | "missing" | "unexpected" | "notJudged"
) => groups.reduce((total, group) => total + group[key], 0)

const topicOf = (line: string): string => JSON.parse(line)["detail-type"]

/** An event of a session of `recordOf`. */
const event = (topic: string, index: number, eventTime: string, more: object = {}) =>
  JSON.stringify({
    "detail-type": `v2.detail.events.conversation.{id}.${topic}`,
    detail: {
      eventBody: {
        eventTime: Date.parse(eventTime),
        conversationId: "c-1",
        participantId: `p-${index}`,
        sessionId: `s-${index}`,
        ...more
      }
    }
  })

describe("reconciling a capture with records", () => {
  it.effect("the conversation that is at hand: twelve expected, twelve came", () =>
    Effect.gen(function* () {
      const { report } = yield* reconcile(all, record)
      expect([sum(report, "expected"), sum(report, "unique"), sum(report, "missing")]).toEqual([12, 12, 0])
      expect([sum(report, "unexpected"), sum(report, "notJudged"), report.apart]).toEqual([0, 0, 0])
      expect([report.isComplete, report.completeness, report.conversations]).toEqual([true, "complete", 1])
    })
  )

  it.effect("the sample conversation of the testing entry: all that its record makes one expect came", () =>
    Effect.gen(function* () {
      const { endMs, events, record, startMs } = SampleConversation
      const window = { start: DateTime.unsafeMake(startMs), end: DateTime.unsafeMake(endMs + 1) }
      const { report } = yield* reconcile(SampleEvent.toNdjson(events), JSON.stringify(record), { window })
      // When `outbound` is sent is not known, so it is not judged; and no record tells of three topics.
      expect([sum(report, "expected"), sum(report, "unique"), sum(report, "missing")]).toEqual([12, 12, 0])
      expect([sum(report, "unexpected"), report.apart, report.isComplete]).toEqual([0, 0, true])
    })
  )

  it.effect("each one that is taken away is named, with the conversation and what it has", () =>
    Effect.gen(function* () {
      for (const [index, line] of voiceEvents.entries()) {
        const rest = voiceEvents.filter((_, other) => other !== index).join("\n")
        const { missingEvents, report } = yield* reconcile(rest, record)
        expect([report.completeness, report.missing.count, sum(report, "unique")]).toEqual(["incomplete", 1, 11])
        const body = JSON.parse(line).detail.eventBody
        const { conversationId, flowOutcomeId, participantId, sessionId } = body
        expect(report.missing.first[0]).toMatchObject({
          topic: topicOf(line),
          conversationId,
          participantId,
          sessionId,
          ...(flowOutcomeId === undefined ? {} : { flowOutcomeId })
        })
        expect([...missingEvents]).toEqual(report.missing.first)
        const [story] = report.incomplete.first
        expect(story).toMatchObject({ conversationId, expected: 12, missing: 1 })
        expect(story?.events.filter(({ state }) => state === "missing").map(({ topic }) => topic)).toEqual([
          topicOf(line)
        ])
        expect(story?.events.filter(({ state }) => state === "came").length).toBe(11)
        const times = story?.events.map(({ at, expectedAt }) => DateTime.toEpochMillis(at ?? expectedAt ?? day.start))
        expect(times).toEqual([...(times ?? [])].sort((one, other) => one - other))
      }
    })
  )

  it.effect("is a document that can be kept and read again", () =>
    Effect.gen(function* () {
      const { report } = yield* reconcile(voiceEvents.slice(1).join("\n"), record)
      const text = JSON.stringify(yield* Schema.encode(RecordsReport.RecordsReport)(report))
      const again = yield* Schema.decodeUnknown(RecordsReport.RecordsReport)(JSON.parse(text))
      expect(again.missing).toEqual(report.missing)
    })
  )

  it.effect("order, doubles and the time of an event do not count; a time far from the record's is told", () =>
    Effect.gen(function* () {
      const late = voiceEvents.map((line) => {
        const event = JSON.parse(line)
        event.detail.eventBody.eventTime += 6_000
        return JSON.stringify(event)
      })
      const { report } = yield* reconcile([...late, ...late].reverse().join("\n"), record)
      expect([report.completeness, sum(report, "unique"), sum(report, "unexpected")]).toEqual(["complete", 12, 0])
      // Of the flow outcome nobody knows when it is made.
      expect(report.apart).toBe(11)
    })
  )

  it.effect("only what is expected inside the window is, the start included and the end not", () =>
    Effect.gen(function* () {
      const window = { start: at("2025-11-10T10:00:00Z"), end: at("2025-11-10T10:00:41.240Z") }
      const { report } = yield* reconcile("", record, { window })
      const names = report.missing.first.map(({ topic }) => topic.replace("v2.detail.events.conversation.{id}.", ""))
      expect(names).toEqual(["customer.start", "flow.start", "flow.outcome", "flow.end"])
      expect(report.missingAtEdge).toBe(3)
    })
  )

  it.effect("only the topics that are asked for are looked at", () =>
    Effect.gen(function* () {
      const topics = ["v2.detail.events.conversation.{id}.acd.*"]
      const { report } = yield* reconcile("", record, {
        topics: topics.map((topic) => Schema.decodeUnknownSync(Schema.String.pipe(Schema.brand("TopicPattern")))(topic))
      })
      expect(report.groups.map(({ group, missing }) => [group.slice(-9), missing])).toEqual([
        ["}.acd.end", 1],
        ["acd.start", 1]
      ])
      const [story] = report.incomplete.first
      expect(story?.events.map(({ topic }) => topic)).toEqual(report.missing.first.map(({ topic }) => topic))
    })
  )

  it.effect("what no record makes one expect is unexpected, once; what no record tells of is not judged", () =>
    Effect.gen(function* () {
      const odd = event("acd.start", 7, "2025-11-10T10:01:00Z")
      const wrapup = event("wrapup", 0, "2025-11-10T10:01:00Z")
      const outside = event("acd.start", 8, "2025-11-12T10:01:00Z")
      const { report } = yield* reconcile([all, odd, odd, wrapup, outside].join("\n"), record)
      expect([sum(report, "unexpected"), sum(report, "notJudged")]).toEqual([1, 1])
      expect(report.notJudged).toEqual([{ reason: "no record tells of this topic", count: 1 }])
      expect(report.completeness).toBe("complete")
    })
  )

  it.effect("what cannot be judged is counted by its reason, whether it came or not, and never called missing", () =>
    Effect.gen(function* () {
      const value = recordOf(
        { segments: [segment("monitoring", 1, 2)] },
        { purpose: "customer", segments: [segment("interact", 1, 2)] },
        { purpose: "station", segments: [segment("monitoring", 1, 2)] }
      )
      const came = [
        event("customer.start", 1, "2025-11-10T10:01:00Z"),
        event("customer.end", 1, "2025-11-10T10:02:00Z")
      ]
      const listened = event("user.start", 0, "2025-11-10T10:01:00Z")
      const beside = event("acd.start", 2, "2025-11-10T10:01:00Z")
      const { report } = yield* reconcile([...came, listened, beside].join("\n"), JSON.stringify(value))
      expect(report.completeness).toBe("complete")
      expect(report.notJudged).toEqual([{ reason: "a supervisor listens in", count: 3 }])
      const without = yield* reconcile(came.join("\n"), JSON.stringify(value))
      expect(without.report.notJudged).toEqual([{ reason: "a supervisor listens in", count: 2 }])
    })
  )

  it.effect("a session that goes on lacks no end; an end that came all the same is not unexpected", () =>
    Effect.gen(function* () {
      const value = JSON.stringify(recordOf({ purpose: "customer", segments: [segment("interact", 1, null)] }))
      const start = event("customer.start", 0, "2025-11-10T10:01:00Z")
      const end = event("customer.end", 0, "2025-11-10T10:09:00Z")
      for (const text of [start, `${start}\n${end}`]) {
        const { report } = yield* reconcile(text, value)
        expect([report.completeness, sum(report, "expected"), sum(report, "unexpected")]).toEqual(["complete", 1, 0])
        expect(report.notJudged).toEqual([{ reason: "the record says that it goes on", count: 1 }])
      }
    })
  )
})

describe("records", () => {
  const going = recordOf({ purpose: "customer", segments: [segment("interact", 1, null)] })
  const over = recordOf({ purpose: "customer", segments: [segment("interact", 1, 3)] })

  it.effect("come one a line, over lines, in arrays, in pages: it is one", () =>
    Effect.gen(function* () {
      const page = JSON.stringify({
        conversations: [voiceRecord],
        cursor: "x",
        dataAvailabilityDate: "2025-11-12T00:00:00Z"
      })
      for (const text of [
        `\n${record}\n`,
        JSON.stringify(voiceRecord, null, 2),
        `[${record}]`,
        page,
        `${page}\n${JSON.stringify({ conversations: [] })}`
      ]) {
        const { report } = yield* reconcile(all, text)
        expect([report.completeness, report.conversations]).toEqual(["complete", 1])
      }
    })
  )

  it.effect("of one conversation in several versions the one that knows of more counts, whatever the order", () =>
    Effect.gen(function* () {
      for (const versions of [
        [going, over, going],
        [over, going]
      ]) {
        const { report } = yield* reconcile("", versions.map((one) => JSON.stringify(one)).join("\n"))
        expect([report.conversations, sum(report, "expected"), report.missing.count]).toEqual([1, 2, 2])
      }
    })
  )

  it.effect("that cannot be read keep the measurement from being a proof, and are told", () =>
    Effect.gen(function* () {
      const { report } = yield* reconcile(all, `${record}\n{"conversationStart": 1}\n[1]\n`)
      expect(report.completeness).toBe("not proven")
      expect(report.rejectedRecords.first.map(({ line, reason }) => `${line} ${reason}`)).toEqual([
        "2 no conversation record: nothing at conversationId",
        "3 no conversation record: not a JSON object"
      ])
    })
  )

  it.effect("with a date that is no date are read, the date is a finding and what depends on it not judged", () =>
    Effect.gen(function* () {
      const bad = JSON.stringify(recordOf({ segments: [{ segmentType: "interact", segmentStart: "soon" }] }))
      const { report } = yield* reconcile(all, `${record}\n${bad}`)
      expect(report.findings).toEqual({
        count: 1,
        first: [
          {
            conversationId: "c-1",
            path: "participants[0].sessions[0].segments[0].segmentStart",
            message: 'not a date: "soon"'
          }
        ]
      })
      expect(report.notJudged).toEqual([{ reason: "a date in the record cannot be read", count: 2 }])
    })
  )

  it.effect("that are none at all are an error: they would prove anything", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(reconcile(all, "{}\n"))
      expect(exit).toMatchObject(
        Exit.fail({
          _tag: "RecordsEmpty",
          rejected: 1,
          firstRejected: "no conversation record: nothing at conversationId"
        })
      )
    })
  )

  it.effect(
    "say of themselves up to when they are complete, and when they were read: what is final follows from it",
    () =>
      Effect.gen(function* () {
        const page = (available: string, retrieved?: string) =>
          JSON.stringify({ conversations: [voiceRecord], dataAvailabilityDate: available, retrievedAt: retrieved })
        const verdict = (text: string) => Effect.map(reconcile(all, text), ({ report }) => report.verdict)
        expect(yield* verdict(record)).toBe("provisional")
        expect(yield* verdict(page("2025-11-12T00:00:00Z", "2025-11-14T00:00:01Z"))).toBe("final")
        expect(yield* verdict(page("2025-11-12T00:00:00Z", "2025-11-13T00:00:00Z"))).toBe("provisional")
        // The page that reaches least far counts.
        const two = `${page("2025-11-12T00:00:00Z", "2025-11-20T00:00:00Z")}\n${page("2025-11-10T12:00:00Z")}`
        expect(yield* verdict(two)).toBe("provisional")
      })
  )

  it.effect("come from the platform as a stream, whose failure is that of the measurement", () =>
    Effect.gen(function* () {
      const from = <E>(records: Stream.Stream<unknown, E>) =>
        Reconciliation.reconcile({
          capture: [source(all)],
          records: {
            _tag: "RecordStream",
            records,
            dataAvailableUntil: at("2025-11-12T00:00:00Z"),
            retrievedAt: at("2025-11-20T00:00:00Z")
          },
          options: { window: day }
        }).pipe(Effect.scoped)
      const { report } = yield* from(Stream.make(voiceRecord))
      expect([report.completeness, report.verdict]).toEqual(["complete", "final"])
      expect(yield* Effect.exit(from(Stream.fail("gone")))).toEqual(Exit.fail("gone"))
    })
  )
})

describe("what was not read of the capture", () => {
  it.effect("a record that is no event is told, and changes nothing where all came", () =>
    Effect.gen(function* () {
      const { report } = yield* reconcile(
        `${all}\nnonsense\n{"detail-type":"v2.detail.events.conversation.{id}.acw","detail":{"eventBody":{}}}`,
        record
      )
      expect(report.completeness).toBe("complete")
      expect(report.rejected.first.map(({ line }) => line)).toEqual([13, 14])
      expect(report.rejected.first[1]?.reason).toBe("nothing at detail.eventBody.conversationId")
    })
  )

  it.effect("a source that cannot be read keeps it from being a proof", () =>
    Effect.gen(function* () {
      const { report, unreadable } = yield* Reconciliation.reconcile({
        capture: [source(all), { _tag: "File", path: "/nowhere/at-all.ndjson" }],
        records: { _tag: "RecordFiles", sources: [source(record)] },
        options: { window: day }
      }).pipe(Effect.scoped)
      expect([report.completeness, report.unread.length, unreadable.length]).toEqual(["not proven", 1, 1])
    })
  )

  it.effect("events of other topics are counted", () =>
    Effect.gen(function* () {
      const { report } = yield* reconcile(`${all}\n{"detail-type":"v2.users.{id}.presence"}`, record)
      expect(report.otherEvents).toBe(1)
    })
  )
})

describe("files that are read in parts", () => {
  it.effect("give the same, whatever the parts, and lines are told where they stand in the file", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const directory = yield* files.makeTempDirectoryScoped()
      const many = Array.from({ length: 40 }, (_, index) => (index === 37 ? "nonsense" : all)).join("\n")
      yield* files.writeFileString(`${directory}/a.ndjson`, many)
      const versions = [recordOf({ segments: [segment("interact", 1, null)] }), voiceRecord, voiceRecord]
      yield* files.writeFileString(`${directory}/r.ndjson`, versions.map((one) => JSON.stringify(one)).join("\n"))
      const { report, sources } = yield* Reconciliation.reconcile({
        capture: [LogSource.file(`${directory}/a.ndjson`)],
        records: { _tag: "RecordFiles", sources: [LogSource.file(`${directory}/r.ndjson`)] },
        options: { window: day }
      }).pipe(
        Effect.provideService(PartPool.PartPool, { script: undefined, count: 3, worthwhile: 0, smallestPart: 4_000 })
      )
      expect([report.conversations, sum(report, "expected"), sum(report, "unique")]).toEqual([2, 13, 12])
      expect(report.rejected.first.map(({ line }) => line)).toEqual([37 * 12 + 1])
      expect(sources.map(({ lines }) => lines)).toEqual([39 * 12 + 1, 3])
    }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))
  )
})

describe("audits", () => {
  const audit = (id: string, date = "2025-11-10T10:00:00Z") => ({ id, eventDate: date })
  const auditEvent = (id: string) =>
    JSON.stringify({
      "detail-type": "v2.audits.entitytype.{id}.entityid.{id}",
      detail: { eventBody: { id, eventTime: "2025-11-10T10:00:01Z" } }
    })
  const ids = ["a22dc12f-0809-4a3d-abe0-6462c76a29bb", "no uuid"]

  it.effect("are one event for one record, by its id", () =>
    Effect.gen(function* () {
      const page = JSON.stringify({ entities: ids.map((id) => audit(id)) })
      const { report } = yield* reconcile([all, ...ids.map(auditEvent)].join("\n"), record, {}, page)
      expect([report.completeness, sum(report, "expected"), report.conversations]).toEqual(["complete", 14, 1])
      const lacking = yield* reconcile([all, auditEvent("no uuid")].join("\n"), record, {}, page)
      expect(lacking.report.missing.first).toMatchObject([{ conversationId: ids[0], participantId: null }])
    })
  )

  it.effect("are not looked at where nobody asks for them", () =>
    Effect.gen(function* () {
      const { report } = yield* reconcile([all, auditEvent("x")].join("\n"), record)
      expect(sum(report, "unexpected")).toBe(0)
    })
  )
})

describe("calibration", () => {
  const dialled = (conversationId: string) => ({
    ...recordOf({ purpose: "dialer", segments: [segment("dialing", 1, 2)], session: { outboundCampaignId: "x" } }),
    conversationId
  })
  const outbound = (conversationId: string) => event("outbound", 0, "2025-11-10T10:01:30Z", { conversationId })
  const lines = (...values: ReadonlyArray<unknown>) => values.map((value) => JSON.stringify(value)).join("\n")

  it.effect("learns on a good day what always comes, and then judges it", () =>
    Effect.gen(function* () {
      const good = yield* reconcile([all, outbound("c-1")].join("\n"), lines(voiceRecord, dialled("c-1")))
      const learned = good.calibration()
      const kept = yield* Schema.encode(Calibration.Calibration)(learned)
      expect(kept.classes.find(({ class: one }) => one.purpose === "dialer")).toEqual({
        class: { purpose: "dialer", mediaType: "voice", segmentTypes: ["dialing"] },
        sessions: 1,
        topics: [{ topic: "outbound", expected: 1, came: 1 }]
      })
      expect(Calibration.notAlways(learned)).toEqual([])
      const records = lines(voiceRecord, dialled("c-2"))
      const without = yield* reconcile(all, records)
      expect([without.report.completeness, without.report.notJudged]).toEqual([
        "complete",
        [{ reason: "when it is sent is not known", count: 1 }]
      ])
      const judged = yield* reconcile(all, records, { calibration: learned })
      expect(judged.report.missing.first).toMatchObject([{ conversationId: "c-2" }])
    })
  )

  it.effect("does not judge what did not always come, nor classes that it has not seen", () =>
    Effect.gen(function* () {
      const learned = (yield* reconcile(voiceEvents.slice(1).join("\n"), record)).calibration()
      const other = recordOf({ purpose: "customer", segments: [segment("hold", 1, 2)] })
      const { report } = yield* reconcile("", lines(voiceRecord, other), { calibration: learned })
      expect(report.notJudged).toEqual([
        { reason: "its class of sessions was not seen when calibrating", count: 2 },
        { reason: "its class of sessions does not always have it", count: 1 }
      ])
      expect(report.missing.count).toBe(11)
    })
  )
})
