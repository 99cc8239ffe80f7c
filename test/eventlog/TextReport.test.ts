import { describe, expect, it } from "@effect/vitest"
import { SequenceReport, SequenceTracker, SequenceVerification } from "@genesys-replay/domain"
import { TextReport } from "@genesys-replay/eventlog"
import { Arbitrary, FastCheck } from "effect"

const group = (
  name: string | null,
  indices: ReadonlyArray<number>,
  expected: SequenceVerification.SequenceRange = {},
  maxMissing = 20
): SequenceReport.GroupReport => {
  const tracker = SequenceTracker.make()
  for (const index of indices) {
    SequenceTracker.observe(tracker, index, `2024-01-15T08:${String(index % 60).padStart(2, "0")}:00Z`)
  }
  return SequenceVerification.report(tracker, { group: name, expected, maxMissing })
}

const report = (
  groups: ReadonlyArray<SequenceReport.GroupReport>,
  rejected?: SequenceReport.CompletenessReport["rejected"]
): SequenceReport.CompletenessReport => SequenceReport.make({ groups, rejected })

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape that begins a colour is what is looked for
const colours = /\u001b\[\d+m/g

describe("TextReport", () => {
  it("says complete in one line and the figures in a table", () => {
    expect(
      TextReport.render(report([group("outage", [1, 2, 3, 3, 2], { start: 1, end: 3 })]))
    ).toBe(`Complete: 3 indices, none missing.

group   expected  unique  missing  duplicates  reordered  coverage
outage       1-3       3        0           2          1  100.00 %
`)
  })

  it("lists the gaps with their lengths and times, and what was rejected", () => {
    const text = TextReport.render(
      report([group(null, [5]), group("outage", [1, 2, 6, 9], { start: 1, end: 12 }, 2)], {
        count: 2,
        first: [{ source: "a.ndjson", line: 7, reason: "not JSON: Unexpected end of JSON input" }]
      }),
      { unicode: true }
    )
    expect(text).toBe(`Incomplete: 8 indices are missing from 1 of 2 groups, in 3 ranges.

group          expected  unique  missing  duplicates  reordered  coverage
(live events)         5       1        0           0          0  100.00 %
outage             1–12       4        8           0          0   33.33 %
Expected ranges are inferred from the indices seen. Give bounds to find what is
missing before and behind them.

Missing from outage
  3–5  3 missing  2024-01-15T08:02:00Z → 2024-01-15T08:06:00Z, 4 min
  7–8  2 missing  2024-01-15T08:06:00Z → 2024-01-15T08:09:00Z, 3 min
  and 1 more range

Rejected, and not counted: 2 records
  a.ndjson:7  not JSON: Unexpected end of JSON input
  and 1 more
`)
  })

  it("says not proven, and why, where something may be missing that nobody can know of", () => {
    const unread = [
      { source: "b.ndjson.gz", reason: "gzip: unexpected end of file", bytesRead: 4096 },
      { source: "c.zst", reason: "it is zstd, which is not read", bytesRead: 0 }
    ]
    const rejected = { count: 1, first: [{ source: "a.ndjson", line: 7, reason: "not JSON" }] }
    const groups = [group("outage", [1, 2])]
    const said = TextReport.render(SequenceReport.make({ groups, unread, rejected }), { width: 100 })
    expect(said.replaceAll("\n", " ")).toContain(
      "Not proven: 2 indices came and none between them is missing, but 2 sources were not read to the end and 1 record was rejected, and the expected ranges are only inferred"
    )
    expect(said).toContain(`Not read, or not to the end: 2 sources
  b.ndjson.gz  behind byte 4096  gzip: unexpected end of file
  c.zst  it is zstd, which is not read
`)
    const bounded = [group("outage", [1, 2], { start: 1, end: 2 })]
    expect(TextReport.render(SequenceReport.make({ groups: bounded, rejected }))).toMatch(/^Complete: 2 indices/)
    expect(TextReport.render(SequenceReport.make({ groups: bounded, unread }), { width: 200 })).toMatch(
      /^Not proven: .*but 2 sources were not read to the end\.\n/
    )
  })

  it("draws a map of what lacks something, with a mark under every column that lacks even one index", () => {
    const million = SequenceTracker.make()
    for (let index = 1; index <= 1_000_000; index++) {
      if (index !== 812_345 && (index <= 300_000 || index > 420_000)) SequenceTracker.observe(million, index)
    }
    const expected = { start: 1, end: 1_000_000 }
    const one = SequenceVerification.report(million, { group: "outage", expected, maxMissing: 1 })
    const trackers = new Map([["outage", million]])
    expect(TextReport.render(report([one]), { width: 64, unicode: true, trackers })).toContain(`
Missing from outage
 ▕██████████████████       ▓██████████████████████▓███████████▏
                    ▲▲▲▲▲▲▲▲                      ▲
  1              250001         500001                 1000000
  a column is up to 16667 indices, █ all, ▓ 2/3 or more,
  blank none, ▲ something missing

  300001–420000  120000 missing
  and 1 more range
`)
    expect(TextReport.render(report([one]), { width: 64, trackers })).toContain(`
 |##################       =######################=###########|
                    ^^^^^^^^                      ^
`)
    // Without the tracker nobody knows where the second gap is.
    expect(TextReport.render(report([one]), { width: 64 })).not.toContain("#")
  })

  it("draws the map of a report that lists every gap, wide for a short range, and none where there is no room", () => {
    const short = report([group("outage", [1, 2, 4, 5, 6], { start: 1, end: 6 })])
    expect(TextReport.render(short, { width: 40 })).toContain(`
 |############      ##################|
              ^^^^^^
`)
    expect(TextReport.render(short, { width: 40 })).toContain("6 columns are 1 index, # all,")
    expect(TextReport.render(short, { width: 24 })).not.toContain("#")
    expect(TextReport.render(report([group("outage", [1, 2])]))).not.toContain("#")
  })

  it("says so where there was nothing to verify, and where nothing of the range came", () => {
    expect(TextReport.render(report([]))).toContain("Nothing to verify")
    expect(TextReport.render(report([group("outage", [1], { start: 5 })]))).toContain("nothing of the expected range")
    expect(TextReport.render(report([group(null, [], { start: 1, end: 1 })]))).toContain(
      "1 index is missing, in 1 range."
    )
  })

  it("shows indices outside the range only where there are some", () => {
    expect(TextReport.render(report([group("outage", [1, 2], { start: 1, end: 2 })]))).not.toContain("outside")
    expect(TextReport.render(report([group("outage", [1, 2, 3], { start: 1, end: 2 })]))).toContain("outside")
  })

  it("escapes what a terminal would obey", () => {
    const evil = "\u001b]0;owned\u0007\u202eabc\u2028\n"
    const text = TextReport.render(
      report([group(evil, [1, 3])], { count: 1, first: [{ source: evil, line: 1, reason: evil }] }),
      { unicode: true, width: 200 }
    )
    expect(text).not.toMatch(/[^\P{C}\n]/u)
    expect(text).toContain("\\u001b]0;owned\\u0007\\u202eabc\\u2028\\u000a")
  })

  const text = FastCheck.oneof(
    FastCheck.string({ unit: "binary" }),
    FastCheck.constantFrom("日本語のリプレイ".repeat(9), "e\u0301".repeat(50), "x".repeat(300), "2024-01-15T08:00:00Z")
  )
  const reports = FastCheck.tuple(
    FastCheck.array(Arbitrary.make(SequenceReport.GroupReport), { maxLength: 4 }),
    FastCheck.array(FastCheck.tuple(text, text), { maxLength: 3 })
  ).map(([groups, texts]) =>
    report(
      groups.map((one, at) => {
        const [name = null, time = null] = texts[at] ?? []
        return { ...one, group: name, missing: one.missing.map((gap) => ({ ...gap, after: time })) }
      }),
      { count: texts.length, first: texts.map(([source, reason]) => ({ source, reason, line: 1 })) }
    )
  )

  it("fits its width, is plain without colours and ASCII unless told, whatever the report", () => {
    FastCheck.assert(
      FastCheck.property(reports, FastCheck.integer({ min: 72, max: 160 }), (one, width) => {
        const plain = TextReport.render(one, { width })
        expect(plain).toMatch(/^[\x20-\x7e\n]*$/)
        for (const line of plain.split("\n")) expect(line.length).toBeLessThanOrEqual(width)
        const coloured = TextReport.render(one, { width, color: true })
        expect(coloured.replace(colours, "")).toBe(plain)
        // A mark that combines takes no column, so no line can hold more code units than this.
        const unicode = TextReport.render(one, { width, unicode: true })
        expect(unicode).not.toMatch(/[^\P{C}\n]/u)
      }),
      { numRuns: 500 }
    )
  })

  it("reckons with characters that take two columns", () => {
    const wide = TextReport.render(report([group("日本語", [1]), group("outage", [1])]), { unicode: true })
    const [, , title, first, second] = wide.split("\n")
    expect(second?.indexOf("100.00")).toBe(title?.indexOf("coverage"))
    expect(first?.indexOf("100.00")).toBe((title?.indexOf("coverage") ?? 0) - 3)
  })
})
