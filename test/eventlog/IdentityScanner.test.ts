import { describe, expect, it } from "@effect/vitest"
import { EventIdentity, EventTime } from "@genesys-replay/domain"
import { FastCheck } from "effect"
import * as EventRecord from "../../packages/eventlog/src/scan/EventRecord.js"
import { type IdentityLayout, IdentityScanner } from "../../packages/eventlog/src/scan/IdentityScanner.js"
import { Kernel } from "../../packages/eventlog/src/scan/Kernel.js"
import { ValueHash } from "../../packages/eventlog/src/scan/ValueHash.js"
import * as AdversarialLog from "./AdversarialLog.js"
import * as SpelledJson from "./SpelledJson.js"

/** More cases, for the long run: `GENESYS_REPLAY_PROPERTY_RUNS=20000`. */
const numRuns = (few: number): number => Number(process.env["GENESYS_REPLAY_PROPERTY_RUNS"] ?? few)

const seed = [1, -2, 3, 4] as const

interface Found {
  readonly line: number
  readonly says: string
}

const says = (
  hash: Int32Array,
  group: string | null,
  timeMs: number,
  isTimeInBody: boolean,
  topicName: string | undefined,
  bytes: Uint8Array
) =>
  JSON.stringify([
    [...hash],
    group,
    Number.isNaN(timeMs) ? null : timeMs,
    isTimeInBody,
    topicName ?? null,
    Buffer.from(bytes).toString("latin1")
  ])

const scanned = (
  bytes: Uint8Array,
  sizes: ReadonlyArray<number> = [1e9],
  key?: IdentityLayout["key"]
): ReadonlyArray<Found> => {
  const found: Array<Found> = []
  const scanner = new IdentityScanner(
    { key, seed },
    {
      identified: (entry, line) =>
        found.push({
          line,
          says: says(
            entry.hash,
            scanner.names[entry.group] ?? null,
            entry.timeMs,
            entry.isTimeInBody,
            entry.topicName(),
            Buffer.from(entry.bytes()).filter((byte) => byte > 0)
          )
        }),
      rejected: (line, _, reason) => found.push({ line, says: reason })
    }
  )
  scanner.begin({ from: 0, times: "always" })
  for (const chunk of AdversarialLog.chunked(bytes, sizes)) scanner.push(chunk)
  scanner.end()
  scanner.release()
  return found
}

/** Every line through the parser, and its value, hashed member by member. */
const parsed = (lines: ReadonlyArray<string>, key?: IdentityLayout["key"]): ReadonlyArray<Found> => {
  const kernel = Kernel.acquireIdentity(key, seed)
  const valueHash = new ValueHash(kernel)
  const found = lines.flatMap((text, at): ReadonlyArray<Found> => {
    const line = at + 1
    const bytes = Buffer.from(text)
    const record = EventRecord.parseLine(bytes)
    if (record === undefined) return []
    if (record._tag === "Rejected") return [{ line, says: record.reason }]
    const { value } = record
    const nothing = EventRecord.noObject(value)
    if (nothing !== undefined) return [{ line, says: nothing.reason }]
    const identity = EventIdentity.of(value, key)
    if (identity._tag === "Unidentified") return [{ line, says: identity.reason }]
    const group = EventRecord.groupOf(value, ["detail-type"])
    const topic = EventIdentity.valueAt(value, ["detail", "topicName"])
    return [
      {
        line,
        says: says(
          valueHash.of(identity.parts),
          group,
          EventTime.of(value) ?? Number.NaN,
          EventTime.isInBody(value),
          typeof topic === "string" ? topic : undefined,
          bytes
        )
      }
    ]
  })
  kernel.release()
  return found
}

const time = FastCheck.constantFrom<unknown>(
  1762768866010,
  0,
  -1,
  1.5,
  1e12,
  253402300799999,
  253402300800000,
  1e300,
  "2025-11-10T10:01:06.010Z",
  "2025-11-10T10:01:06Z",
  "2024-02-29T23:59:59.9Z",
  "2023-02-29T00:00:00Z",
  "2025-11-10T10:01:06.010+01:00",
  "0000-01-01T00:00:00Z",
  "0001-03-01T00:00:00.123456Z",
  "9999-12-31T23:59:59.999Z",
  "yesterday",
  null
)

/** Envelopes with whatever in their bodies, of the topics that there are, and with parts that lack. */
const envelope = FastCheck.record({
  body: FastCheck.oneof(
    FastCheck.dictionary(FastCheck.constantFrom("a", "b", "text", "list", "attributes"), SpelledJson.value, {
      maxKeys: 4
    }),
    SpelledJson.value
  ),
  eventTime: FastCheck.option(time),
  timestamp: FastCheck.option(time),
  envelopeTime: FastCheck.option(time),
  lacks: FastCheck.constantFrom("", "", "", "", "topicName", "eventBody", "detail", "source", "detail-type"),
  group: FastCheck.constantFrom<unknown>("acd.start", "acd.end", 'user "x"', null, 7)
}).map(({ body, envelopeTime, eventTime, group, lacks, timestamp }) => {
  const isObject = typeof body === "object" && body !== null && !Array.isArray(body)
  const detail: Record<string, unknown> = {
    topicName: `topic of ${String(group)}`,
    version: "2",
    eventBody: isObject && eventTime !== null ? { ...body, eventTime } : body,
    metadata: {},
    timestamp
  }
  const record: Record<string, unknown> = {
    version: "0",
    "detail-type": group,
    source: "aws.partner/genesys.com/cloud/x",
    time: envelopeTime,
    resources: [],
    detail
  }
  delete detail[lacks]
  delete record[lacks]
  return record
})

const key = FastCheck.constantFrom<IdentityLayout["key"]>(
  undefined,
  undefined,
  [["detail", "eventBody", "a"]],
  [["detail", "eventBody"], ["detail-type"]],
  [["time"], ["detail", "eventBody", "b"], ["detail", "timestamp"]],
  [["detail"], ["detail", "eventBody", "attributes"]]
)

describe("The scanner of identities", () => {
  it("says of every record what the parser says, hash and all, however it is written", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(FastCheck.tuple(envelope, FastCheck.boolean()), { minLength: 1, maxLength: 8 }),
        SpelledJson.dice,
        key,
        FastCheck.array(FastCheck.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 4 }),
        (records, dice, key, sizes) => {
          // Twice, so that records are walked that are made like those before.
          const lines = [...records, ...records].map(([record, plain]) => SpelledJson.spell(record, dice, plain))
          expect(scanned(Buffer.from(lines.join("\n")), sizes, key)).toEqual(parsed(lines, key))
        }
      ),
      { numRuns: numRuns(300) }
    )
  })

  const hashOf = (text: string | Uint8Array, seedOf: IdentityLayout["seed"] = seed): string => {
    const hashes: Array<string> = []
    const scanner = new IdentityScanner(
      { key: undefined, seed: seedOf },
      {
        identified: ({ hash }) => hashes.push(hash.join()),
        rejected: (_, __, reason) => hashes.push(`rejected: ${reason}`)
      }
    )
    // Three times: parsed, learned, walked.
    scanner.begin({ from: 0, times: "always" })
    for (let time = 0; time < 3; time++) {
      scanner.push(typeof text === "string" ? Buffer.from(`${text}\n`) : text)
    }
    scanner.end()
    scanner.release()
    expect(new Set(hashes).size).toBe(1)
    return hashes[0] ?? ""
  }
  const inBody = (body: string): string => `{"detail":{"topicName":"t","eventBody":${body}}}`

  it("has one hash for one event, in whatever spelling, and others for others", () => {
    FastCheck.assert(
      FastCheck.property(SpelledJson.value, SpelledJson.value, SpelledJson.dice, (one, other, dice) => {
        const hash = hashOf(inBody(SpelledJson.spell(one, dice)))
        expect(hashOf(inBody(SpelledJson.spell(one, dice)))).toBe(hash)
        expect(hashOf(inBody(SpelledJson.spell(other, dice))) === hash).toBe(
          EventIdentity.canonical(one) === EventIdentity.canonical(other)
        )
      }),
      { numRuns: numRuns(150) }
    )
  })

  it("has another hash where one bit of a value is another", () => {
    const text = "f11fc8de-3eb4-49c8-8f8d-e0e973e1d036".repeat(5)
    for (const length of [1, 15, 16, 17, 31, 32, 33, 127, 128, 129, 180]) {
      const bytes = Buffer.from(text.slice(0, length))
      const hashes = new Set([hashOf(inBody(`"${bytes.toString()}"`))])
      for (let at = 0; at < length; at++) {
        const other = Buffer.from(bytes)
        other[at] = (other[at] ?? 0) ^ 1
        hashes.add(hashOf(inBody(`"${other.toString()}"`)))
      }
      expect(hashes.size).toBe(length + 1)
    }
  })

  it("tells apart what differs in kind, place or length only", () => {
    const bodies = [
      "null",
      "true",
      "false",
      "0",
      "1",
      '"0"',
      '""',
      '"\\u0000"',
      '"\\u0000\\u0000"',
      '"\\""',
      '"\\"\\u0000"',
      "{}",
      "[]",
      "[[]]",
      "[{}]",
      '{"":{}}',
      '{"0":0}',
      "[0]",
      "[0,0]",
      "[1,0]",
      "[0,1]",
      "[[0],1]",
      "[[0,1]]",
      '{"a":{"b":0}}',
      '{"a":0,"b":0}',
      '{"a.b":0}',
      '{"ab":0}',
      '{"a":"b"}',
      '{"b":"a"}',
      "1e400",
      "-1e400",
      "1.7976931348623157e308",
      "5e-324",
      "0.1",
      "0.30000000000000004",
      "9007199254740992",
      "9007199254740994",
      '"\\ud800"',
      '"\\udc00"',
      '"\\ufffd"',
      `"${"x".repeat(127)}"`,
      `"${"x".repeat(128)}"`,
      `"${"x".repeat(129)}"`
    ]
    expect(new Set(bodies.map((body) => hashOf(inBody(body)))).size).toBe(bodies.length)
  })

  it("reads numbers as doubles, escapes as characters, and of duplicate keys the last", () => {
    const same = (...bodies: ReadonlyArray<string>) =>
      expect(new Set(bodies.map((body) => hashOf(inBody(body)))).size, bodies.join(" ")).toBe(1)
    same("1", "1.0", "1e0", "10e-1", "0.1E1", "1.0000000000000000000001")
    same("0", "-0", "0e5", "-0.00", "1e-400")
    same("0.1", "1e-1", "0.1000000000000000055511151231257827021181583404541015625")
    same("9007199254740993", "9007199254740992.0", "9007199254740992")
    same("1e23", "1.0E+23", "100000000000000000000000")
    same("1e400", "2e999")
    same('"😀"', '"\\ud83d\\ude00"', '"\\uD83D\\uDE00"')
    same('"/\\n"', '"\\/\\u000a"')
    same('{"a":1,"b":[2]}', ' { "b" : [ 2 ] , "a" : 1 } ', '{"a":{"c":3},"b":[2],"a":1}', '{"\\u0061":1,"b":[2]}')
    same('"\\ud800x"', '"\\uD800\\u0078"')
  })

  it("has other hashes with another seed", () => {
    expect(hashOf(inBody("1"), [5, 6, 7, 8])).not.toBe(hashOf(inBody("1")))
  })

  it("reads what is very deep, very long, or of very many keys", () => {
    const deep = (depth: number, inner: string) => inBody(`${"[".repeat(depth)}${inner}${"]".repeat(depth)}`)
    for (const depth of [3_900, 4_100, 20_000]) {
      expect(hashOf(deep(depth, "1"))).toBe(hashOf(deep(depth, "1.0")))
      expect(hashOf(deep(depth, "1"))).not.toBe(hashOf(deep(depth, "2")))
    }
    const keys = (count: number, last: string) =>
      inBody(`{${Array.from({ length: count }, (_, at) => `"k${at}":${at}`).join()},"last":${last}}`)
    for (const count of [900, 1_100, 2_500, 5_000]) {
      expect(hashOf(keys(count, "1"))).toBe(hashOf(keys(count, "1.0")))
      expect(hashOf(keys(count, "1"))).not.toBe(hashOf(keys(count, '"1"')))
    }
    const long = (escaped: string) => inBody(`["${escaped}","${"y".repeat(70_000)}${escaped}"]`)
    expect(hashOf(long("\\u0061"))).toBe(hashOf(long("a")))
  })

  it("reads a line of 64 MiB, whichever way", () => {
    const line = (first: string, last: string): Buffer => {
      const size = 64 * 1_048_576 + first.length
      const head = `{"detail":{"topicName":"t","eventBody":"${first}`
      const tail = `${last}"}}\n`
      const bytes = Buffer.alloc(size, "z")
      bytes.write(head, 0)
      bytes.write(tail, size - tail.length)
      return bytes
    }
    const found: Array<string> = []
    const scanner = new IdentityScanner(
      { key: undefined, seed },
      {
        identified: ({ hash }) => found.push(hash.join()),
        rejected: (_, __, reason) => found.push(reason)
      }
    )
    scanner.begin({ from: 0, times: "always" })
    // The second one has an escape, and so goes through the parser; the third is another.
    scanner.push(line("aaaaaa", "b"))
    scanner.push(line("\\u0061aaaaa", "b"))
    scanner.push(line("aaaaaa", "c"))
    scanner.end()
    scanner.release()
    expect(found.length).toBe(3)
    expect(found[1]).toBe(found[0])
    expect(found[2]).not.toBe(found[0])
  })
})
