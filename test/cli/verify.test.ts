import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { SequenceReport } from "@genesys-replay/domain"
import { Effect, Schema } from "effect"
import { type Ended, type Given, json, run, workplace } from "./Run.js"

const event = (sequenceIndex: number, name: string | null = "outage") =>
  JSON.stringify({
    time: "2024-01-15T08:00:00Z",
    ...(name === null ? {} : { "replay-name": name }),
    detail: { sequenceIndex }
  })

const log = (indices: ReadonlyArray<number>, name: string | null = "outage") =>
  indices.map((index) => `${event(index, name)}\n`).join("")

const report = ({ out }: Ended) =>
  Schema.decodeUnknownSync(SequenceReport.CompletenessReport, { onExcessProperty: "error" })(json(out))

/** Runs `verify` beside these files. */
const verify = (files: Record<string, string | Uint8Array>, args: ReadonlyArray<string>, given: Given = {}) =>
  Effect.flatMap(workplace(files), ({ directory, env }) =>
    run(["verify", ...args], { cwd: directory, ...given, env: { ...env, ...given.env } })
  ).pipe(
    Effect.tap(({ err, out }) => Effect.sync(() => expect(`${out}${err}`.includes("\u001B")).toBe(false))),
    Effect.scoped,
    Effect.provide(NodeContext.layer)
  )

const text = log([1, 2, 3, 4])

describe.concurrent("genesys-replay verify", () => {
  it.live("0: nothing is missing, and the document of the contract says so", () =>
    Effect.gen(function* () {
      const ended = yield* verify({ "a.ndjson": text }, ["a.ndjson", "--json"])
      expect([ended.code, ended.err]).toEqual([0, ""])
      expect(report(ended)).toEqual({
        verdict: "complete",
        isContiguous: true,
        groups: [
          {
            group: "outage",
            expected: { start: 1, end: 4, inferred: true },
            observed: 4,
            unique: 4,
            duplicates: 0,
            outOfOrder: 0,
            outOfRange: 0,
            missing: [],
            missingTruncated: false,
            gapCount: 0,
            gapRanges: 0,
            coveragePercentage: 100,
            isContiguous: true
          }
        ],
        rejected: { count: 0, first: [] },
        allowedRejected: 0,
        unread: [],
        leftOut: { count: 0, first: [] },
        unwrapped: []
      })
    })
  )

  it.live("3: something is missing, and it says what, for a person and for a machine", () =>
    Effect.gen(function* () {
      const files = { "a.ndjson": log([1, 2, 5, 6, 6, 9]) }
      const forMachines = yield* verify(files, ["a.ndjson", "--json"])
      expect(forMachines.code).toBe(3)
      expect(report(forMachines)).toMatchObject({
        isContiguous: false,
        groups: [
          {
            missing: [
              { start: 3, end: 4, count: 2, after: "2024-01-15T08:00:00Z", before: "2024-01-15T08:00:00Z" },
              { start: 7, end: 8, count: 2 }
            ],
            observed: 6,
            duplicates: 1,
            gapCount: 4,
            gapRanges: 2,
            coveragePercentage: 55.55
          }
        ]
      })
      const forPeople = yield* verify(files, ["a.ndjson"])
      expect(forPeople.code).toBe(3)
      for (const word of ["outage", "55.55", "3", "4", "7", "8"]) expect(forPeople.out).toContain(word)
    })
  )

  it.live("several files are one log", () =>
    Effect.gen(function* () {
      const ended = yield* verify({ "a.ndjson": log([1, 2]), "b.ndjson": log([4, 3]) }, [
        "a.ndjson",
        "b.ndjson",
        "--json"
      ])
      expect(ended.code).toBe(0)
      expect(report(ended).groups).toMatchObject([{ observed: 4, expected: { start: 1, end: 4 } }])
    })
  )

  const inputs: ReadonlyArray<readonly [what: string, args: ReadonlyArray<string>]> = [
    ["- reads standard input", ["-", "--json"]],
    ["no FILE reads standard input", ["--json"]]
  ]
  for (const [what, args] of inputs) {
    it.live(what, () =>
      Effect.gen(function* () {
        const ended = yield* verify({}, args, { stdin: text })
        expect(ended.code).toBe(0)
        expect(report(ended).groups).toMatchObject([{ observed: 4 }])
      })
    )
  }

  it.live("a file and standard input are one log", () =>
    Effect.gen(function* () {
      const ended = yield* verify({ "a.ndjson": log([1, 2]) }, ["a.ndjson", "-", "--json"], { stdin: log([3, 4]) })
      expect(report(ended).groups).toMatchObject([{ observed: 4, isContiguous: true }])
    })
  )

  it.live("a standard input that is empty, or not there at all, proves nothing and is no crash", () =>
    Effect.gen(function* () {
      const empty = yield* verify({}, ["--json"])
      expect(empty.code).toBe(3)
      expect(report(empty)).toMatchObject({ isContiguous: false, groups: [] })
      const closed = yield* verify({}, ["--json"], { stdin: { closed: true } })
      expect([2, 3]).toContain(closed.code)
      expect(report(closed)).toMatchObject({ isContiguous: false, groups: [] })
      expect(closed.err).not.toMatch(/^\s+at /m)
    })
  )

  it.live("a byte order mark, CRLF, blank lines and a last line without an end are nothing special", () =>
    Effect.gen(function* () {
      const odd = `\uFEFF${text.replaceAll("\n", "\r\n\r\n").trimEnd()}`
      const ended = yield* verify({ "a.ndjson": odd }, ["a.ndjson", "--json"])
      expect(ended.code).toBe(0)
      expect(report(ended)).toMatchObject({ groups: [{ observed: 4 }], rejected: { count: 0 } })
    })
  )

  it.live(
    "3: rejected records are counted and shown with their lines, end nothing, and prove nothing without bounds",
    () =>
      Effect.gen(function* () {
        const broken = `${event(1)}\nnot json\n[1]\n{"detail":{}}\n${event(1.5)}\n${event(-1)}\n${event(2)}\n`
        const ended = yield* verify({ "a.ndjson": broken }, ["a.ndjson", "--json"])
        expect(ended.code).toBe(3)
        const { groups, rejected, verdict } = report(ended)
        expect(verdict).toBe("not proven")
        expect(groups).toMatchObject([{ observed: 2, isContiguous: true }])
        expect(rejected.count).toBe(5)
        expect(rejected.first.map(({ line, source }) => [source, line])).toEqual(
          [2, 3, 4, 5, 6].map((line) => ["a.ndjson", line])
        )
        const forPeople = yield* verify({ "a.ndjson": broken }, ["a.ndjson"])
        expect(forPeople.out).toContain("a.ndjson:2")
        expect(forPeople.out).toContain("Not proven")
        const known = ["--allow-rejected", "5"]
        expect(yield* verify({ "a.ndjson": broken }, ["a.ndjson", ...known])).toMatchObject({ code: 0 })
        expect(yield* verify({ "a.ndjson": broken }, ["a.ndjson", "--from", "1", "--to", "2"])).toMatchObject({
          code: 0
        })
      })
  )

  it.live("2: a file that cannot be read is named, and the others are counted", () =>
    Effect.gen(function* () {
      const ended = yield* verify({ "a.ndjson": text }, ["nope.ndjson", "a.ndjson", "--json"])
      expect(ended.code).toBe(2)
      expect(report(ended)).toMatchObject({
        verdict: "not proven",
        groups: [{ observed: 4 }],
        unread: [{ source: "nope.ndjson", reason: "there is no such file", bytesRead: 0 }]
      })
      expect(ended.err).toContain("nope.ndjson")
      expect(ended.err).toContain("there is no such file")
      const directory = yield* verify({}, ["."])
      expect(directory.code).toBe(2)
    })
  )

  it.live("--from and --to are the range that should have come", () =>
    Effect.gen(function* () {
      const ended = yield* verify({ "a.ndjson": text }, ["a.ndjson", "--from", "1", "--to", "6", "--json"])
      expect(ended.code).toBe(3)
      expect(report(ended).groups).toMatchObject([
        { expected: { start: 1, end: 6, inferred: false }, gapCount: 2, coveragePercentage: 66.66 }
      ])
      const nothing = yield* verify({}, ["--from", "1", "--to", "6", "--json"])
      expect(nothing.code).toBe(3)
      expect(report(nothing).groups).toMatchObject([{ gapCount: 6, coveragePercentage: 0 }])
      const reversed = yield* verify({ "a.ndjson": text }, ["a.ndjson", "--from", "6", "--to", "1"])
      expect([reversed.code, reversed.out]).toEqual([2, ""])
    })
  )

  it.live("replays are sequences of their own, unless --group-by says otherwise", () =>
    Effect.gen(function* () {
      const files = { "a.ndjson": log([1, 3], "b") + log([2], "a") + log([7], null) }
      const apart = yield* verify(files, ["a.ndjson", "--json"])
      expect(report(apart).groups.map(({ gapCount, group }) => [group, gapCount])).toEqual([
        [null, 0],
        ["a", 0],
        ["b", 1]
      ])
      const together = yield* verify(files, ["a.ndjson", "--group-by", "none", "--json"])
      expect(report(together).groups).toMatchObject([{ group: null, observed: 4, gapCount: 3 }])
    })
  )

  it.live("--index-path names another place of the index, --max-missing how many gaps are listed", () =>
    Effect.gen(function* () {
      const files = { "a.ndjson": [1, 3, 5, 7].map((n) => `{"a":{"n":${n}}}\n`).join("") }
      const ended = yield* verify(files, ["a.ndjson", "--index-path", "a.n", "--max-missing", "2", "--json"])
      expect(ended.code).toBe(3)
      const [group] = report(ended).groups
      expect(group).toMatchObject({ gapCount: 3, gapRanges: 3, missingTruncated: true })
      expect(group?.missing).toHaveLength(2)
      const wrong = yield* verify(files, ["a.ndjson", "--index-path", "a..n"])
      expect([wrong.code, wrong.out]).toEqual([2, ""])
      const negative = yield* verify(files, ["a.ndjson", "--max-missing", "-1"])
      expect(negative.code).toBe(2)
    })
  )

  it.live("3: what is in a form that is not read is told once, with what to do, and not as broken lines", () =>
    Effect.gen(function* () {
      const zst = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 1, 2, 10, 3)
      const ended = yield* verify({ "a.ndjson": text, "b.ndjson.zst": zst, "notes.md": "no events" }, [".", "--json"])
      expect(ended.code).toBe(3)
      expect(report(ended)).toMatchObject({
        verdict: "not proven",
        isContiguous: true,
        rejected: { count: 0 },
        unread: [{ source: "b.ndjson.zst" }],
        leftOut: { count: 1, first: [{ source: "notes.md" }] }
      })
      expect(ended.err).toContain("next: zstd -dc b.ndjson.zst | genesys-replay verify -")
      expect(ended.err).toContain("left out: notes.md; --all reads every file")
    })
  )

  it.live("--fail-under puts up with what is missing, as long as it is certain that no more is", () =>
    Effect.gen(function* () {
      const files = { "a.ndjson": log([1, 2, 4, 5]), "b.ndjson": `${log([1, 2, 4, 5])}broken\n` }
      const enough = yield* verify(files, ["a.ndjson", "--fail-under", "80", "--json"])
      expect([enough.code, report(enough).verdict]).toEqual([0, "incomplete"])
      expect((yield* verify(files, ["a.ndjson", "--fail-under", "80.01"])).code).toBe(3)
      expect((yield* verify(files, ["b.ndjson", "--fail-under", "80"])).code).toBe(3)
      expect((yield* verify(files, ["a.ndjson", "--fail-under", "101"])).code).toBe(2)
    })
  )

  it.live("behind -- nothing is an option, and - is standard input all the same", () =>
    Effect.gen(function* () {
      const files = { "-a.ndjson": log([1]), "--json": log([2]), "--help": log([3]), "--log-level": log([4]) }
      const ended = yield* verify(files, ["--to", "5", "--", "-", ...Object.keys(files)], { stdin: log([5]) })
      expect([ended.code, ended.err]).toEqual([0, ""])
      expect(ended.out).toMatch(/^Complete: 5 indices/)
    })
  )

  it.live("2: a standard input that cannot be read is told", () =>
    Effect.gen(function* () {
      const ended = yield* verify({}, ["--json"], { stdin: { directory: true } })
      expect(ended.code).toBe(2)
      expect(report(ended)).toMatchObject({
        verdict: "not proven",
        unread: [{ source: "-", reason: "it is a directory" }]
      })
    })
  )

  it.live("a hostile log cannot write to the terminal of whoever reads the report", () =>
    Effect.gen(function* () {
      const { out } = yield* verify({ "a.ndjson": log([1, 3], "\u001B[31mred\u0007") }, ["a.ndjson"])
      expect(out).not.toContain("\u0007")
    })
  )
})
