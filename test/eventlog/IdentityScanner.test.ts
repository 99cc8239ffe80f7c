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
})
