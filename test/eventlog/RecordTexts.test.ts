import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { describe, expect, it } from "@effect/vitest"
import { LogSource, RecordTexts } from "@genesys-replay/eventlog"
import { Chunk, Effect, FastCheck, Stream } from "effect"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "record-texts-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

// A source whose bytes come in pieces of this size.
const pieces = (text: string | Uint8Array, size: number) => {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text
  const count = Math.ceil(bytes.length / size)
  return LogSource.bytes(
    "log",
    Stream.fromIterable(Array.from({ length: count }, (_, at) => bytes.slice(at * size, (at + 1) * size)))
  )
}

const read = (...sources: ReadonlyArray<LogSource.LogSource>) =>
  Effect.map(Stream.runCollect(RecordTexts.stream(sources)), Chunk.toReadonlyArray)

const texts = (elements: ReadonlyArray<RecordTexts.Element>) =>
  elements.flatMap((element) => (element._tag === "Record" ? [element.text] : []))

const rejections = (elements: ReadonlyArray<RecordTexts.Element>) =>
  elements.flatMap((element) => (element._tag === "Rejected" ? [[element.line, element.reason]] : []))

const events = FastCheck.array(
  FastCheck.dictionary(FastCheck.string(), FastCheck.oneof(FastCheck.string(), FastCheck.jsonValue())),
  { maxLength: 6 }
)

const forms: ReadonlyArray<(all: ReadonlyArray<unknown>) => string> = [
  (all) => all.map((one) => JSON.stringify(one)).join("\n"),
  (all) => all.map((one) => `${JSON.stringify(one)}\r\n`).join("\r\n"),
  (all) => all.map((one) => JSON.stringify(one, null, 2)).join("\n"),
  (all) => all.map((one) => JSON.stringify(one)).join(""),
  (all) => JSON.stringify(all, null, 2),
  (all) => `\ufeff${JSON.stringify(all)}`
]

describe("RecordTexts", () => {
  it.effect("a record is its own text, however records are written and in whatever pieces they come", () =>
    Effect.promise(() =>
      FastCheck.assert(
        FastCheck.asyncProperty(
          events,
          FastCheck.constantFrom(...forms),
          FastCheck.integer({ min: 1, max: 40 }),
          async (all, form, size) => {
            const elements = await Effect.runPromise(read(pieces(form(all), size)))
            expect(texts(elements).map((text) => JSON.parse(text))).toEqual(
              all.map((one) => JSON.parse(JSON.stringify(one)))
            )
            expect(rejections(elements)).toEqual([])
          }
        ),
        { numRuns: 150 }
      )
    )
  )

  it.effect("a record is told with the line that it begins on", () =>
    Effect.gen(function* () {
      const elements = yield* read(pieces('{"a":1}\n\n{\n  "b": {\n  }\n}\n{"c":3}', 5))
      expect(elements.map((element) => element._tag === "Record" && element.line)).toEqual([1, 3, 7])
    })
  )

  it.effect("what is no record is told, and the next record is read", () =>
    Effect.gen(function* () {
      const elements = yield* read(pieces('{"a": "cut\n{"b":2}\nERROR 12\n"text"\n{"c":3} behind\n{"d":', 7))
      expect(texts(elements)).toEqual(['{"b":2}', '{"c":3}'])
      expect(rejections(elements)).toEqual([
        [1, "not JSON: the record breaks off"],
        [3, "no JSON object: ERROR 12"],
        [4, 'no JSON object: "text"'],
        [5, "no JSON object: behind"],
        [6, "not JSON: the record breaks off"]
      ])
    })
  )

  it.effect("bytes that are no UTF-8 are no record", () =>
    Effect.gen(function* () {
      const elements = yield* read(pieces(Uint8Array.of(123, 34, 0xff, 34, 125, 10, 123, 125), 3))
      expect([texts(elements), rejections(elements)]).toEqual([["{}"], [[1, "not UTF-8"]]])
    })
  )

  it.scoped("files, compressed or not, each once; what cannot be read is told, and the rest is read", () =>
    Effect.gen(function* () {
      const home = yield* folder
      const [plain, packed] = [join(home, "a.ndjson"), join(home, "b.ndjson.gz")]
      writeFileSync(plain, '{"a":1}\n')
      writeFileSync(packed, gzipSync('{"b":2}\n'))
      writeFileSync(join(home, "notes.txt"), "no events")
      const elements = yield* read(...[home, plain, join(home, "absent.ndjson")].map(LogSource.file))
      expect(texts(elements)).toEqual(['{"a":1}', '{"b":2}'])
      const told = elements.flatMap((one) =>
        one._tag === "NotRead" ? [one.error.source] : one._tag === "LeftOut" ? [one.source] : []
      )
      expect(new Set(told)).toEqual(new Set([join(home, "notes.txt"), join(home, "absent.ndjson")]))
    })
  )

  it.effect("nothing is read ahead of who takes the records", () =>
    Effect.gen(function* () {
      let given = 0
      const source = LogSource.bytes(
        "log",
        Stream.repeatEffect(Effect.sync(() => new TextEncoder().encode(`{"n":${given++}}\n`)))
      )
      yield* Stream.runCollect(Stream.take(RecordTexts.stream([source]), 10))
      expect(given).toBeLessThan(40)
    })
  )
})
