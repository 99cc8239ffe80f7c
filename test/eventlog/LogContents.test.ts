import { execFileSync } from "node:child_process"
import { appendFileSync, closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { deflateSync, gzipSync } from "node:zlib"
import { describe, expect, it } from "@effect/vitest"
import { EventLog, LogSource } from "@genesys-replay/eventlog"
import { Chunk, Deferred, Effect, Fiber, Stream } from "effect"
import * as AdversarialLog from "./AdversarialLog.js"

const event = (index: number, pad = 0): string =>
  `${JSON.stringify({ detail: { sequenceIndex: index }, pad: "x".repeat(pad) })}\n`
const events = (first: number, last: number, pad = 0): string =>
  Array.from({ length: last - first + 1 }, (_, at) => event(first + at, pad)).join("")

/** Not to be compressed: a member of it is larger than what is decompressed at once. */
const noise = (length: number): string => {
  let state = 7
  return Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return String.fromCharCode(97 + (state % 26))
  }).join("")
}

const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "log-contents-"))),
  (root) => Effect.sync(() => rmSync(root, { recursive: true }))
)

interface Read {
  readonly unique: number
  readonly rejected: number
  readonly unread: ReadonlyArray<readonly [source: string, reason: string]>
  readonly verdict: string
}

/** What is read of these bytes: the same from a small file, and from a stream in one piece or in many. */
const readOf = (bytes: Uint8Array, name = "log") =>
  Effect.gen(function* () {
    const root = yield* directory
    const path = join(root, name)
    writeFileSync(path, bytes)
    const sources = [
      LogSource.file(path),
      LogSource.bytes(path, Stream.make(bytes)),
      LogSource.bytes(path, Stream.fromIterable(AdversarialLog.chunked(bytes, [1, 700])))
    ]
    const [first, ...others] = yield* Effect.forEach(sources, (source) =>
      Effect.map(
        EventLog.observe([source]),
        ({ report }): Read => ({
          unique: report.groups[0]?.unique ?? 0,
          rejected: report.rejected.count,
          unread: report.unread.map((one) => [one.source.slice(root.length + 1), one.reason]),
          verdict: report.verdict
        })
      )
    )
    for (const other of others) expect(other).toEqual(first)
    return first
  }).pipe(Effect.scoped)

const whole = (unique: number) => ({ unique, rejected: 0, unread: [], verdict: "complete" })

const tar = (entries: Record<string, Uint8Array | string>, options: ReadonlyArray<string> = []) =>
  Effect.map(directory, (root) => {
    for (const [name, contents] of Object.entries(entries)) writeFileSync(join(root, name), contents)
    return new Uint8Array(execFileSync("tar", ["-cf", "-", ...options, "-C", root, ...Object.keys(entries)]))
  }).pipe(Effect.scoped)

describe("a gzip log", () => {
  const long = `${events(1, 40)}${JSON.stringify({ detail: { sequenceIndex: 41 }, pad: noise(200_000) })}\n`
  for (const [what, text, count] of [
    ["small", events(1, 40), 40],
    ["large", long, 41]
  ] as const) {
    const packed = gzipSync(text)

    it.effect(`with zeros behind it, ${what}: they are padding, and the next member is read`, () =>
      Effect.gen(function* () {
        expect(yield* readOf(Buffer.concat([packed, Buffer.alloc(1)]))).toEqual(whole(count))
        expect(yield* readOf(Buffer.concat([packed, Buffer.alloc(70_000)]))).toEqual(whole(count))
        const more = gzipSync(event(count + 1))
        expect(yield* readOf(Buffer.concat([packed, Buffer.alloc(512), more]))).toEqual(whole(count + 1))
      })
    )

    it.effect(`with something else behind it, ${what}: the data counts, and the rest is told, however long it is`, () =>
      Effect.gen(function* () {
        for (const trailer of [Buffer.from("x"), Buffer.from("\0x"), Buffer.alloc(100_000, "x")]) {
          const read = yield* readOf(Buffer.concat([packed, trailer]))
          expect(read).toMatchObject({ unique: count, rejected: 0, verdict: "not proven" })
          expect(read?.unread).toEqual([["log", expect.stringContaining("is no gzip, and was not read")]])
        }
      })
    )

    it.effect(`whose checksum is wrong or cut off, ${what}: the data counts, and so do members behind it`, () =>
      Effect.gen(function* () {
        const wrong = Buffer.from(packed)
        wrong[wrong.length - 5] = (wrong[wrong.length - 5] ?? 0) ^ 0xff
        const more = gzipSync(event(count + 1))
        expect(yield* readOf(Buffer.concat([wrong, more]))).toMatchObject({
          unique: count + 1,
          unread: [["log", expect.stringContaining("gzip: the checksum does not match")]]
        })
        for (const cut of [1, 7, 8]) {
          expect(yield* readOf(Buffer.concat([more, packed.subarray(0, packed.length - cut)]))).toMatchObject({
            unique: count + 1,
            unread: [["log", "gzip: unexpected end of file"]]
          })
        }
      })
    )
  }

  it.effect("in gzip is read, also by who asks for records one by one", () =>
    Effect.gen(function* () {
      const twice = gzipSync(gzipSync(events(1, 30)))
      expect(yield* readOf(twice)).toEqual(whole(30))
      const records = yield* Stream.runCollect(EventLog.records(LogSource.bytes("-", Stream.make(twice))))
      expect(Chunk.size(records)).toBe(30)
      let deep: Uint8Array = Buffer.from(event(1))
      for (let depth = 0; depth < 9; depth++) deep = gzipSync(deep)
      expect(yield* readOf(deep)).toMatchObject({
        unique: 0,
        unread: [["log", "there are too many archives in one another"]]
      })
    })
  )

  it.effect("with a name, a comment and more in its header is read", () =>
    Effect.gen(function* () {
      const packed = gzipSync(events(1, 3))
      const header = Buffer.from([0x1f, 0x8b, 8, 4 + 8 + 16 + 2, 0, 0, 0, 0, 0, 3, 3, 0, 1, 2, 3])
      const named = Buffer.concat([header, Buffer.from(`${"n".repeat(400)}\0comment\0..`), packed.subarray(10)])
      expect(yield* readOf(named)).toEqual(whole(3))
    })
  )
})

describe("a tar archive", () => {
  const name = `${"n".repeat(120)}.ndjson`
  it.effect("is read, compressed or not, whatever wrote it", () =>
    Effect.gen(function* () {
      const entries = { "a.ndjson": events(1, 20), "b.gz": gzipSync(events(21, 40)), [name]: events(41, 50) }
      for (const options of [["--format=gnu"], ["--format=pax"], ["--format=v7", "--exclude=n*"]]) {
        const archive = yield* tar(entries, options)
        const count = options.length === 1 ? 50 : 40
        expect(yield* readOf(archive)).toEqual(whole(count))
        expect(yield* readOf(gzipSync(archive))).toEqual(whole(count))
      }
    })
  )

  it.effect("tells its files by both names, what it left out, and what is damaged or not read in it, and goes on", () =>
    Effect.gen(function* () {
      const damaged = gzipSync(events(6, 10)).subarray(0, -4)
      const zst = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3)
      const archive = yield* tar({
        "a.ndjson": events(1, 5),
        "b.gz": damaged,
        "c.zst": zst,
        "d.txt": "x",
        "e.json": `${event(11)}x`
      })
      const { report, sources } = yield* EventLog.observe([LogSource.bytes("-", Stream.make(archive))])
      expect(sources.map(({ source }) => source)).toEqual(["-/a.ndjson", "-/b.gz", "-/e.json"])
      expect(report.groups).toMatchObject([{ unique: 11 }])
      expect(report.rejected).toMatchObject({ count: 1, first: [{ source: "-/e.json", line: 2 }] })
      expect(report.unread.map(({ source }) => source)).toEqual(["-/b.gz", "-/c.zst"])
      expect(report.leftOut).toMatchObject({ count: 1, first: [{ source: "-/d.txt" }] })
      expect(report.verdict).toBe("not proven")
      const all = yield* EventLog.observe([LogSource.bytes("-", Stream.make(archive))], { all: true })
      expect(all.report.rejected.count).toBe(2)
    })
  )

  it.effect("that breaks off counts as far as it goes", () =>
    Effect.gen(function* () {
      const archive = yield* tar({ "a.ndjson": events(1, 5), "b.ndjson": events(6, 50) })
      const read = yield* readOf(archive.subarray(0, 512 + 512 + 512 + 300))
      expect(read?.unique).toBeGreaterThan(5)
      expect(read?.unread.map(([source]) => source)).toContain("log")
    })
  )
})

describe("a log in a form that is not read", () => {
  const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex")
  // 200 bytes, which come for the first time.
  const rawSnappy = Buffer.concat([hex("c8 01 f0 c7"), Buffer.from(event(1, 200).slice(0, 200))])
  const forms: ReadonlyArray<readonly [name: string, bytes: Uint8Array]> = [
    ["zstd", hex("28 b5 2f fd 04 00 00 0a 0a")],
    ["bzip2", hex("42 5a 68 39 31 41 59 26 53 59 0a 0a")],
    ["xz", hex("fd 37 7a 58 5a 00 0a 0a")],
    ["zip", hex("50 4b 03 04 14 00 0a 0a")],
    ["Parquet", hex("50 41 52 31 15 04 0a 0a")],
    ["snappy", hex("ff 06 00 00 73 4e 61 50 70 59 0a")],
    ["snappy \\(raw\\)", rawSnappy],
    ["snappy \\(hadoop-snappy\\)", Buffer.concat([hex("00 00 00 c8 00 00 00 cc"), rawSnappy])],
    ["snappy \\(snappy-java\\)", hex("82 53 4e 41 50 50 59 00 00 00 00 01 0a")],
    ["lz4", hex("04 22 4d 18 64 40 a7 0a")],
    ["lzma", hex("5d 00 00 80 00 ff ff ff ff ff ff ff ff 00 11")],
    ["zlib", deflateSync(events(1, 3))],
    ["7z", hex("37 7a bc af 27 1c 00 04")],
    ["Avro", hex("4f 62 6a 01 04 16")],
    ["ORC", hex("4f 52 43 11 00 00")],
    ["UTF-16 text", Buffer.from(`\ufeff${events(1, 3)}`, "utf16le")],
    ["UTF-16 text", Buffer.from(`\ufeff${events(1, 3)}`, "utf16le").swap16()],
    ["UTF-16 text", Buffer.from(events(1, 3), "utf16le")],
    ["UTF-16 text", Buffer.from(events(1, 3), "utf16le").swap16()],
    ["zstd in gzip", gzipSync(hex("28 b5 2f fd 04 00 00 0a 0a"))]
  ]
  for (const [name, bytes] of forms) {
    it.effect(`${name}: is told once, with what to do, and not as broken lines`, () =>
      Effect.gen(function* () {
        const read = yield* readOf(bytes)
        expect(read).toMatchObject({ unique: 0, rejected: 0, verdict: "not proven" })
        expect(read?.unread).toEqual([
          ["log", expect.stringMatching(`^it is ${name}, which is not read: (convert|write)`)]
        ])
        const failed = yield* Effect.flip(Stream.runDrain(EventLog.records(LogSource.bytes("-", Stream.make(bytes)))))
        expect(failed._tag).toBe("UnsupportedFormat")
      })
    )
  }

  it.effect("a line that begins with a broken byte is a record that is no JSON, and no snappy", () =>
    Effect.gen(function* () {
      const line = Buffer.from(`  ${event(1, 200)}\n`)
      for (const bytes of [
        hex("ef bb bf ff 20 20 7b 20 20 0a"),
        hex("ff 20 20 7b 20 20 0a"),
        Buffer.concat([hex("ef bb bf ff"), line]),
        Buffer.concat([hex("ff"), line])
      ]) {
        expect(yield* readOf(bytes)).toMatchObject({ unique: 0, rejected: 1, unread: [] })
      }
    })
  )

  it("names the file to the command as a shell takes it", () => {
    const command = (source: string) =>
      LogSource.unsupported(source, { name: "zstd", converter: "zstd -dc" }, false).command
    expect([command("a/b.zst"), command("it's.zst"), command("-")]).toEqual([
      "zstd -dc a/b.zst",
      "zstd -dc 'it'\\''s.zst'",
      "zstd -dc"
    ])
  })
})

describe("a pipe with a name", () => {
  const pipe = Effect.map(directory, (root) => {
    const path = join(root, "pipe")
    execFileSync("mkfifo", [path])
    return path
  })

  it.live("is read as it comes, compressed or not", () =>
    Effect.gen(function* () {
      for (const bytes of [Buffer.from(events(1, 40)), gzipSync(events(1, 40))]) {
        const path = yield* pipe
        const reading = yield* Effect.fork(EventLog.observe([LogSource.file(path)]))
        yield* Effect.sleep("50 millis")
        const descriptor = openSync(path, "w")
        writeSync(descriptor, bytes.subarray(0, 20))
        yield* Effect.sleep("20 millis")
        writeSync(descriptor, bytes.subarray(20))
        closeSync(descriptor)
        const { report } = yield* Fiber.join(reading)
        expect([report.groups[0]?.unique, report.verdict]).toEqual([40, "complete"])
      }
    }).pipe(Effect.scoped)
  )

  it.live("that nobody writes into is waited for, and the wait can be interrupted at any time", () =>
    Effect.gen(function* () {
      const path = yield* pipe
      const waiting = yield* Effect.fork(EventLog.observe([LogSource.file(path)]))
      yield* Effect.sleep("50 millis")
      yield* Fiber.interrupt(waiting)
      // And in the middle of what somebody writes.
      const begun = yield* Deferred.make<void>()
      const reading = yield* Effect.fork(
        EventLog.observe([LogSource.file(path)], { onProgress: () => Deferred.succeed(begun, undefined) })
      )
      yield* Effect.sleep("50 millis")
      const descriptor = openSync(path, "w")
      writeSync(descriptor, event(1))
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(reading)
      closeSync(descriptor)
    }).pipe(Effect.scoped)
  )
})

describe("many small files", () => {
  it.effect("are read as one stream of them is, the damaged ones among them too", () =>
    Effect.gen(function* () {
      const root = yield* directory
      const part = (at: number) => events(1 + at * 5, 5 + at * 5)
      for (let at = 0; at < 300; at++) {
        const name = join(root, String(at).padStart(4, "0"))
        const packed = gzipSync(at % 3 === 0 ? part(at) : `${part(at)}broken\n`)
        if (at % 7 === 1) writeFileSync(name, at % 3 === 0 ? part(at) : `${part(at)}broken\n`)
        else writeFileSync(name, packed)
        if (at === 100) appendFileSync(name, "trailer")
        // Beside others, which are all decompressed at once: what is behind a member, and a member behind it.
        if (at === 150) appendFileSync(name, Buffer.alloc(600))
        if (at === 200) appendFileSync(name, gzipSync(event(1_501)))
        if (at === 250) writeFileSync(name, Buffer.concat([gzipSync(""), packed, gzipSync("")]))
      }
      const { report, sources } = yield* EventLog.observe([LogSource.file(root)], { maxRejected: 500 })
      expect(report.groups).toMatchObject([{ observed: 1_501, unique: 1_501, outOfOrder: 495 }])
      expect(report.rejected.count).toBe(200)
      expect(report.rejected.first).toHaveLength(200)
      expect(report.rejected.first.every(({ line }) => line === 6)).toBe(true)
      expect(new Set(report.rejected.first.map(({ source }) => source)).size).toBe(200)
      expect(report.unread.map(({ source }) => source)).toEqual([join(root, "0100")])
      expect(sources).toHaveLength(300)
    }).pipe(Effect.scoped)
  )
})
