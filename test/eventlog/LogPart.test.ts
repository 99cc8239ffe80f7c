import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "@effect/vitest"
import { SequenceTracker, SequenceVerification } from "@genesys-replay/domain"
import { FastCheck } from "effect"
import * as EventRecord from "../../packages/eventlog/src/scan/EventRecord.js"
import { LogTally } from "../../packages/eventlog/src/scan/LogTally.js"
import {
  type LogPart,
  type PartRead,
  PartReader,
  restore,
  snapshot
} from "../../packages/eventlog/src/threads/LogPart.js"
import * as PartPool from "../../packages/eventlog/src/threads/PartPool.js"
import * as AdversarialLog from "./AdversarialLog.js"

const directory = mkdtempSync(join(tmpdir(), "log-part-"))
const path = join(directory, "log")
afterAll(() => rmSync(directory, { recursive: true }))

const end = Number.POSITIVE_INFINITY

const reader = new PartReader({ layout: EventRecord.envelope, maxRejected: 100, maxEdges: 1_000 })

const read = (part: LogPart): PartRead => {
  reader.begin(part)
  while (reader.step(1));
  return restore(structuredClone(snapshot(reader.result())))
}

/** What parts of one file say together. */
const together = (reads: ReadonlyArray<PartRead>) => {
  const tally = new LogTally(0)
  const rejected: Array<readonly [number, number | undefined, string]> = []
  let lines = 0
  for (const read of reads) {
    tally.mergeGroups(read.tally)
    for (const { byte, line, reason } of read.tally.rejections) rejected.push([lines + line, byte, reason])
    lines += read.lines
  }
  const groups = [...tally.trackers].map(([group, tracker]) => SequenceVerification.report(tracker, { group }))
  return {
    groups: groups.sort((left, right) => (String(left.group) < String(right.group) ? -1 : 1)),
    rejected,
    lines,
    bytes: reads.reduce((sum, { bytes }) => sum + bytes, 0),
    failures: reads.map(({ failure }) => failure).filter((failure) => failure !== null)
  }
}

const partsOf = (bytes: Uint8Array, cuts: ReadonlyArray<number>): ReadonlyArray<PartRead> => {
  const ends = [...cuts, end]
  return ends.map((to, at) => read({ path, from: ends[at - 1] ?? 0, to, size: bytes.length }))
}

const inParts = (bytes: Uint8Array, cuts: ReadonlyArray<number>) => together(partsOf(bytes, cuts))

const goesOverLines = (bytes: Uint8Array, cuts: ReadonlyArray<number>): boolean =>
  partsOf(bytes, cuts).some(({ goesOverLines }) => goesOverLines)

const encoder = new TextEncoder()
const event = (index: number, group?: string): string =>
  JSON.stringify({ ...(group === undefined ? {} : { "replay-name": group }), detail: { sequenceIndex: index } })

const nasty = [
  `\ufeff${event(3, "a")}`,
  "",
  `{"text":"\\"}\\n{","detail":{"sequenceIndex":1}}\r`,
  '{"cut',
  `${event(7)}${event(6, "a")} ${event(2)}`,
  ` \t`,
  `${event(9)}x`,
  `{"é😀":"日本","detail":{"sequence\\u0049ndex":8}}`,
  "[1]",
  event(5, "a")
].join("\n")

describe("LogPart", () => {
  it("says the same of a file in two parts, cut at any byte, and of the whole", () => {
    for (const log of [nasty, `${nasty}\n`, `${nasty}\n\n\n`, `${event(1)}${event(2)}`, ""]) {
      const bytes = encoder.encode(log)
      writeFileSync(path, bytes)
      const whole = inParts(bytes, [])
      expect(whole.bytes).toBe(bytes.length)
      for (let cut = 1; cut <= bytes.length + 1; cut++) expect(inParts(bytes, [cut])).toEqual(whole)
    }
  })

  it("says the same of any log in any parts", () => {
    FastCheck.assert(
      FastCheck.property(AdversarialLog.log, FastCheck.array(FastCheck.nat(3_000), { maxLength: 6 }), (log, cuts) => {
        const bytes = log.length === 0 ? log : Uint8Array.from([...encoder.encode(`${event(1)}\n`), ...log])
        writeFileSync(path, bytes)
        const sorted = [...new Set(cuts.map((cut) => 1 + (cut % (bytes.length + 1))))].sort(
          (left, right) => left - right
        )
        // Where a record goes over lines that is said, and what the parts say is not used.
        if (!goesOverLines(bytes, sorted)) expect(inParts(bytes, sorted)).toEqual(inParts(bytes, []))
      }),
      { numRuns: Number(process.env["GENESYS_REPLAY_PROPERTY_RUNS"] ?? 200) }
    )
  })

  it("reads what was added to a file since it was planned", () => {
    writeFileSync(path, `${event(1)}\n${event(2)}`)
    const size = event(1).length + 1 + event(2).length
    appendFileSync(path, `\n${event(3)}\n`)
    const grown = together([read({ path, from: 0, to: 5, size }), read({ path, from: 5, to: end, size })])
    expect(grown.groups.map(({ observed }) => observed)).toEqual([3])
    expect(grown.failures).toEqual([])
  })

  it("says that a file became shorter, and counts what is left of it", () => {
    const log = `${event(1)}\n${event(2)}\n${event(3)}\n`
    writeFileSync(path, log)
    truncateSync(path, event(1).length + 1 + event(2).length + 1)
    const whole = together([read({ path, from: 0, to: end, size: log.length })])
    expect(whole.groups.map(({ observed }) => observed)).toEqual([2])
    expect(whole.failures).toEqual(["it became shorter while it was read"])
    for (const cuts of [[10, 45], [80], [45, 90]]) {
      const ends = [...cuts, end]
      const parts = ends.map((to, at) => read({ path, from: ends[at - 1] ?? 0, to, size: log.length }))
      expect(together(parts).groups.map(({ observed }) => observed)).toEqual([2])
      expect(together(parts).failures).toContain("it became shorter while it was read")
    }
  })

  it("says why a file can't be read", () => {
    expect(read({ path: join(directory, "none"), from: 0, to: end, size: 0 }).failure).toBe("there is no such file")
    expect(read({ path: directory, from: 0, to: end, size: 0 }).failure).toContain("directory")
  })

  it("tells where indices are: between the smallest and the largest of a block, or listed where they are scattered", () => {
    const log = Array.from({ length: 40 }, (_, at) => `${event((at * 7) % 40)}\n`).join("")
    writeFileSync(path, log)
    const scattered = read({ path, from: 0, to: end, size: log.length })
    expect([...scattered.blocks]).toEqual([0, log.length, 0, 39, 0, 40])
    expect([...scattered.edges].sort((left, right) => left - right)).toEqual(Array.from({ length: 40 }, (_, at) => at))
    writeFileSync(path, Array.from({ length: 40 }, (_, at) => event(at)).join("\n"))
    expect([...read({ path, from: 0, to: end, size: log.length }).edges]).toEqual([])
  })
})

describe("PartPool", () => {
  const threads: PartPool.Threads = { script: undefined, count: 2, worthwhile: 100, smallestPart: 10 }

  it("cuts files so that parts cover every byte once, the last ones small", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(FastCheck.tuple(FastCheck.nat(5_000), FastCheck.boolean()), { minLength: 1, maxLength: 4 }),
        FastCheck.integer({ min: 1, max: 8 }),
        (files, count) => {
          const planned = files.map(([size, isLines], at) => ({ path: `${at}`, size, isLines }))
          const parts = PartPool.split(planned, { ...threads, count })
          expect(parts.length).toBe(files.length)
          for (const [at, ofFile] of parts.entries()) {
            expect(ofFile[0]?.from).toBe(0)
            expect(ofFile.at(-1)?.to).toBe(end)
            for (const [number, part] of ofFile.entries()) {
              if (number > 0) expect(part.from).toBe(ofFile[number - 1]?.to)
              if (ofFile.length > 1) expect(Math.min(part.to, part.size) - part.from).toBeGreaterThanOrEqual(10)
            }
            if (files[at]?.[1] === false || count === 1) expect(ofFile.length).toBe(1)
          }
        }
      )
    )
    const [large] = PartPool.split([{ path: "", size: 10_000, isLines: true }], threads)
    const lengths = (large ?? []).map(({ from, size, to }) => Math.min(size, to) - from)
    expect(lengths.slice(0, 3)).toEqual([2_500, 1_875, 1_406])
    expect(lengths.at(-1)).toBeLessThan(25)
  })

  it("leaves files whole that are not worth a thread", () => {
    const [parts] = PartPool.split([{ path: "", size: 99, isLines: true }], threads)
    expect(parts?.length).toBe(1)
  })
})

describe("LogTally", () => {
  it("leaves the later tally as it is when it merges", () => {
    const [first, later] = [new LogTally(1), new LogTally(1)]
    later.observed("a", 1, 3, undefined, undefined)
    first.mergeGroups(later)
    first.observed("a", 5, 5, undefined, undefined)
    const unique = (tally: LogTally) => SequenceTracker.observed(tally.trackerOf("a")).indices.size
    expect([unique(first), unique(later)]).toEqual([4, 3])
  })
})
