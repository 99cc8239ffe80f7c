import { FileSystem } from "@effect/platform"
import { NodeFileSystem } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { SequenceReport, SequenceTracker, SequenceVerification } from "@genesys-replay/domain"
import { EventLog, EventRecord, LogSource } from "@genesys-replay/eventlog"
import { Chunk, Deferred, Effect, FastCheck, Fiber, Ref, Schema, Stream } from "effect"
import * as Naive from "../domain/NaiveSequence.js"
import * as AdversarialLog from "./AdversarialLog.js"

const noFiles = FileSystem.layerNoop({})

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

const source = (bytes: Uint8Array | string, sizes: ReadonlyArray<number> = [65_536], name = "-"): LogSource.LogSource =>
  LogSource.bytes(
    name,
    Stream.fromIterable(AdversarialLog.chunked(typeof bytes === "string" ? bytesOf(bytes) : bytes, sizes))
  )

const event = (index: number, group?: string): string =>
  JSON.stringify({
    time: "2024-01-15T08:00:00Z",
    ...(group === undefined ? {} : { "replay-name": group }),
    detail: { timestamp: `2024-01-15T08:00:0${index % 10}.000Z`, sequenceIndex: index }
  })

const lines = (...records: ReadonlyArray<string>): string => records.map((record) => `${record}\n`).join("")

/** The report of a log as plain JSON.parse and a set would make it. */
const naiveGroups = (logs: ReadonlyArray<Uint8Array>, options: SequenceVerification.ReportOptions) => {
  const all = logs.flatMap((log) => AdversarialLog.read(log).events)
  const groups = [...new Set(all.map(({ group }) => group))].sort((left, right) =>
    left === null ? -1 : right === null ? 1 : left < right ? -1 : 1
  )
  return groups.map((group) =>
    Naive.report(
      all.filter((other) => other.group === group),
      { ...options, group }
    )
  )
}

describe("EventLog", () => {
  it("says of any log, cut into any chunks, what JSON.parse and a set say", () =>
    FastCheck.assert(
      FastCheck.asyncProperty(
        FastCheck.array(AdversarialLog.log, { minLength: 1, maxLength: 3 }),
        FastCheck.array(FastCheck.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 }),
        Naive.expected,
        async (logs, sizes, expected) => {
          const sources = logs.map((log, at) => source(log, sizes, `log ${at}`))
          const { report, sources: read } = await EventLog.observe(sources, { expected, maxMissing: 4 }).pipe(
            Effect.provide(noFiles),
            Effect.runPromise
          )
          const rejected = logs.flatMap((log, at) =>
            AdversarialLog.read(log).rejected.map((line) => ({ source: `log ${at}`, line }))
          )
          const groups = naiveGroups(logs, { expected, maxMissing: 4 })
          if (groups.length > 0) expect(report.groups).toEqual(groups)
          expect(report.rejected.count).toBe(rejected.length)
          expect(report.rejected.first.map(({ line, source }) => ({ source, line }))).toEqual(rejected.slice(0, 10))
          expect(read.map(({ bytes }) => bytes)).toEqual(logs.map((log) => log.length))
          expect(Schema.is(SequenceReport.CompletenessReport)(report)).toBe(true)
        }
      ),
      { numRuns: Number(process.env["GENESYS_REPLAY_PROPERTY_RUNS"] ?? 400) }
    ))

  it.effect("finds the same records wherever the bytes are cut", () =>
    Effect.gen(function* () {
      const nasty = bytesOf(
        `\ufeff{"a":"\\"detail\\":{ é😀","detail":{"x":[{"sequenceIndex":1}],"sequence\\u0049ndex" : 4.0 ,"sequenceIndex":5}}\r\n\n{"detail":{}}\r\n${event(6, "r")}`
      )
      const whole = yield* Stream.runCollect(EventLog.records(source(nasty)))
      expect(Chunk.toReadonlyArray(whole)).toEqual([
        { source: "-", line: 1, record: { _tag: "Observed", group: null, index: 5, time: undefined } },
        { source: "-", line: 3, record: { _tag: "Rejected", reason: "nothing at detail.sequenceIndex" } },
        {
          source: "-",
          line: 4,
          record: { _tag: "Observed", group: "r", index: 6, time: "2024-01-15T08:00:06.000Z" }
        }
      ])
      for (let cut = 1; cut < nasty.length; cut++) {
        expect(yield* Stream.runCollect(EventLog.records(source(nasty, [cut, nasty.length])))).toEqual(whole)
      }
      expect(yield* Stream.runCollect(EventLog.records(source(nasty, [1])))).toEqual(whole)
    }).pipe(Effect.provide(noFiles))
  )

  it.effect("reads a log in parts as it reads it whole", () =>
    Effect.gen(function* () {
      const records = [3, 1, 2, 2, 7, 9, 8].map((index) => event(index, "r"))
      const whole = yield* EventLog.observe([source(lines(...records))])
      for (let cut = 0; cut <= records.length; cut++) {
        const first = source(lines(...records.slice(0, cut)))
        const second = source(lines(...records.slice(cut)))
        const together = yield* EventLog.observe([first, second])
        expect(together.report).toEqual(whole.report)
        const [one, other] = yield* Effect.all([EventLog.observe([first]), EventLog.observe([second])])
        const merged = SequenceTracker.merge(
          one.trackers.get("r") ?? SequenceTracker.make(),
          other.trackers.get("r") ?? SequenceTracker.make()
        )
        expect(SequenceVerification.report(merged, { group: "r" })).toEqual(whole.report.groups[0])
      }
    }).pipe(Effect.provide(noFiles))
  )

  it.effect("keeps live events and every replay apart, unless told not to", () =>
    Effect.gen(function* () {
      const log = source(lines(event(1, "b"), event(1), event(2, "a"), event(3, "b")))
      const apart = yield* EventLog.observe([log])
      expect(apart.report.groups.map(({ group, gapCount, unique }) => [group, unique, gapCount])).toEqual([
        [null, 1, 0],
        ["a", 1, 0],
        ["b", 2, 1]
      ])
      expect(apart.report.isContiguous).toBe(false)
      const together = yield* EventLog.observe([log], { groupBy: null })
      expect(together.report.groups.map(({ group, unique, duplicates }) => [group, unique, duplicates])).toEqual([
        [null, 3, 1]
      ])
      expect(together.report.isContiguous).toBe(true)
    }).pipe(Effect.provide(noFiles))
  )

  it.effect("takes index and group from where it is told", () =>
    Effect.gen(function* () {
      const log = source(
        lines('{"a.b":{"n":4},"org":{"id":12}}', '{"a.b":{"n":5},"org":{"id":"12"}}', '{"a":{"b":{"n":6}}}')
      )
      const { report } = yield* EventLog.observe([log], { indexPath: "a\\.b.n", groupBy: "org.id" })
      expect(report.groups.map(({ group, expected }) => [group, expected?.start, expected?.end])).toEqual([
        ["12", 4, 5]
      ])
      expect(report.rejected.first).toEqual([{ source: "-", line: 3, reason: "nothing at a\\.b.n" }])
    }).pipe(Effect.provide(noFiles))
  )

  it.effect("refuses paths and ranges that are none before it reads anything", () =>
    Effect.gen(function* () {
      const unread = LogSource.bytes("-", Stream.die("read"))
      for (const indexPath of ["", ".", "a.", "a..b", "a\\x", "a\\"]) {
        expect((yield* Effect.flip(EventLog.observe([unread], { indexPath })))._tag).toBe("InvalidFieldPath")
      }
      const error = yield* Effect.flip(EventLog.observe([unread], { expected: { start: 3, end: 1 } }))
      expect(error._tag).toBe("InvalidSequenceRange")
    }).pipe(Effect.provide(noFiles))
  )

  it.effect("finds nothing contiguous in an empty log, and everything missing where bounds are given", () =>
    Effect.gen(function* () {
      const empty = yield* EventLog.observe([source("")])
      expect(empty.report).toEqual(SequenceReport.make({ groups: [] }))
      expect([empty.report.isContiguous, empty.report.verdict]).toEqual([false, "not proven"])
      const bounded = yield* EventLog.observe([source("\n \r\n")], { expected: { start: 1, end: 4 } })
      expect(bounded.report.isContiguous).toBe(false)
      expect(
        bounded.report.groups.map(({ group, gapCount, coveragePercentage }) => [group, gapCount, coveragePercentage])
      ).toEqual([[null, 4, 0]])
    }).pipe(Effect.provide(noFiles))
  )

  it.effect("counts every rejected record, shows the first few, and goes on", () =>
    Effect.gen(function* () {
      const bad = ["[]", "{", '{"detail":{"sequenceIndex":"1"}}', '{"detail":{"sequenceIndex":1.5}}', "1"]
      const { report } = yield* EventLog.observe([source(lines(...bad, event(1)) + event(2).slice(0, -1))], {
        maxRejected: 4
      })
      expect(report.rejected.count).toBe(6)
      expect(report.rejected.first.map(({ line, reason }) => [line, reason.replace(/(?<=not JSON: ).*/, "")])).toEqual([
        [1, "no JSON object but an array: []"],
        [2, "not JSON: "],
        [3, 'detail.sequenceIndex is no number but a string: "1"'],
        [4, "detail.sequenceIndex is no whole number from 0 to 2^53 - 1: 1.5"]
      ])
      expect(report.groups[0]?.unique).toBe(1)
    }).pipe(Effect.provide(noFiles))
  )

  it.scoped("names files that cannot be read, and counts the others", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const directory = yield* files.makeTempDirectoryScoped()
      yield* files.writeFileString(`${directory}/one.ndjson`, lines(event(1), event(2)))
      yield* files.writeFileString(`${directory}/two.ndjson`, event(3))
      yield* files.makeDirectory(`${directory}/empty`)
      const paths = [
        `${directory}/one.ndjson`,
        `${directory}/none.ndjson`,
        `${directory}/empty`,
        `${directory}/two.ndjson`
      ]
      const progress = yield* Ref.make<ReadonlyArray<EventLog.Progress>>([])
      const observation = yield* EventLog.observe(paths.map(LogSource.file), {
        onProgress: (step) => Ref.update(progress, (steps) => [...steps, step])
      })
      expect(observation.report.groups.map(({ unique, isContiguous }) => [unique, isContiguous])).toEqual([[3, true]])
      expect(observation.unreadable.map((error) => [error.source, error._tag])).toEqual([
        [paths[1], "UnreadableSource"],
        [paths[2], "UnreadableSource"]
      ])
      expect(observation.unreadable.map(({ message }) => message).join()).toContain("there is no such file")
      expect(observation.report.unread.map(({ source }) => source)).toEqual([paths[1], paths[2]])
      expect(observation.report.verdict).toBe("not proven")
      expect(observation.sources.map(({ lines }) => lines)).toEqual([2, 1])
      expect((yield* Ref.get(progress)).at(-1)?.bytesRead).toBe(bytesOf(lines(event(1), event(2)) + event(3)).length)
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.effect("tells how many bytes there are, unless a stream is among the sources", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const directory = yield* files.makeTempDirectoryScoped()
      yield* files.writeFileString(`${directory}/log`, lines(event(1)))
      const totals = (sources: ReadonlyArray<LogSource.LogSource>) =>
        Effect.gen(function* () {
          const seen = yield* Ref.make<ReadonlyArray<number | null>>([])
          yield* EventLog.observe(sources, {
            onProgress: ({ bytesTotal }) => Ref.update(seen, (all) => [...all, bytesTotal])
          })
          return yield* Ref.get(seen)
        })
      yield* files.writeFileString(`${directory}/other`, lines(event(1)))
      const log = LogSource.file(`${directory}/log`)
      const size = bytesOf(lines(event(1))).length
      expect(yield* totals([log, LogSource.file(`${directory}/other`)])).toEqual([2 * size])
      expect(yield* totals([log, source(event(2))])).toEqual([null, null])
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))
  )

  it.effect("counts what came before a stream broke, and says where it broke", () =>
    Effect.gen(function* () {
      const text = lines(event(1), event(2))
      const broken = LogSource.bytes(
        "-",
        Stream.make(bytesOf(text)).pipe(Stream.concat(Stream.fail({ message: "connection reset" })))
      )
      const { report, unreadable } = yield* EventLog.observe([broken, source(event(3))])
      expect(report.groups[0]?.unique).toBe(3)
      expect(unreadable.map((error) => error.message)).toEqual([
        `- could not be read past byte ${text.length}: connection reset. What it holds is missing from the result; make it readable and verify again`
      ])
    }).pipe(Effect.provide(noFiles))
  )

  it.effect("can be interrupted in the middle of a stream that never ends, and lets go of it", () =>
    Effect.gen(function* () {
      const reading = yield* Deferred.make<void>()
      const released = yield* Ref.make(false)
      const endless = LogSource.bytes(
        "-",
        Stream.make(bytesOf(lines(event(1)))).pipe(
          Stream.concat(Stream.never),
          Stream.ensuring(Ref.set(released, true))
        )
      )
      const fiber = yield* Effect.fork(
        EventLog.observe([endless], { onProgress: () => Deferred.succeed(reading, undefined) })
      )
      yield* Deferred.await(reading)
      yield* Fiber.interrupt(fiber)
      expect(yield* Ref.get(released)).toBe(true)
    }).pipe(Effect.provide(noFiles))
  )

  it.effect("counts a record of 64 MiB", () =>
    Effect.gen(function* () {
      const padding = new Uint8Array(1_048_576).fill(120)
      const long = Stream.make(bytesOf('{"pad":"')).pipe(
        Stream.concat(Stream.repeatEffectChunk(Effect.succeed(Chunk.of(padding))).pipe(Stream.take(64))),
        Stream.concat(Stream.make(bytesOf('","detail":{"sequenceIndex":1}}\n'), bytesOf(event(2))))
      )
      const { report } = yield* EventLog.observe([LogSource.bytes("-", long)])
      expect(report.groups[0]?.unique).toBe(2)
      expect(report.rejected.count).toBe(0)
    }).pipe(Effect.provide(noFiles))
  )

  it.effect("rejects a line too long for memory, and goes on behind it", () =>
    Effect.gen(function* () {
      const padding = new Uint8Array(1_048_576).fill(120)
      const long = Stream.repeatEffectChunk(Effect.succeed(Chunk.of(padding))).pipe(
        Stream.take(257),
        Stream.concat(Stream.make(bytesOf("\n"), bytesOf(event(2))))
      )
      const { report } = yield* EventLog.observe([LogSource.bytes("-", long)])
      expect(report.rejected.first).toEqual([{ source: "-", line: 1, reason: "longer than 256 MiB" }])
      expect(report.groups[0]?.unique).toBe(1)
    }).pipe(Effect.provide(noFiles))
  )
})

describe("EventRecord", () => {
  const index = (json: string) => EventRecord.fromLine(bytesOf(`{"detail":{"sequenceIndex":${json}}}`))

  it("takes a JSON number for an index by its value, however it is written", () => {
    for (const [json, value] of [
      ["0", 0],
      ["1.0", 1],
      ["1e3", 1_000],
      ["120e-1", 12],
      ["9007199254740991", Number.MAX_SAFE_INTEGER]
    ] as const) {
      expect(index(json)).toMatchObject({ _tag: "Observed", index: value })
    }
    for (const json of [
      "-1",
      "1.5",
      "1e-1",
      "9007199254740992",
      "9007199254740993",
      "1e309",
      '"1"',
      "true",
      "null",
      "[]"
    ]) {
      expect(index(json)?._tag).toBe("Rejected")
    }
  })

  it("finds only keys that stand in the record", () => {
    const at = (path: "length" | "constructor" | "toString", json: string) =>
      EventRecord.fromLine(bytesOf(json), { index: ["detail", path], group: null })
    expect(at("length", '{"detail":[1,2]}')?._tag).toBe("Rejected")
    expect(at("length", '{"detail":"text"}')?._tag).toBe("Rejected")
    expect(at("constructor", '{"detail":{}}')).toEqual({ _tag: "Rejected", reason: "nothing at detail.constructor" })
    expect(at("toString", '{"detail":{"toString":3}}')).toMatchObject({ index: 3 })
    expect(
      EventRecord.fromLine(bytesOf('{"__proto__":{"n":3}}'), { index: ["__proto__", "n"], group: null })
    ).toMatchObject({ index: 3 })
  })
})
