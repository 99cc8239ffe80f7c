import { execFileSync } from "node:child_process"
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { Worker } from "node:worker_threads"
import { gzipSync } from "node:zlib"
import { describe, expect, it } from "@effect/vitest"
import { TopicPattern } from "@genesys-replay/domain"
import { Comparison, LogSource } from "@genesys-replay/eventlog"
import * as ReadAhead from "@genesys-replay/eventlog/ReadAhead"
import { Chunk, DateTime, Deferred, Effect, Fiber, Layer, Schema, Stream } from "effect"
import { build } from "esbuild"
import { vi } from "vitest"
import * as PartPlan from "../../packages/eventlog/src/threads/PartPlan.js"
import * as PartPool from "../../packages/eventlog/src/threads/PartPool.js"
import { dayMs, event, source } from "./RealEvents.js"

const at = (ms: number) => DateTime.unsafeMake(dayMs + ms)

const pattern = Schema.decodeSync(TopicPattern.TopicPattern)

const events = (count: number) =>
  Array.from({ length: count }, (_, number) =>
    event({ eventTime: dayMs + number * 1_000, conversationId: `c-${number % 7}` })
  )

const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "comparison-"))),
  (root) => Effect.sync(() => rmSync(root, { recursive: true }))
)

const linesOf = (records: ReadonlyArray<unknown>): string => records.map((one) => `${JSON.stringify(one)}\n`).join("")

const missingLines = ({ missingEvents }: Comparison.Result) =>
  Effect.map(Stream.runCollect(missingEvents), (found) =>
    Chunk.toReadonlyArray(found).map(({ line }) => Buffer.from(line).toString())
  )

/** Files are cut into parts, which one thread reads. */
const inParts = Layer.succeed(PartPool.PartPool, { script: undefined, count: 3, worthwhile: 0, smallestPart: 1 })

describe("A capture measured against a baseline", () => {
  it.effect("has every event of the baseline, or lacks those that it has not", () =>
    Effect.gen(function* () {
      const [first, second, third] = [0, 1_000, 2_000].map((ms) => event({ eventTime: dayMs + ms }))
      const { conversations, missingEvents, report, timelines } = yield* Comparison.compare({
        baseline: [source("baseline", [first, second, second, third])],
        capture: [source("capture", [third, third, event({ eventTime: dayMs + 5_000 })])]
      })
      expect(report).toMatchObject({
        verdict: "incomplete",
        isComplete: false,
        groups: [
          {
            expected: 3,
            observed: 3,
            unique: 1,
            missing: 2,
            unexpected: 1,
            duplicates: 1,
            coveragePercentage: 33.33,
            missingRanges: [{ from: at(0), to: at(1_000), count: 2 }]
          }
        ],
        missing: {
          count: 2,
          first: [
            { time: at(0), conversationId: "c-1", source: "baseline", line: 1 },
            { time: at(1_000), conversationId: "c-1", source: "baseline", line: 2 }
          ]
        },
        baseline: { events: 4, unique: 3 }
      })
      expect(conversations).toMatchObject({ count: 1, first: [{ conversationId: "c-1", missing: 2 }] })
      expect([...timelines.values()].map(({ missing }) => missing.reduce((sum, one) => sum + one))).toEqual([2])
      const lines = Chunk.toReadonlyArray(yield* Stream.runCollect(missingEvents))
      expect(lines.map(({ line }) => Buffer.from(line).toString())).toEqual(
        [first, second].map((one) => JSON.stringify(one))
      )
    }).pipe(Effect.scoped)
  )

  it.effect("is the same for any order of events, and for sources in any pieces", () =>
    Effect.gen(function* () {
      const all = events(300)
      const came = all.filter((_, number) => number % 11 !== 0)
      const counts = ({ report }: Comparison.Result) => [report.groups, report.missing.count, report.baseline]
      const whole = yield* Comparison.compare({ baseline: [source("b", all)], capture: [source("c", came)] })
      const other = yield* Comparison.compare({
        baseline: [source("b", all.slice(100).reverse()), source("d", all.slice(0, 130))],
        capture: [source("c", came.slice(50)), source("d", came.slice(0, 50).reverse())]
      })
      expect(counts(other)).toEqual([whole.report.groups, 28, { events: 330, unique: 300 }])
    }).pipe(Effect.scoped)
  )

  it.effect("looks at the events of a window by their own time, the end left out", () =>
    Effect.gen(function* () {
      const all = events(10)
      const untimed = event({ eventTime: null, envelope: { time: "soon" } })
      untimed.detail.timestamp = "then"
      const { passedOver, report } = yield* Comparison.compare({
        baseline: [source("baseline", [...all, untimed])],
        capture: [source("capture", all.slice(4))],
        options: { window: { start: at(3_000), end: at(6_000) } }
      })
      expect(report).toMatchObject({
        window: { start: at(3_000), end: at(6_000) },
        groups: [{ expected: 3, observed: 2, unique: 2, missing: 1, unexpected: 0 }],
        rejected: {
          count: 1,
          first: [{ source: "baseline", line: 11, reason: expect.stringContaining("no event time") }]
        }
      })
      expect(passedOver).toEqual({ capture: 4, baseline: 7 })
    }).pipe(Effect.scoped)
  )

  it.effect("does not miss an event whose copies have other times, where the time is none of its own", () =>
    Effect.gen(function* () {
      const at = (time: string) => ({ id: "1", source: "s", "detail-type": "d", detail: { a: 1 }, time })
      const window = { end: DateTime.unsafeMake("2025-01-02T00:00:00Z") }
      const inside = source("in", [at("2025-01-01T23:59:59Z")])
      const outside = source("out", [at("2025-01-02T00:00:01Z")])
      const late = yield* Comparison.compare({ baseline: [inside], capture: [outside], options: { window } })
      expect(late.report).toMatchObject({ verdict: "complete", groups: [{ expected: 1, unique: 1, observed: 0 }] })
      const early = yield* Comparison.compare({
        baseline: [outside, source("other", [event({ eventTime: 0 })])],
        capture: [inside, source("other", [event({ eventTime: 0 })])],
        options: { window }
      })
      expect(early.report.groups.map(({ unexpected }) => unexpected)).toEqual([0, 0])
    }).pipe(Effect.scoped)
  )

  it.effect("looks at topics by the detail-type, or by the name in which an id is spelt out", () =>
    Effect.gen(function* () {
      const all = [event({ conversationId: "c-1" }), event({ conversationId: "c-2" }), event({ topic: "acd.end" })]
      const expected = (...topics: ReadonlyArray<string>) =>
        Effect.map(
          Comparison.compare({
            baseline: [source("b", all)],
            capture: [source("c", all)],
            options: { topics: topics.map((topic) => pattern(topic)) }
          }),
          ({ report }) => report.baseline.unique
        )
      expect(yield* expected("v2.detail.events.conversation.{id}.acd.start")).toBe(2)
      expect(yield* expected("v2.detail.events.conversation.c-2.acd.start")).toBe(1)
      expect(yield* expected("v2.detail.*", "v2.users.{id}.presence")).toBe(3)
      const none = yield* Effect.flip(expected("v2.users.*"))
      expect(none).toMatchObject({ _tag: "BaselineEmpty", passedOver: 3 })
    }).pipe(Effect.scoped)
  )

  it.effect("looks at conversations by the id in the body, however it is spelt, or in the name of the topic", () =>
    Effect.gen(function* () {
      const named = (topicName: string, eventBody: Record<string, unknown>) =>
        JSON.stringify({ "detail-type": "v2.x", detail: { topicName, eventBody: { eventTime: dayMs, ...eventBody } } })
      const inBody = named("v2.users.u-1.presence", { conversationId: "c-1" })
      const spelt = named("v2.users.u-2.presence", { conversationId: "c-1" }).replace("c-1", "\\u0063-1")
      const inTopic = named("v2.detail.events.conversation.c-1.acw", { note: "c-2" })
      const all = [inBody, spelt, inTopic, event({ conversationId: "c-12" }), event({ conversationId: "c-3" })]
      const compared = (...conversations: ReadonlyArray<string>) =>
        Comparison.compare({
          baseline: [source("b", all)],
          capture: [source("c", all.slice(1))],
          options: { conversations }
        })
      const one = yield* compared("c-1")
      expect(one.report.baseline.unique).toBe(3)
      expect(one.report.missing).toMatchObject({ count: 1, first: [{ conversationId: "c-1" }] })
      expect(one.passedOver).toEqual({ capture: 2, baseline: 2 })
      const other = yield* compared("c-3")
      expect([other.report.verdict, other.report.baseline.unique]).toEqual(["complete", 1])
      expect((yield* compared("c-3", "c-12")).report.baseline.unique).toBe(2)
      expect(yield* Effect.flip(compared("c-2"))).toMatchObject({ _tag: "BaselineEmpty", passedOver: 5 })
    }).pipe(Effect.scoped)
  )

  it.effect("tells events apart by a key where one is given", () =>
    Effect.gen(function* () {
      const one = event({ body: { a: 1 } })
      const other = event({ body: { a: 2 } })
      const compare = (key?: ReadonlyArray<string>) =>
        Comparison.compare({ baseline: [source("b", [one])], capture: [source("c", [other])], options: { key } })
      expect((yield* compare()).report.missing.count).toBe(1)
      expect((yield* compare(["detail.topicName", "detail.eventBody.eventTime"])).report.verdict).toBe("complete")
      expect(yield* Effect.flip(compare(["detail..a"]))).toMatchObject({ _tag: "InvalidFieldPath" })
      expect(yield* Effect.flip(compare(["nothing.here"]))).toMatchObject({ _tag: "BaselineEmpty", rejected: 2 })
    }).pipe(Effect.scoped)
  )

  it.effect("proves nothing over what was rejected or not read", () =>
    Effect.gen(function* () {
      const all = events(3)
      const compare = (capture: ReadonlyArray<LogSource.LogSource>, allowRejected = 0) =>
        Effect.map(
          Comparison.compare({ baseline: [source("b", all)], capture, options: { allowRejected } }),
          ({ report }) => report
        )
      expect((yield* compare([source("c", all)])).verdict).toBe("complete")
      const garbage = source("c", [...all, "garbage", "[]", '{"detail":{}}'])
      const doubtful = yield* compare([garbage])
      expect(doubtful).toMatchObject({ verdict: "not proven", isComplete: true, rejected: { count: 3 } })
      expect(doubtful.rejected.first.map(({ line, reason }) => [line, reason])).toEqual([
        [4, expect.stringContaining("not JSON")],
        [5, "no JSON object but an array: []"],
        [6, "nothing at source"]
      ])
      expect((yield* compare([garbage], 3)).verdict).toBe("complete")
      const unread = yield* compare([source("c", all), LogSource.file("/there/is/nothing")])
      expect(unread).toMatchObject({ verdict: "not proven", unread: [{ source: "/there/is/nothing" }] })
      expect((yield* compare([source("c", ["garbage", ...all.slice(1)])])).verdict).toBe("incomplete")
    }).pipe(Effect.scoped)
  )

  it.effect("refuses a baseline that has nothing, and a window that holds no time", () =>
    Effect.gen(function* () {
      const compare = (baseline: ReadonlyArray<unknown>, window?: { start: DateTime.Utc; end: DateTime.Utc }) =>
        Effect.flip(
          Comparison.compare({
            baseline: [source("b", baseline)],
            capture: [source("c", events(1))],
            options: { window }
          })
        )
      expect((yield* compare([])).message).toBe("the baseline has no event to measure against")
      expect((yield* compare(["x"])).message).toContain("1 records were rejected")
      expect(yield* compare(events(3), { start: at(9_000), end: at(9_001) })).toMatchObject({
        _tag: "BaselineEmpty",
        passedOver: 3
      })
      expect(yield* compare(events(3), { start: at(1), end: at(1) })).toMatchObject({ _tag: "InvalidWindow" })
    }).pipe(Effect.scoped)
  )

  it.effect("lists the stretches of time in which nothing came, those that lack the most first", () =>
    Effect.gen(function* () {
      const all = events(100)
      const isMissing = (number: number) =>
        number === 3 || (number >= 20 && number < 40) || (number >= 90 && number < 95)
      const { report, timelines } = yield* Comparison.compare({
        baseline: [source("b", all)],
        capture: [
          source(
            "c",
            all.filter((_, number) => !isMissing(number))
          )
        ],
        options: { maxRanges: 2, maxStretches: 20 }
      })
      expect(report.groups[0]?.missingRanges).toEqual([
        { from: at(20_000), to: at(39_000), count: 20 },
        { from: at(90_000), to: at(94_000), count: 5 }
      ])
      const [timeline] = [...timelines.values()]
      expect(timeline).toEqual({
        fromMs: dayMs,
        stepMs: 5_000,
        expected: new Array(20).fill(5),
        missing: [1, 0, 0, 0, 5, 5, 5, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0]
      })
    }).pipe(Effect.scoped)
  )

  it.effect("gives the missing events as the baseline has them, whatever form it has", () =>
    Effect.gen(function* () {
      const root = yield* directory
      const all = events(500)
      const lost = all.filter((_, number) => number % 97 === 0 || (number > 200 && number < 330))
      const came = new Set(all)
      for (const one of lost) came.delete(one)
      const text = linesOf(all)
      mkdirSync(join(root, "events"))
      writeFileSync(join(root, "lines.ndjson"), text)
      writeFileSync(join(root, "concatenated.json"), `${JSON.stringify(all[0])}${text.split("\n").slice(1).join(" ")}`)
      writeFileSync(join(root, "array.json"), JSON.stringify(all, null, 1))
      writeFileSync(join(root, "lines.ndjson.gz"), gzipSync(text))
      writeFileSync(join(root, "events/a.ndjson"), linesOf(all.slice(0, 250)))
      writeFileSync(join(root, "events/b.ndjson"), linesOf(all.slice(250)))
      execFileSync("tar", ["-czf", join(root, "events.tgz"), "-C", root, "events/a.ndjson", "events/b.ndjson"])
      const opened = yield* Effect.acquireRelease(
        Effect.sync(() => openSync(join(root, "lines.ndjson"), "r")),
        (file) => Effect.sync(() => closeSync(file))
      )
      const sources: ReadonlyArray<readonly [LogSource.LogSource, first: string]> = [
        [LogSource.file(join(root, "lines.ndjson")), "lines.ndjson"],
        [LogSource.file(join(root, "concatenated.json")), "concatenated.json"],
        [LogSource.file(join(root, "array.json")), "array.json"],
        [LogSource.file(join(root, "lines.ndjson.gz")), "lines.ndjson.gz"],
        [LogSource.file(join(root, "events")), "events/a.ndjson"],
        [LogSource.file(join(root, "events.tgz")), "events.tgz/events/a.ndjson"],
        [{ _tag: "Descriptor", name: "-", descriptor: opened }, "-"],
        [source("stream", all), "stream"]
      ]
      for (const [baseline, first] of sources) {
        for (const layer of [inParts, Layer.empty]) {
          const isOnce = baseline._tag !== "File"
          if (isOnce && layer === inParts) continue
          yield* Effect.gen(function* () {
            const result = yield* Comparison.compare({ baseline: [baseline], capture: [source("c", [...came])] })
            expect(result.report.missing.count, first).toBe(lost.length)
            expect(result.report.missing.first[0]?.source.endsWith(first), first).toBe(true)
            if (first === "lines.ndjson") {
              const numbers = lost.slice(0, 10).map((one) => all.indexOf(one) + 1)
              expect(result.report.missing.first.map(({ line }) => line)).toEqual(numbers)
            }
            const lines = yield* missingLines(result)
            expect(
              lines.map((line) => JSON.parse(line)),
              first
            ).toEqual(lost)
            if (first !== "array.json") expect(lines).toEqual(lost.map((one) => JSON.stringify(one)))
            // As often as one likes.
            expect(yield* missingLines(result)).toEqual(lines)
            const lacking = lost.filter(({ detail }) => detail.eventBody.conversationId === "c-3").length
            expect(result.conversations.count).toBe(7)
            expect(result.conversations.first).toContainEqual({
              conversationId: "c-3",
              missing: lacking,
              topics: ["v2.detail.events.conversation.{id}.acd.start"]
            })
          }).pipe(Effect.scoped, Effect.provide(layer))
        }
      }
    }).pipe(Effect.scoped)
  )

  it.effect("says where the baseline changed before it was read again", () =>
    Effect.gen(function* () {
      const root = yield* directory
      const path = join(root, "baseline.ndjson")
      writeFileSync(path, linesOf(events(200)))
      const result = yield* Comparison.compare({
        baseline: [LogSource.file(path)],
        capture: [source("c", events(200).slice(0, 150))]
      }).pipe(Effect.provide(inParts))
      writeFileSync(path, linesOf(events(180)))
      expect(yield* Effect.flip(missingLines(result))).toMatchObject({ _tag: "BaselineChanged", source: path })
    }).pipe(Effect.scoped)
  )

  it.effect("is the same with several threads as with one, and leaves nothing behind where it is interrupted", () =>
    Effect.gen(function* () {
      const root = yield* directory
      const all = events(3_000)
      const [baseline, capture] = ["baseline.ndjson", "capture.ndjson"].map((name) => LogSource.file(join(root, name)))
      if (baseline === undefined || capture === undefined) return
      writeFileSync(baseline.path, linesOf([...all, ...all.slice(0, 100)]))
      writeFileSync(capture.path, linesOf(all.filter((_, number) => number % 100 !== 7).reverse()))
      const script = join(root, "LogWorker.mjs")
      yield* Effect.promise(() =>
        build({
          entryPoints: [new URL("../../packages/eventlog/src/threads/LogWorker.ts", import.meta.url).pathname],
          outfile: script,
          bundle: true,
          format: "esm",
          platform: "node",
          conditions: ["@genesys-replay/source"],
          logLevel: "silent"
        })
      )
      const threaded = Layer.succeed(PartPool.PartPool, {
        script: new URL(`file://${script}`),
        count: 3,
        worthwhile: 0,
        smallestPart: 1
      })
      const compare = (layer: Layer.Layer<never> | Layer.Layer<PartPool.PartPool>) =>
        Comparison.compare({ baseline: [baseline], capture: [capture] }).pipe(
          Effect.map(({ conversations, report, timelines }) => ({ conversations, report, timelines })),
          Effect.scoped,
          Effect.provide(layer)
        )
      const one = yield* compare(Layer.empty)
      expect(one.report.missing.count).toBe(30)
      expect(yield* compare(inParts)).toEqual(one)
      expect(yield* compare(threaded)).toEqual(one)

      // A thread has begun before it was asked for: it goes on, and no other one is started in its place.
      const large = ["large-baseline", "large-capture"].map((name) => join(root, `${name}.ndjson`))
      const block = linesOf(all)
      for (const path of large) writeFileSync(path, block.repeat(Math.ceil(36_000_000 / block.length)))
      const ahead = new URL(`file://${script}`)
      const [first = "", second = ""] = large
      ReadAhead.beginComparison(ahead, { baseline: [first], capture: [second] })
      const isAhead = availableParallelism() > 1
      expect(ReadAhead.seed() !== undefined).toBe(isAhead)
      const ended = vi.spyOn(Worker.prototype, "terminate")
      const { report } = yield* Comparison.compare({
        baseline: [LogSource.file(first)],
        capture: [LogSource.file(second)]
      }).pipe(Effect.scoped, Effect.provide(Layer.succeed(PartPool.PartPool, PartPlan.standard(ahead))))
      expect(report).toMatchObject({ verdict: "complete", baseline: { unique: all.length } })
      expect(ended).toHaveBeenCalledTimes(Math.min(availableParallelism(), 16) - 1)
      ended.mockRestore()

      const started = yield* Deferred.make<void>()
      const temporary = () => readdirSync(tmpdir()).filter((name) => name.startsWith("genesys-replay-baseline-"))
      const before = temporary()
      const fiber = yield* Comparison.compare({
        baseline: [LogSource.bytes("-", Stream.concat(Stream.make(Buffer.from("{}\n")), Stream.never))],
        capture: [capture],
        options: { onProgress: () => Deferred.succeed(started, undefined) }
      }).pipe(Effect.scoped, Effect.fork)
      yield* Deferred.await(started)
      expect(temporary().length).toBe(before.length + 1)
      yield* Fiber.interrupt(fiber)
      expect(temporary()).toEqual(before)
    }).pipe(Effect.scoped)
  )
})
