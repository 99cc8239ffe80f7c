import { describe, expect, it } from "@effect/vitest"
import { FastCheck } from "effect"
import * as EventRecord from "../../packages/eventlog/src/scan/EventRecord.js"
import { RecordScanner, type RecordSink } from "../../packages/eventlog/src/scan/RecordScanner.js"
import * as AdversarialLog from "./AdversarialLog.js"

/** More cases, for the long run: `GENESYS_REPLAY_PROPERTY_RUNS=20000`. */
const numRuns = (few: number): number => Number(process.env["GENESYS_REPLAY_PROPERTY_RUNS"] ?? few)

interface Found {
  readonly line: number
  readonly record: EventRecord.EventRecord
}

const collecting = (found: Array<Found>): RecordSink => ({
  observed: (group, index, _, time, __, line) => found.push({ line, record: { _tag: "Observed", group, index, time } }),
  rejected: (line, _, reason) => found.push({ line, record: { _tag: "Rejected", reason } })
})

const scanned = (
  bytes: Uint8Array,
  sizes: ReadonlyArray<number>,
  layout: EventRecord.Layout = EventRecord.envelope
): ReadonlyArray<Found> => {
  const found: Array<Found> = []
  const scanner = new RecordScanner(layout, collecting(found), true)
  scanner.begin({ from: 0, times: "always" })
  for (const chunk of AdversarialLog.chunked(bytes, sizes)) scanner.push(chunk)
  scanner.end()
  scanner.release()
  return found
}

/** Every record through the parser. */
const parsed = (bytes: Uint8Array, layout: EventRecord.Layout = EventRecord.envelope): ReadonlyArray<Found> =>
  (AdversarialLog.stretches(bytes) ?? []).flatMap(({ bytes, isBrokenOverLines, line }) => {
    const record = isBrokenOverLines ? overLines : EventRecord.fromLine(bytes, layout)
    return record === undefined ? [] : [{ line, record }]
  })

/** Why a record over lines is broken the parser says of all that was read of it. */
const overLines: EventRecord.EventRecord = { _tag: "Rejected", reason: "over lines" }

/** What was found, and of what is broken over lines nothing but that. */
const scannedLike = (
  expected: ReadonlyArray<Found>,
  ...[bytes, sizes, layout]: Parameters<typeof scanned>
): ReadonlyArray<Found> =>
  scanned(bytes, sizes, layout).map((found, at) =>
    expected[at]?.record === overLines && found.record._tag === "Rejected" && found.record.reason.startsWith("not ")
      ? { ...found, record: overLines }
      : found
  )

const expectParsed = (...[bytes, sizes, layout]: Parameters<typeof scanned>): void => {
  const expected = parsed(bytes, layout)
  expect(scannedLike(expected, bytes, sizes, layout)).toEqual(expected)
}

const text = FastCheck.constantFrom(
  "",
  "plain",
  'a \\"quote\\"',
  "back\\\\slash",
  "\\u00e9\\ud83d\\ude00\\n",
  "é 日本 😀",
  "sixteen bytes ok",
  "a text that is longer than thirty-two bytes, by far",
  '","detail":{"sequenceIndex":9}'
).map((inner) => `"${inner.replaceAll(/(?<!\\)"/g, '\\"')}"`)
const number = FastCheck.constantFrom("0", "-0", "7", "12", "1.5", "1e3", "-2.25E-7", "123456789012")
const word = FastCheck.constantFrom("true", "false", "null")
const index = FastCheck.oneof(
  { weight: 20, arbitrary: FastCheck.nat(200).map(String) },
  { weight: 1, arbitrary: FastCheck.constantFrom("1.0", "1e1", "-1", "9007199254740991", "9007199254740992", "null") }
)
const group = FastCheck.constantFrom(
  '"outage"',
  '"outage"',
  '"other replay"',
  '"\\u006futage"',
  '"é"',
  '"\ufeffx"',
  "null",
  "7"
)

/** Records with the same keys in the same order, their values put in by place: `#` a text, `%` a number, `?` a word. */
const skeletons = [
  '{"version":#,"id":#,"time":#,"resources":[],"replay-name":@,"detail":{"topicName":#,"timestamp":#,"sequenceIndex":!,"eventBody":{"a":#,"n":%,"w":?,"list":[{"x":#},{"x":%}]}}}',
  '{ "detail" : { "sequenceIndex" : ! , "eventBody" : { "note" : # , "n" : [ % , % ] } } , "replay-name" : @ }',
  '{"detail":{"eventBody":{"sequenceIndex":%,"detail":{"sequenceIndex":%}},"timestamp":?,"sequenceIndex":!},"time":#,"replay-name":@}',
  '{"replay-name":@,"detail":{"sequenceIndex":%},"detail":{"sequenceIndex":!,"empty":{},"none":[]}}',
  '{"time":#,"detail":{"sequenceIndex":!}}',
  '{"time":?,"detail":{"sequenceIndex":!}}',
  '{"time":%,"detail":{"sequenceIndex":!,"timestamp":?}}',
  '{"time":#,"detail":{"sequenceIndex":!,"a\\u0062c":#}}',
  // Without an index, as all real events are; and what only looks like one of those.
  '{"detail-type":#,"source":#,"time":#,"detail":{"topicName":#,"eventBody":{"sequenceIndex":%},"timestamp":#}}',
  '{"detail-type":#,"source":?,"detail":{"timestamp":#},"message":"{}"}',
  '{"detail-type":#,"source":#,"detail":{"timestamp":#,"sequenceIndex":%},"detail":{"timestamp":#}}',
  '{"detail-type":#,"source":#,"detail":{"timestamp":#,"sequence\\u0049ndex":%}}'
]

const fill = (skeleton: string): FastCheck.Arbitrary<string> =>
  FastCheck.tuple(
    ...[...skeleton].map((character) =>
      character === "#"
        ? text
        : character === "%"
          ? number
          : character === "?"
            ? word
            : character === "!"
              ? index
              : character === "@"
                ? group
                : FastCheck.constant(character)
    )
  ).map((parts) => parts.join(""))

const encoder = new TextEncoder()

/** What is done to a byte of a record: nothing mostly; else it is changed, taken away, or another is put before it. */
const harm = FastCheck.oneof(
  { weight: 3, arbitrary: FastCheck.constant(undefined) },
  {
    weight: 2,
    arbitrary: FastCheck.record({
      at: FastCheck.nat(10_000),
      byte: FastCheck.oneof(
        FastCheck.constantFrom(...encoder.encode('"\\{}[]:,0-.eEtfn \t\r\u0000')),
        FastCheck.integer({ min: 0, max: 255 })
      ).filter((byte) => byte !== 10),
      how: FastCheck.constantFrom("change", "remove", "insert")
    })
  }
)

const record = FastCheck.tuple(FastCheck.constantFrom(...skeletons).chain(fill), harm).map(([json, harm]) => {
  const bytes = [...encoder.encode(json)]
  if (harm === undefined) return bytes
  const added = harm.how === "remove" ? [] : [harm.byte]
  bytes.splice(harm.at % bytes.length, harm.how === "insert" ? 0 : 1, ...added)
  return bytes
})

const similarRecords = FastCheck.array(record, { minLength: 1, maxLength: 30 })
  .map((records) => Uint8Array.from(records.flatMap((bytes) => [...bytes, 10])))
  .filter((bytes) => AdversarialLog.stretches(bytes) !== undefined)

const sizes = FastCheck.oneof(
  FastCheck.constant([1_000_000]),
  FastCheck.array(FastCheck.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 })
)

describe("RecordScanner", () => {
  it("finds in lines of one make, harmed here and there, what the parser finds in each", () => {
    FastCheck.assert(
      FastCheck.property(similarRecords, sizes, (bytes, sizes) => {
        expectParsed(bytes, sizes)
      }),
      { numRuns: numRuns(400) }
    )
  })

  it("finds in lines of any make what the parser finds in each", () => {
    FastCheck.assert(
      FastCheck.property(
        AdversarialLog.log.filter((bytes) => bytes[0] !== 0xef),
        sizes,
        (bytes, sizes) => {
          expectParsed(bytes, sizes)
        }
      ),
      { numRuns: numRuns(400) }
    )
  })

  it("draws every line where JSON and UTF-8 draw it", () => {
    const ascii = (text: string): Array<number> => [...encoder.encode(text)]
    const texts = (bytes: ReadonlyArray<number>): Array<number> => [0x22, ...bytes, 0x22]
    const inRecord = (value: ReadonlyArray<number>): Array<number> => [
      ...ascii('{"x":'),
      ...value,
      ...ascii(',"detail":{"sequenceIndex":1}}')
    ]
    const asIndex = (value: ReadonlyArray<number>): Array<number> => [
      ...ascii('{"detail":{"sequenceIndex":'),
      ...value,
      ...ascii("}}")
    ]
    const anyByte = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 10)
    const follows = [0x00, 0x22, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff]
    const characters = anyByte
      .filter((byte) => byte >= 0x80)
      .flatMap((first) =>
        follows.flatMap((second) =>
          [0x7f, 0x80, 0xbf, 0xc0].flatMap((third) =>
            [0x7f, 0x80, 0xbf, 0xc0].flatMap((fourth) => [
              texts([first, second]),
              texts([first, second, third]),
              texts([first, second, third, fourth])
            ])
          )
        )
      )
    const places = anyByte.flatMap((byte) =>
      [0, 1, 14, 15, 16, 17, 31, 40].map((at) => texts([...ascii("x".repeat(at)), byte, ...ascii("y".repeat(20))]))
    )
    const escapes = anyByte.flatMap((byte) => [texts([0x5c, byte]), texts([0x5c, byte, ...ascii("0000")])])
    const hex = ["/", "0", "9", ":", "@", "A", "F", "G", "`", "a", "f", "g", "z", " ", '"', "\\"]
    const unicode = [0, 1, 2, 3].flatMap((at) =>
      hex.map((digit) => texts(ascii(`\\u${"0".repeat(at)}${digit}${"0".repeat(3 - at)}`)))
    )
    const sequences = (tokens: ReadonlyArray<string>, most: number): ReadonlyArray<string> =>
      most === 0 ? [""] : ["", ...sequences(tokens, most - 1).flatMap((rest) => tokens.map((token) => token + rest))]
    const numbers = [
      ...new Set(sequences(["0", "7", "-", "+", ".", "e", "E"], 5)),
      "9007199254740990",
      "9007199254740991",
      "9007199254740992",
      "9007199254740993",
      "99999999999999999",
      "18446744073709551617",
      "18446744073709551616",
      "123456789012345678901234567890"
    ].map(ascii)
    const words = ["true", "false", "null"].flatMap((word) => [
      ...[...word].flatMap((_, at) =>
        ["", "x", "N", word[at] ?? ""].map((put) => word.slice(0, at) + put + word.slice(at + 1))
      ),
      `${word}e`,
      `${word}1`,
      `${word} `
    ])
    // An object that another, or an array, follows is for another test.
    const structures = [
      ...new Set(sequences(["{", "}", "[", "]", ",", ":", '"a"', "1", " "], numRuns(4) > 4 ? 5 : 4))
    ].filter((structure) => !/\} *[{[]/.test(structure))
    const odd = [
      '{"a",1}',
      '{"a" 1}',
      '{"a":1:2}',
      '["a":1]',
      '{"a":1,"a"}',
      "{1:1}",
      '{"a":1,}',
      "[1,]",
      "[,1]",
      "{,}",
      "[[1]",
      "[1]]"
    ]
    const lines = [
      ...odd.map((structure) => inRecord(ascii(structure))),
      ...[...characters, ...places, ...escapes, ...unicode].map(inRecord),
      // As the name of a group, and as a key.
      ...[...places, ...escapes].map((text) => [
        ...ascii('{"replay-name":'),
        ...text,
        ...ascii(',"detail":{"sequenceIndex":2}}')
      ]),
      ...[...places, ...escapes, ...unicode].map((text) => [
        0x7b,
        ...text,
        ...ascii(':1,"detail":{"sequenceIndex":3}}')
      ]),
      ...numbers.flatMap((number) => [inRecord(number), asIndex(number)]),
      ...words.flatMap((word) => [
        inRecord(ascii(word)),
        asIndex(ascii(word)),
        ascii(`{"replay-name":${word},"detail":{"sequenceIndex":4}}`),
        ascii(`{"time":${word},"detail":{"timestamp":${word},"sequenceIndex":5}}`)
      ]),
      ...structures.map((structure) => inRecord(ascii(structure)))
    ]
    const bytes = Uint8Array.from([...ascii('{"detail":{}}\n')].concat(lines.flatMap((line) => [...line, 10])))
    // Each begins anew, so that what is broken is broken on its line, whatever the reason.
    const plain = (record: EventRecord.EventRecord) =>
      record._tag === "Rejected" ? { ...record, reason: record.reason.replace(/^not JSON.*/s, "not JSON") } : record
    const found = scanned(bytes, [bytes.length]).map(({ line, record }) => ({ line, record: plain(record) }))
    const expected = [ascii('{"detail":{}}'), ...lines].flatMap((text, at) => {
      const record = EventRecord.fromLine(Uint8Array.from(text))
      return record === undefined ? [] : [{ line: at + 1, record: plain(record) }]
    })
    const shown = (one: Found | undefined): string =>
      `${JSON.stringify(one)} of ${Buffer.from(lines[(one?.line ?? 0) - 2] ?? []).toString("latin1")}`
    const first = expected.findIndex((one, at) => JSON.stringify(found[at]) !== JSON.stringify(one))
    expect(first === -1 ? "" : shown(found[first])).toBe(first === -1 ? "" : shown(expected[first]))
    expect(found.length).toBe(expected.length)
  })

  it("looks for other paths as well, however odd", () => {
    const layouts: ReadonlyArray<EventRecord.Layout> = [
      { index: ["time"], group: ["detail", "sequenceIndex"] },
      { index: ["detail", "eventBody", "sequenceIndex"], group: null },
      { index: ["detail", "eventBody", "detail", "sequenceIndex"], group: ["detail"] },
      { index: ["detail", "sequenceIndex"], group: ["detail", "sequenceIndex"] },
      { index: ["detail"], group: ["detail", "timestamp"] },
      { index: ["detail", "\ud800"], group: ["abc"] },
      { index: ["detail", "eventBody", "n"], group: ["detail", "eventBody", "a", "b"] }
    ]
    FastCheck.assert(
      FastCheck.property(similarRecords, FastCheck.constantFrom(...layouts), (bytes, layout) => {
        expectParsed(bytes, [1_000_000], layout)
      }),
      { numRuns: numRuns(300) }
    )
  })

  it("finds the same wherever the bytes are cut, in lines, in a row without lines, and in arrays", () => {
    const events = [
      '{"replay-name":"a\\u0062","detail":{"sequenceIndex":1,"text":"é😀\\"}{"}}',
      '{ "detail" : {"x":[{"sequenceIndex":9}],"sequence\\u0049ndex":4.0 } }',
      '{"detail":{"sequenceIndex":5,"timestamp":"2024-01-15T08:00:01Z"},"replay-name":"ab"}',
      '{"detail":{}}',
      '{"detail":{"sequenceIndex":5,"timestamp":"2024-01-15T08:00:02Z"},"replay-name":"ab"}'
    ]
    const logs = [
      `\ufeff${events.join("\r\n")}`,
      events.join(""),
      events.join(" "),
      `${events.slice(0, 2).join("")}\n${events.slice(2).join("")}\n`,
      `[${events.join(",")}]`,
      `\ufeff [\n  ${events.join(",\n  ")}\n]\n`,
      `[${events.slice(0, 3).join(",")}]\n[${events.slice(3).join(" , ")}]`
    ]
    const records = logs.map((log) => scanned(encoder.encode(log), [1_000_000]).map(({ record }) => record))
    expect(records[0]).toEqual([
      { _tag: "Observed", group: "ab", index: 1, time: undefined },
      { _tag: "Observed", group: null, index: 4, time: undefined },
      { _tag: "Observed", group: "ab", index: 5, time: "2024-01-15T08:00:01Z" },
      { _tag: "Rejected", reason: "nothing at detail.sequenceIndex" },
      { _tag: "Observed", group: "ab", index: 5, time: "2024-01-15T08:00:02Z" }
    ])
    for (const other of records) expect(other).toEqual(records[0])
    for (const log of logs) {
      const bytes = encoder.encode(log)
      const whole = scanned(bytes, [bytes.length])
      for (let cut = 1; cut < bytes.length; cut++) expect(scanned(bytes, [cut, bytes.length])).toEqual(whole)
      expect(scanned(bytes, [1])).toEqual(whole)
    }
  })

  it("takes byte order marks between records for nothing, as in files that were strung together, and none inside of one", () => {
    for (const [log, tags] of [
      ["\ufeff{}", ["Rejected"]],
      ["\ufeff", []],
      ["\ufeff\ufeff{}", ["Rejected"]],
      ["\ufeff \n\ufeff{}", ["Rejected"]],
      ['\ufeff\ufeff{"detail":{"sequenceIndex":1}}', ["Observed"]],
      ['\ufeff{"detail":{"sequenceIndex":1}}', ["Observed"]],
      ['{"detail":{"sequenceIndex":1}}\n\ufeff{"detail":{"sequenceIndex":2}}', ["Observed", "Observed"]],
      ['{"detail":{"sequenceIndex":1}}\ufeff{"detail":{"sequenceIndex":2}}\ufeff\n', ["Observed", "Observed"]],
      ['[{"detail":{"sequenceIndex":1}}]\n\ufeff[{"detail":{"sequenceIndex":2}}]', ["Observed", "Observed"]],
      ['{"detail":\ufeff{"sequenceIndex":1}}', ["Rejected"]],
      ['{"\ufeffdetail":{},"detail":{"sequenceIndex":1e0}}', ["Observed"]]
    ] as const) {
      for (const sizes of [[1_000], [1], [2], [3, 1]]) {
        expect(scanned(encoder.encode(log), sizes).map(({ record }) => record._tag)).toEqual(tags)
      }
    }
  })

  const rejections = (log: string): ReadonlyArray<readonly [number, number | undefined, string]> => {
    const found: Array<readonly [number, number | undefined, string]> = []
    const sink: RecordSink = {
      observed: () => undefined,
      rejected: (line, byte, reason) => found.push([line, byte, reason.replace(/(?<=not JSON: )[A-Z].*/, "")])
    }
    const scanner = new RecordScanner(EventRecord.envelope, sink)
    scanner.begin({ from: 0, times: "always" })
    scanner.push(encoder.encode(log))
    scanner.end()
    scanner.release()
    return found
  }

  const event = (index: number): string => `{"detail":{"sequenceIndex":${index}}}`

  it("counts the objects of a line up to the first that is none", () => {
    const log = `${event(1)}${event(2)}{"detail":\n${event(3)} x\n${event(4)}`
    expect(scanned(encoder.encode(log), [7]).map(({ record }) => record._tag === "Observed" && record.index)).toEqual([
      1,
      2,
      false,
      false,
      4
    ])
    expect(rejections(log)).toEqual([
      [1, 2 * event(1).length, "not JSON: "],
      [2, undefined, "not JSON: "]
    ])
  })

  it("says at which byte a record of an array stands, and goes on behind it", () => {
    expect(rejections(`[${event(1)},7,\n"x",${event(2)}]`)).toEqual([
      [1, event(1).length + 2, "no JSON object but a number: 7"],
      [2, event(1).length + 5, 'no JSON object but a string: "x"']
    ])
  })

  it("says where an array breaks off: nobody knows where the next record of the line begins", () => {
    const broken = "not JSON: the array breaks off here, and goes on with the next line that begins a value"
    const first = `[${event(1)}`
    for (const rest of [",", ", ", "", ',{"detail":', ",nul", ` ${event(2)}]`, `,{"a":\u0000},${event(2)}]`]) {
      expect(rejections(first + rest).map(([, , reason]) => reason)).toEqual([broken])
    }
    expect(rejections(`${first},{"detail":`)).toEqual([[1, first.length + 1, broken]])
  })

  it("goes on with lines where a bracket before the first of them was none of an array", () => {
    const log = encoder.encode(`[${event(1)}\r\n${event(2)}\n${event(3)}`)
    const whole = scanned(log, [log.length])
    expect(whole.map(({ line, record }) => [line, record._tag])).toEqual([
      [1, "Observed"],
      [2, "Rejected"],
      [2, "Observed"],
      [3, "Observed"]
    ])
    for (let cut = 1; cut < log.length; cut++) expect(scanned(log, [cut, log.length])).toEqual(whole)
  })

  it("reads lines behind an array", () => {
    expect(scanned(encoder.encode(`[${event(1)}]\n${event(2)}\nx\n${event(3)}`), [5]).map(({ line }) => line)).toEqual([
      1, 2, 3, 4
    ])
  })

  it("reads records that go over lines, one after another, with and without white space between them", () => {
    const pretty = (index: number): string => JSON.stringify(JSON.parse(event(index)), null, 2)
    const log = encoder.encode(
      `${pretty(1)}\n${pretty(2)}${pretty(3)} ${event(4)}\r\n${event(5)}\n\n${pretty(6)}\n{\n"detail":{}}\n${pretty(7)}`
    )
    const whole = scanned(log, [log.length])
    expect(whole.map(({ line, record }) => [line, record._tag === "Observed" ? record.index : record.reason])).toEqual([
      [1, 1],
      [6, 2],
      [10, 3],
      [14, 4],
      [15, 5],
      [17, 6],
      [22, "nothing at detail.sequenceIndex"],
      [24, 7]
    ])
    for (let cut = 1; cut < log.length; cut++) expect(scanned(log, [cut, log.length])).toEqual(whole)
    expect(scanned(log, [1])).toEqual(whole)
  })

  it("passes of a broken record the lines that belong to it, and says what is broken where it begins", () => {
    const pretty = (index: number): string => JSON.stringify({ detail: { sequenceIndex: index }, note: "x" }, null, 2)
    const inArray = (index: number): string => pretty(index).replaceAll(/^/gm, "  ")
    const harms = [
      (json: string) => json.replace('"note"', "note"),
      (json: string) => json.slice(0, json.indexOf("Index")),
      (json: string) => json.replace(/,\n/, "\n")
    ]
    for (const harm of harms) {
      for (const [log, line] of [
        [`${pretty(1)}\n${harm(pretty(2))}\n${pretty(3)}\n${event(4)}\n`, 7],
        [`[\n${inArray(1)},\n${harm(inArray(2))},\n${inArray(3)},\n${inArray(4)}\n]\n`, 8],
        [`[${event(1)},\n${harm(event(2))},\n${event(3)},\n${event(4)}]`, 2]
      ] as const) {
        const bytes = encoder.encode(log)
        const whole = scanned(bytes, [bytes.length])
        const indices = whole.map(({ record }) => (record._tag === "Observed" ? record.index : "rejected"))
        if (harm(event(2)) !== event(2) || line !== 2) expect(indices, log).toEqual([1, "rejected", 3, 4])
        expect(whole[1]?.line).toBe(line)
        for (let cut = 1; cut < bytes.length; cut++) expect(scanned(bytes, [cut, bytes.length])).toEqual(whole)
      }
    }
  })

  it("reads on behind a record that was cut off, wherever it was cut", () => {
    for (const whole of [event(1), JSON.stringify(JSON.parse(event(1)), null, 2)]) {
      for (let cut = 1; cut < whole.length - 1; cut++) {
        const log = encoder.encode(`${whole.slice(0, cut)}\n${event(2)}\n${event(3)}`)
        const found = scanned(log, [1_000]).map(({ line, record }) => [line, record._tag])
        expect(found.length, whole.slice(0, cut)).toBeLessThanOrEqual(3)
        expect(found[0]).toEqual([1, "Rejected"])
        expect(scanned(log, [1_000]).filter(({ record }) => record._tag === "Observed")).toMatchObject([
          { record: { index: 2 } },
          { record: { index: 3 } }
        ])
      }
    }
  })

  it("takes time in proportion to a source that is made of beginnings", () => {
    const log = encoder.encode(`${'{"a":\n'.repeat(40_000)}${event(1)}\n`)
    const found = scanned(log, [log.length])
    expect(found.at(-1)).toEqual({ line: 40_001, record: { _tag: "Observed", group: null, index: 1, time: undefined } })
    expect(found.length).toBe(40_001)
  })

  it("reads arrays of objects among lines, and takes any other array for what it is there: no object", () => {
    const log = encoder.encode(
      `${event(1)}\n[]\n[7]\n[${event(2)},\n${event(3)}][ ${event(4)}]\n${event(5)}[${event(6)}]`
    )
    const whole = scanned(log, [log.length])
    expect(whole.map(({ line, record }) => [line, record._tag === "Observed" ? record.index : record.reason])).toEqual([
      [1, 1],
      [2, "no JSON object but an array: []"],
      [3, "no JSON object but an array: [7]"],
      [4, 2],
      [5, 3],
      [5, 4],
      [6, 5],
      [6, 6]
    ])
    for (let cut = 1; cut < log.length; cut++) expect(scanned(log, [cut, log.length])).toEqual(whole)
    expect(scanned(log, [1])).toEqual(whole)
  })

  it("tells more groups apart than the kernel has room for", () => {
    for (const padding of [0, 1]) {
      const name = (at: number): string => `${at}${"x".repeat(padding * at)}`
      const lines = Array.from(
        { length: 5_000 },
        (_, at) => `{"replay-name":"${name(at)}","detail":{"sequenceIndex":1}}`
      )
      const bytes = encoder.encode(lines.join("\n"))
      expect(scanned(bytes, [1_000_000])).toEqual(parsed(bytes))
    }
  })

  it("reads records nested deeper than the kernel looks, and those around them", () => {
    const around = [event(1), event(2)].join("\n")
    for (const depth of [15_990, 16_010, 100_000]) {
      const deep = `{"deep":${"[".repeat(depth)}${"]".repeat(depth)},"detail":{"sequenceIndex":3}}`
      const found = scanned(encoder.encode([around, deep, around].join("\n")), [1_000_000])
      expect(found.map(({ record }) => record._tag === "Observed" && record.index)).toEqual([1, 2, 3, 1, 2])
    }
  })

  it("reads records with more keys than the kernel remembers", () => {
    for (const [records, count] of [
      [40, 3_000],
      [40, 900],
      [100, 200],
      [3, 1_000]
    ] as const) {
      const keys = (from: number): string => Array.from({ length: count }, (_, at) => `"${from + at}":${at}`).join(",")
      const lines = Array.from({ length: 2 * records }, (_, at) => {
        const index = at % records
        return `{${keys(index * count)},"detail":{"sequenceIndex":${index}}}`
      })
      expect(scanned(encoder.encode(lines.join("\n")), [1_000_000]).map(({ record }) => record)).toEqual(
        lines.map((_, at) => ({ _tag: "Observed", group: null, index: at % records, time: undefined }))
      )
    }
  })
})
