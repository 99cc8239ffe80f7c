import { Worker } from "node:worker_threads"
import { gzipSync } from "node:zlib"
import { FileSystem } from "@effect/platform"
import { NodeFileSystem } from "@effect/platform-node"
import { describe, expect, it, vi } from "@effect/vitest"
import { SequenceTracker, SequenceVerification } from "@genesys-replay/domain"
import { EventLog, LogSource } from "@genesys-replay/eventlog"
import { Deferred, Effect, FastCheck, Fiber, Layer, Ref, Stream } from "effect"
import { build } from "esbuild"
import * as PartPool from "../../packages/eventlog/src/threads/PartPool.js"
import * as AdversarialLog from "./AdversarialLog.js"

const encoder = new TextEncoder()

const event = (index: number, group?: string): string =>
  JSON.stringify({
    "replay-name": group,
    detail: { timestamp: `2024-01-15T08:00:00.${String(index).padStart(7, "0")}Z`, sequenceIndex: index }
  })

const lines = (...records: ReadonlyArray<string>): string => records.map((record) => `${record}\n`).join("")

const untimed = '{"detail":{"sequenceIndex":18}}'

const directory = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())

const written = (path: string, contents: string | Uint8Array) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    yield* files.makeDirectory(path.slice(0, path.lastIndexOf("/")), { recursive: true })
    yield* files.writeFile(path, typeof contents === "string" ? encoder.encode(contents) : contents)
    return LogSource.file(path)
  })

const streamed = (...contents: ReadonlyArray<Uint8Array>): LogSource.LogSource =>
  LogSource.bytes("-", Stream.fromIterable(contents))

/** The script that the threads run, bundled as it is for the command line. */
const script = Effect.gen(function* () {
  const outfile = `${yield* directory}/LogWorker.mjs`
  const entryPoint = new URL("../../packages/eventlog/src/threads/LogWorker.ts", import.meta.url)
  yield* Effect.promise(() =>
    build({
      entryPoints: [entryPoint.pathname],
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      conditions: ["@genesys-replay/source"],
      logLevel: "silent"
    })
  )
  return new URL(`file://${outfile}`)
})

const threaded = Layer.scoped(
  PartPool.PartPool,
  Effect.map(script, (script) => ({ script, count: 3, worthwhile: 0, smallestPart: 1 }))
)

/** Files are cut into parts, which one thread reads. */
const inParts = Layer.succeed(PartPool.PartPool, { script: undefined, count: 3, worthwhile: 0, smallestPart: 1 })

describe("EventLog of files", () => {
  it("says of files in parts what it says of streams, with the times at the edges of gaps", () =>
    FastCheck.assert(
      FastCheck.asyncProperty(FastCheck.array(AdversarialLog.log, { minLength: 1, maxLength: 3 }), (logs) =>
        Effect.gen(function* () {
          const inDirectory = yield* directory
          const files = yield* Effect.forEach(logs, (log, at) => written(`${inDirectory}/${at}`, log))
          const streams = logs.map((log, at) => LogSource.bytes(`${inDirectory}/${at}`, Stream.make(log)))
          const [inFiles, all, inStreams] = yield* Effect.all([
            EventLog.observe(files, { maxMissing: 4 }),
            EventLog.observe(files, { maxMissing: 0, times: "all" }),
            EventLog.observe(streams, { maxMissing: 4 })
          ])
          expect(inFiles.report).toEqual(inStreams.report)
          expect(inFiles.sources).toEqual(inStreams.sources)
          for (const [group, tracker] of inStreams.trackers) {
            const untimed = (tracker = SequenceTracker.make()) => ({ ...SequenceTracker.snapshot(tracker), times: [] })
            expect(untimed(all.trackers.get(group))).toEqual(untimed(tracker))
            const timesOf = (trackers: EventLog.Observation["trackers"]) =>
              SequenceVerification.report(trackers.get(group) ?? SequenceTracker.make()).missing
            expect(timesOf(all.trackers)).toEqual(timesOf(inStreams.trackers))
          }
          // Part from files, part from streams: the first event of an index still gives its time.
          const mixed = yield* EventLog.observe(
            files.map((file, at) => (at % 2 === 0 ? file : (streams[at] ?? file))),
            { maxMissing: 4 }
          )
          expect(mixed.report).toEqual(inStreams.report)
        }).pipe(Effect.scoped, Effect.provide(Layer.merge(NodeFileSystem.layer, inParts)), Effect.runPromise)
      ),
      { numRuns: Number(process.env["GENESYS_REPLAY_PROPERTY_RUNS"] ?? 100) }
    ))

  it.effect("reads a file whole that began with one event a line and was cut inside of others", () =>
    Effect.gen(function* () {
      const inDirectory = yield* directory
      const texts = Array.from({ length: 400 }, (_, at) =>
        at < 200 ? event(at + 1) : JSON.stringify(JSON.parse(event(at + 1)), null, 2)
      )
      const log = yield* written(`${inDirectory}/log`, lines(...texts))
      const { report, sources } = yield* EventLog.observe([log])
      expect(report).toMatchObject({
        verdict: "complete",
        groups: [{ observed: 400, unique: 400 }],
        rejected: { count: 0 }
      })
      expect(sources.map(({ lines }) => lines)).toEqual([200 + 200 * 6])
    }).pipe(Effect.scoped, Effect.provide(Layer.merge(NodeFileSystem.layer, inParts)))
  )

  it.effect("says the same with several threads as with one", () =>
    Effect.gen(function* () {
      const inDirectory = yield* directory
      const order = Array.from({ length: 20_000 }, (_, at) => (at * 7_919) % 20_011)
      const groups = ["a", undefined, "b"]
      const text = order.map((index, at) => (at % 997 === 0 ? "nonsense" : event(index, groups[index % 3])))
      const log = yield* written(`${inDirectory}/log`, text.join("\n"))
      const array = yield* written(
        `${inDirectory}/array`,
        `[${text.filter((line) => line !== "nonsense").join(",\n")}]`
      )
      const sources = [log, array, LogSource.file(`${inDirectory}/none`), log]
      const one = yield* EventLog.observe(sources, { maxRejected: 30 })
      const steps = yield* Ref.make(0)
      const many = yield* EventLog.observe(sources, {
        maxRejected: 30,
        onProgress: ({ bytesRead }) => Ref.update(steps, (most) => Math.max(most, bytesRead))
      }).pipe(Effect.provide(threaded))
      expect(one.report.groups.map(({ group }) => group)).toEqual([null, "a", "b"])
      expect(one.report.groups[0]?.missing[0]?.after).not.toBe(null)
      expect(many.report).toEqual(one.report)
      expect(many.sources).toEqual(one.sources)
      expect(many.unreadable).toEqual(one.unreadable)
      expect(yield* Ref.get(steps)).toBeGreaterThan(0)
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))
  )

  it.effect("reads what a thread left behind that could not start", () =>
    Effect.gen(function* () {
      const inDirectory = yield* directory
      const log = yield* written(`${inDirectory}/log`, lines(...Array.from({ length: 100 }, (_, at) => event(at))))
      const broken = yield* written(`${inDirectory}/broken.mjs`, "throw new Error('no')")
      const { report } = yield* EventLog.observe([log]).pipe(
        Effect.provideService(PartPool.PartPool, {
          script: new URL(`file://${broken.path}`),
          count: 3,
          worthwhile: 0,
          smallestPart: 1
        })
      )
      expect(report.groups.map(({ isContiguous, unique }) => [unique, isContiguous])).toEqual([[100, true]])
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))
  )

  it.effect("ends its threads when it is interrupted, even those that never would", () =>
    Effect.gen(function* () {
      const inDirectory = yield* directory
      const log = yield* written(`${inDirectory}/log`, lines(event(1), event(2)))
      const endless = yield* written(`${inDirectory}/endless.mjs`, "for (;;) {}")
      const reading = yield* Deferred.make<void>()
      const terminated = yield* Effect.acquireRelease(
        Effect.sync(() => vi.spyOn(Worker.prototype, "terminate")),
        (spy) => Effect.sync(() => spy.mockRestore())
      )
      const others = yield* Effect.forEach(["second", "third"], (name) =>
        written(`${inDirectory}/${name}`, lines(event(3), event(4)))
      )
      const fiber = yield* EventLog.observe([log, ...others], {
        onProgress: () => Deferred.succeed(reading, undefined)
      }).pipe(
        Effect.provideService(PartPool.PartPool, {
          script: new URL(`file://${endless.path}`),
          count: 3,
          worthwhile: 0,
          smallestPart: 1_000
        }),
        Effect.fork
      )
      yield* Deferred.await(reading)
      yield* Fiber.interrupt(fiber)
      expect(terminated).toHaveBeenCalledTimes(2)
      expect(yield* Effect.promise(() => Promise.all(terminated.mock.results.map(({ value }) => value)))).toHaveLength(
        2
      )
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))
  )

  it.effect("finds the times of events in a large log, in order or not, the first event that has one", () =>
    Effect.gen(function* () {
      const inDirectory = yield* directory
      const indices = Array.from({ length: 30_000 }, (_, at) => at).filter((at) => at % 5_000 !== 17)
      const scattered = indices.map((_, at) => indices[(at * 7_919) % indices.length] ?? 0)
      for (const order of [indices, scattered]) {
        const text = `${untimed}\n${lines(...order.map((index) => event(index)))}${event(18, undefined).replace("2024", "2025")}`
        const file = yield* written(`${inDirectory}/log`, text)
        const observed = yield* EventLog.observe([file])
        const missing = [17, 5_017, 10_017, 15_017, 20_017, 25_017]
        const time = (index: number) => `2024-01-15T08:00:00.${String(index).padStart(7, "0")}Z`
        expect(observed.report.groups[0]?.missing).toEqual(
          missing.map((at) => ({ start: at, end: at, count: 1, after: time(at - 1), before: time(at + 1) }))
        )
        const stream = yield* EventLog.observe([streamed(encoder.encode(text))])
        expect(observed.report).toEqual(stream.report)
      }
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))
  )

  it.effect("reads directories, hidden files aside, and patterns, each file once and by name", () =>
    Effect.gen(function* () {
      const root = yield* directory
      const names = [
        "b.ndjson",
        "a.ndjson",
        "sub/c.ndjson",
        "sub/deep/d.json",
        ".hidden.ndjson",
        ".git/x.ndjson",
        "sub/e.txt"
      ]
      for (const [at, name] of names.entries()) yield* written(`${root}/${name}`, event(at))
      yield* written(`${root}/what?.ndjson`, event(9))
      const read = (...paths: ReadonlyArray<string>) =>
        EventLog.observe(paths.map((path) => LogSource.file(`${root}/${path}`))).pipe(
          Effect.map(({ sources, unreadable }) => [
            ...sources.map(({ source }) => source.slice(root.length + 1)),
            ...unreadable.map(({ reason }) => reason)
          ])
        )
      expect(yield* read(".")).toEqual(["a.ndjson", "b.ndjson", "sub/c.ndjson", "sub/deep/d.json", "what?.ndjson"])
      expect(yield* read("sub", "a.ndjson", "sub")).toEqual(["sub/c.ndjson", "sub/deep/d.json", "a.ndjson"])
      expect(yield* read("*.ndjson")).toEqual(["a.ndjson", "b.ndjson", "what?.ndjson"])
      expect(yield* read("**/*.ndjson")).toEqual(["a.ndjson", "b.ndjson", "sub/c.ndjson", "what?.ndjson"])
      expect(yield* read("sub/**")).toEqual(["sub/c.ndjson", "sub/deep/d.json", "sub/e.txt"])
      expect(yield* read("s?b/*.txt")).toEqual(["sub/e.txt"])
      expect(yield* read(".h*")).toEqual([".hidden.ndjson"])
      expect(yield* read("what?.ndjson")).toEqual(["what?.ndjson"])
      expect(yield* read("*.csv")).toEqual(["no file matches"])
      expect(yield* read("none")).toEqual(["there is no such file"])
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))
  )

  it.effect("reads compressed logs by what is in them, members one after another too", () =>
    Effect.gen(function* () {
      const inDirectory = yield* directory
      const text = lines(event(1), event(2), "x", event(4))
      const whole = yield* EventLog.observe([streamed(encoder.encode(text))])
      const cut = text.indexOf("\n") + 20
      const members = Buffer.concat([gzipSync(text.slice(0, cut)), gzipSync(text.slice(cut))])
      for (const packed of [gzipSync(text), members, gzipSync(`[${event(1)},${event(2)},"x",${event(4)}]`)]) {
        const file = yield* written(`${inDirectory}/log`, packed)
        const chunks = AdversarialLog.chunked(packed, [1])
        for (const source of [file, streamed(packed), streamed(...chunks)]) {
          const { report, sources, unreadable } = yield* EventLog.observe([source])
          expect(report.groups).toEqual(whole.report.groups)
          expect(report.rejected.count).toBe(1)
          expect(sources.map(({ bytes }) => bytes)).toEqual([packed.length])
          expect(unreadable).toEqual([])
        }
      }
      const empty = yield* EventLog.observe([streamed(gzipSync("")), streamed(), streamed(Uint8Array.of(0x1f))])
      expect(empty.report.groups).toEqual([])
      expect(empty.report.rejected.count).toBe(1)
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))
  )

  it.effect("reads a compressed log again where its events come in too wild an order to note all times", () =>
    Effect.gen(function* () {
      const inDirectory = yield* directory
      const count = 1_000_003
      const order = Array.from({ length: count }, (_, at) => (at * 7_919) % count).filter((index) => index !== 700_000)
      const events = order.map((index) => `{"time":"${index}","detail":{"sequenceIndex":${index}}}`)
      const log = [untimed, ...events].join("\n")
      const file = yield* written(`${inDirectory}/log`, gzipSync(log, { level: 1 }))
      const { report } = yield* EventLog.observe([file])
      expect(report.groups[0]?.missing).toEqual([
        { start: 700_000, end: 700_000, count: 1, after: "699999", before: "700001" }
      ])
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))
  )

  it.effect("says where a compressed log breaks off, and counts what came before", () =>
    Effect.gen(function* () {
      const inDirectory = yield* directory
      const packed = gzipSync(lines(...Array.from({ length: 1_000 }, (_, at) => event(at))))
      const cut = yield* written(`${inDirectory}/cut`, packed.subarray(0, packed.length - 100))
      const harmed = yield* written(
        `${inDirectory}/harmed`,
        Buffer.concat([packed.subarray(0, 40), packed.subarray(60)])
      )
      const { report, unreadable } = yield* EventLog.observe([cut, harmed, streamed(packed.subarray(0, 2_000))])
      expect(unreadable.map(({ source }) => source)).toEqual([cut.path, harmed.path, "-"])
      for (const { reason } of unreadable) expect(reason).toMatch(/^gzip: /)
      expect(report.groups[0]?.unique).toBeGreaterThan(500)
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))
  )

  it.effect("tells at which byte a rejected record stands that does not begin its line", () =>
    Effect.gen(function* () {
      const { report } = yield* EventLog.observe([streamed(encoder.encode(`${event(1)}{"detail":{}}${event(2)}\n{}`))])
      expect(report.rejected.first).toEqual([
        { source: "-", line: 1, byte: event(1).length, reason: "nothing at detail.sequenceIndex" },
        { source: "-", line: 2, reason: "nothing at detail.sequenceIndex" }
      ])
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )
})
