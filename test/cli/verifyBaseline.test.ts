import { readFileSync } from "node:fs"
import { gzipSync } from "node:zlib"
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { BaselineReport, InventoryReport } from "@genesys-replay/domain"
import { Effect, Schema } from "effect"
import * as InProcess from "./InProcess.js"
import { type Ended, json, run, workplace } from "./Run.js"

const sample = (name: string): string =>
  readFileSync(new URL(`../domain/samples/${name}.events.ndjson`, import.meta.url), "utf8")

/** The twelve events of one conversation, and five of other topics. */
const voice = sample("voice-conversation")
const others = sample("other-topics")
const lines = voice.trimEnd().split("\n")
const conversationId = /"conversationId":"([^"]+)"/.exec(voice)?.[1] ?? ""

const without = (...numbers: ReadonlyArray<number>): string =>
  lines
    .filter((_, at) => !numbers.includes(at + 1))
    .map((line) => `${line}\n`)
    .join("")

/** The events as another path delivers them: other ids, other times of delivery, keys in another order, twice and backwards. */
const redelivered = (text: string): string =>
  text
    .trimEnd()
    .split("\n")
    .reverse()
    .flatMap((line, at) => {
      const { detail, ...envelope } = JSON.parse(line)
      const again = { detail, "replay-name": "outage", ...envelope, id: `again-${at}`, time: "2025-11-12T00:00:00Z" }
      return [JSON.stringify(again), JSON.stringify({ ...again, id: `twice-${at}` })]
    })
    .map((line) => `${line}\n`)
    .join("")

const files = { "base.ndjson": voice, "others.ndjson": others, "lossy.ndjson": without(3, 7) }

interface Place {
  readonly directory: string
  readonly verify: (...args: ReadonlyArray<string>) => Effect.Effect<Ended>
}

const at = <A, E>(
  more: Record<string, string | Uint8Array>,
  test: (place: Place) => Effect.Effect<A, E, FileSystem.FileSystem>
) =>
  Effect.flatMap(workplace({ ...files, ...more }), ({ directory, env }) =>
    test({ directory, verify: (...args) => InProcess.run(["verify", ...args], { cwd: directory, env }) })
  ).pipe(Effect.scoped, Effect.provide(NodeContext.layer))

const report = ({ out }: Ended) =>
  Schema.decodeUnknownSync(BaselineReport.BaselineReport, { onExcessProperty: "error" })(json(out))

describe("genesys-replay verify --against", () => {
  it.live("0: every event of the baseline came, whatever the delivery added to it", () =>
    at({ "again.ndjson": redelivered(voice + others) }, ({ verify }) =>
      Effect.gen(function* () {
        const ended = yield* verify("again.ndjson", "--against", "base.ndjson", "others.ndjson", "--json")
        expect([ended.code, ended.err]).toEqual([0, ""])
        const { baseline, groups, isComplete, missing, rejected, verdict, window } = report(ended)
        expect({ baseline, isComplete, missing, rejected, verdict, window }).toEqual({
          verdict: "complete",
          isComplete: true,
          window: null,
          missing: { count: 0, first: [] },
          baseline: { events: 17, unique: 17 },
          rejected: { count: 0, first: [] }
        })
        expect(groups).toHaveLength(14)
        for (const group of groups) {
          expect(group).toMatchObject({ missing: 0, unexpected: 0, coveragePercentage: 100, missingRanges: [] })
          expect([group.unique, group.observed, group.duplicates]).toEqual([
            group.expected,
            2 * group.expected,
            group.expected
          ])
        }
      })
    )
  )

  it.live("3: something is missing, in the document of the contract", () =>
    at({}, ({ verify }) =>
      Effect.gen(function* () {
        const ended = yield* verify("lossy.ndjson", "--against", "base.ndjson", "--json")
        expect([ended.code, ended.err]).toEqual([3, ""])
        expect(json(ended.out)).toMatchObject({
          verdict: "incomplete",
          isComplete: false,
          window: null,
          missing: {
            count: 2,
            first: [
              {
                topic: "v2.detail.events.conversation.{id}.flow.outcome",
                time: "2025-11-10T10:00:41.213Z",
                conversationId: "f11fc8de-3eb4-49c8-8f8d-e0e973e1d036",
                source: expect.stringMatching(/base\.ndjson$/),
                line: 3
              },
              { line: 7 }
            ]
          },
          baseline: { events: 12, unique: 12 }
        })
        const outcome = report(ended).groups.find(({ group }) => group?.endsWith("flow.outcome"))
        expect(outcome).toMatchObject({
          expected: 1,
          observed: 0,
          unique: 0,
          missing: 1,
          unexpected: 0,
          duplicates: 0,
          coveragePercentage: 0,
          missingRanges: [{ count: 1 }]
        })
      })
    )
  )

  it.live("tells it for a person in 80 columns", () =>
    at({}, ({ verify }) =>
      Effect.gen(function* () {
        const { code, out } = yield* verify("lossy.ndjson", "--against", "base.ndjson")
        expect(code).toBe(3)
        expect(
          out.replace(/\S+base\.ndjson/g, "base.ndjson")
        ).toBe(`Incomplete: 2 of 12 events of the baseline are missing, from 2 of 10 topics.
Measured: the baseline has 12 distinct events in 12 records.

topic             expected  came  missing  duplicates  coverage
v2.detail.events.conversation.{id}.
  flow.outcome           1     0        1           0    0.00 %
  user.end               2     1        1           0   50.00 %
  acd.end                1     1        0           0  100.00 %
  acd.start              1     1        0           0  100.00 %
  acw                    1     1        0           0  100.00 %
  customer.end           1     1        0           0  100.00 %
  customer.start         1     1        0           0  100.00 %
  flow.end               1     1        0           0  100.00 %
  flow.start             1     1        0           0  100.00 %
  user.start             2     2        0           0  100.00 %
all topics              12    10        2           0   83.33 %

When it is missing
  flow.outcome ▕········· ····················································▏
                         ▲
  user.end     ▕·············· ·······································█·······▏
                              ▲
                10:00:00                   10:02                      10:04:32
  a column is up to 5 s, · none expected, █ all, blank none, ▲ something missing

The worst stretches
  from – to, in UTC               lasts  missing  of  topics
  2025-11-10 10:00:41 – 10:00:42  1 s          1   1  flow.outcome
  2025-11-10 10:01:02 – 10:01:03  1 s          1   1  user.end

Conversations that lack something: 1
  f11fc8de-3eb4-49c8-8f8d-e0e973e1d036  2 missing  flow.outcome, user.end

Missing events
  2025-11-10T10:00:41.213Z  flow.outcome  base.ndjson:3
  2025-11-10T10:01:02.150Z  user.end      base.ndjson:7
`)
        for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(80)
      })
    )
  )

  it.live("--missing writes what is missing as the baseline has it, byte for byte, and --html the page", () =>
    at({}, ({ directory, verify }) =>
      Effect.gen(function* () {
        const system = yield* FileSystem.FileSystem
        const { code, err } = yield* verify(
          "lossy.ndjson",
          "--against",
          "base.ndjson",
          "--missing",
          "missing.ndjson",
          "--html",
          "report.html"
        )
        expect(code).toBe(3)
        expect(err).toBe("2 missing events written to missing.ndjson\nreport written to report.html\n")
        expect(yield* system.readFileString(`${directory}/missing.ndjson`)).toBe(`${lines[2]}\n${lines[6]}\n`)
        const page = yield* system.readFileString(`${directory}/report.html`)
        expect(page).toContain("Incomplete: 2 of 12 events of the baseline are missing")
        for (const text of ["lossy.ndjson", "base.ndjson", "f11fc8de-3eb4-49c8-8f8d-e0e973e1d036", "Baseline"])
          expect(page).toContain(text)
        // What was missing brings the capture to where nothing is.
        const healed = yield* verify("lossy.ndjson", "missing.ndjson", "--against", "base.ndjson")
        expect(healed.code).toBe(0)
      })
    )
  )

  it.live("--missing is an empty file where nothing is missing", () =>
    at({}, ({ directory, verify }) =>
      Effect.gen(function* () {
        const system = yield* FileSystem.FileSystem
        const { code } = yield* verify("base.ndjson", "--against", "lossy.ndjson", "--missing", "missing.ndjson")
        expect([code, yield* system.readFileString(`${directory}/missing.ndjson`)]).toEqual([0, ""])
      })
    )
  )

  it.live("--start, --end, --topic and --conversation narrow what is expected and what is looked at", () =>
    at({}, ({ verify }) =>
      Effect.gen(function* () {
        const narrowed = (...args: ReadonlyArray<string>) =>
          Effect.map(verify("lossy.ndjson", "--against", "base.ndjson", "--json", ...args), (ended) => ({
            ...report(ended),
            code: ended.code
          }))
        const before = yield* narrowed("--end", "2025-11-10T10:00:41.213Z")
        expect([before.code, before.missing.count]).toEqual([0, 0])
        const from = yield* narrowed("--start", "2025-11-10T10:00:41.213Z", "--end", "2025-11-10T10:00:41.214Z")
        expect([from.code, from.missing.count, from.baseline.unique]).toEqual([3, 1, 2])
        const topic = yield* narrowed("--topic", "v2.detail.events.conversation.{id}.flow.*")
        expect(topic.groups.map(({ group }) => group?.split("{id}.")[1])).toEqual([
          "flow.end",
          "flow.outcome",
          "flow.start"
        ])
        const complete = yield* narrowed("--topic", "v2.detail.events.conversation.*.user.start")
        expect(complete.code).toBe(0)
        const conversation = yield* narrowed("--conversation", conversationId)
        expect([conversation.missing.count, conversation.baseline.unique]).toEqual([2, 12])
        expect((yield* verify("lossy.ndjson", "--against", "base.ndjson", "--conversation", "none")).code).toBe(2)
      })
    )
  )

  it.live("--key says what makes two records one event", () =>
    at({ "ids.ndjson": '{"k":1,"v":2}\n{"k":2}\n', "other.ndjson": '{"v":3,"k":1.0}\n{"k":"2"}\n{"v":1}\n' }, (place) =>
      Effect.gen(function* () {
        const ended = yield* place.verify("other.ndjson", "--against", "ids.ndjson", "--key", "k", "--json")
        expect([ended.code, report(ended).missing.count]).toEqual([3, 1])
        expect(report(ended).rejected).toMatchObject({ count: 1, first: [{ line: 3 }] })
      })
    )
  )

  it.live("--fail-under puts up with what is missing, and never with what was not counted", () =>
    at({ "broken.ndjson": `${without(3, 7)}not json\n` }, ({ verify }) =>
      Effect.gen(function* () {
        const topic = ["--topic", "v2.detail.events.conversation.{id}.user.*"]
        const code = (capture: string, ...args: ReadonlyArray<string>) =>
          Effect.map(verify(capture, "--against", "base.ndjson", ...topic, ...args), (ended) => ended.code)
        expect(yield* code("lossy.ndjson", "--fail-under", "100")).toBe(3)
        expect(yield* code("lossy.ndjson", "--fail-under", "50")).toBe(0)
        expect(yield* code("broken.ndjson", "--fail-under", "50")).toBe(3)
        expect(yield* code("broken.ndjson", "--fail-under", "50", "--allow-rejected", "1")).toBe(0)
      })
    )
  )

  it.live("is never complete over what was rejected or not read", () =>
    at({ "broken.ndjson": `${voice}not json\n`, "cut.ndjson.gz": gzipSync(voice).subarray(0, 900) }, ({ verify }) =>
      Effect.gen(function* () {
        const rejected = yield* verify("broken.ndjson", "--against", "base.ndjson")
        expect(rejected.code).toBe(3)
        expect(rejected.out).toMatch(/^Not proven: all 12 events of the baseline came, but /)
        const cut = yield* verify("base.ndjson", "--against", "lossy.ndjson", "cut.ndjson.gz")
        expect(cut.code).toBe(2)
        expect(cut.out).toMatch(/^Not proven: /)
        expect(cut.err).toContain("cut.ndjson.gz")
      })
    )
  )

  const refusals: ReadonlyArray<readonly [what: string, args: ReadonlyArray<string>, said: string]> = [
    [
      "an empty baseline, which would prove anything",
      ["lossy.ndjson", "--against", "empty.ndjson"],
      "nothing to measure against"
    ],
    [
      "a baseline without an event of that time",
      ["lossy.ndjson", "--against", "base.ndjson", "--end", "2020-01-01T00:00:00Z"],
      "nothing to measure against"
    ],
    ["a baseline that cannot be read", ["lossy.ndjson", "--against", "nowhere.ndjson"], "nowhere.ndjson"],
    ["a capture that is its own baseline", ["base.ndjson", "--against", "base.ndjson"], "lacks nothing of itself"],
    ["no capture", ["--against", "base.ndjson", "lossy.ndjson"], "all that follows on --against is baseline"],
    ["standard input twice", ["-", "--against", "-"], "only once"],
    ["bounds of a sequence", ["lossy.ndjson", "--against", "base.ndjson", "--from", "1", "--to", "9"], "--from, --to"],
    ["the path of an index", ["lossy.ndjson", "--against", "base.ndjson", "--index-path", "seq"], "--index-path"],
    ["a time that is none", ["lossy.ndjson", "--against", "base.ndjson", "--start", "yesterday"], "is not a time"],
    [
      "a window without length",
      ["lossy.ndjson", "--against", "base.ndjson", "--start", "-1h", "--end", "-2h"],
      "the window holds no time"
    ],
    ["a pattern that is none", ["lossy.ndjson", "--against", "base.ndjson", "--topic", "v3"], "no pattern of topics"],
    ["a path that names no place", ["lossy.ndjson", "--against", "base.ndjson", "--key", "a,,b"], "--key: not a path"],
    ["a size that is none", ["lossy.ndjson", "--against", "base.ndjson", "--memory", "much"], "is no size"],
    ["--start without a baseline", ["lossy.ndjson", "--start", "-1h"], "only with --against"],
    [
      "an empty filter",
      ["lossy.ndjson", "--against", "base.ndjson", "--conversation", ""],
      "--conversation has no value"
    ],
    ["--conversation without a baseline", ["lossy.ndjson", "--conversation", "c"], "only with --against"],
    ["--missing without a baseline", ["lossy.ndjson", "--missing", "m.ndjson"], "only with --against"],
    [
      "--missing in place of the baseline",
      ["lossy.ndjson", "--against", "base.ndjson", "--missing", "base.ndjson"],
      "it would be written over"
    ],
    [
      "--missing under the name of a compressed file",
      ["lossy.ndjson", "--against", "base.ndjson", "--missing", "m.ndjson.gz"],
      "its name is that of a compressed file"
    ],
    [
      "--html in place of --missing",
      ["lossy.ndjson", "--against", "base.ndjson", "--missing", "m.html", "--html", "m.html"],
      "it would be written over"
    ]
  ]
  it.live("2: refuses what would prove nothing, and what has no meaning, before anything is written", () =>
    at({ "empty.ndjson": "\n" }, ({ directory, verify }) =>
      Effect.gen(function* () {
        const system = yield* FileSystem.FileSystem
        const before = yield* system.readDirectory(directory)
        for (const [what, args, said] of refusals) {
          const { code, err, out } = yield* verify(...args)
          expect([what, code, out]).toEqual([what, 2, ""])
          expect(err).toContain(said)
          expect(err).toMatch(/\nnext: /)
        }
        expect(yield* system.readDirectory(directory)).toEqual(before)
        expect(yield* system.readFileString(`${directory}/base.ndjson`)).toBe(voice)
      })
    )
  )

  it.live("reads the capture or the baseline from standard input", () =>
    Effect.flatMap(workplace(files), ({ directory: cwd, env }) =>
      Effect.gen(function* () {
        const capture = yield* run(["verify", "-", "--against", "base.ndjson", "--json"], { cwd, env, stdin: voice })
        expect([capture.code, report(capture).missing.count]).toEqual([0, 0])
        const baseline = yield* run(["verify", "lossy.ndjson", "--against", "-", "--missing", "m.ndjson"], {
          cwd,
          env,
          stdin: voice
        })
        expect(baseline.code).toBe(3)
        const system = yield* FileSystem.FileSystem
        expect(yield* system.readFileString(`${cwd}/m.ndjson`)).toBe(`${lines[2]}\n${lines[6]}\n`)
      })
    ).pipe(Effect.scoped, Effect.provide(NodeContext.layer))
  )

  it.live("a full disk leaves no half of the missing events behind: exit code 2", () =>
    Effect.flatMap(workplace(files), ({ directory: cwd, env }) =>
      Effect.gen(function* () {
        const args = ["verify", "lossy.ndjson", "--against", "base.ndjson", "--missing", "/dev/full"]
        const { code, err } = yield* run(args, { cwd, env })
        expect(code).toBe(2)
        expect(err).toContain("the disk is full")
      })
    ).pipe(Effect.scoped, Effect.provide(NodeContext.layer))
  )
})

describe("genesys-replay verify without an index and without a baseline", () => {
  it.live("3: tells what is there, that it proves nothing, and what would", () =>
    at({ "twice.ndjson": voice + without(1) }, ({ directory, verify }) =>
      Effect.gen(function* () {
        const { code, err, out } = yield* verify("twice.ndjson", "--html", "report.html")
        expect(code).toBe(3)
        expect(out).toMatch(/^Not proven: 23 events, 12 of them distinct, and no sequence index in any of\sthem\./)
        expect(out).toMatch(/^ {2}customer\.start +1 +1 +0 +10:00:00 +10:00:00$/m)
        expect(out).toMatch(/^ {2}user\.end +4 +2 +2 +10:01:02 +10:04:00$/m)
        expect(err).toContain("next: genesys-replay verify")
        expect(err).toContain("--against")
        expect(err).toContain("genesys-replay reconcile")
        const system = yield* FileSystem.FileSystem
        expect(yield* system.readFileString(`${directory}/report.html`)).toContain("12 of them distinct")
      })
    )
  )

  it.live("as a document: isContiguous is null, and the inventory stands beside no groups", () =>
    at({}, ({ verify }) =>
      Effect.gen(function* () {
        const { code, out } = yield* verify("others.ndjson", "--json")
        const report = Schema.decodeUnknownSync(InventoryReport.InventoryReport, { onExcessProperty: "error" })(
          json(out)
        )
        expect([code, report.isContiguous, report.groups]).toEqual([3, null, []])
        expect(json(out)).toMatchObject({
          verdict: "not proven",
          inventory: [
            { group: "v2.audits.entitytype.{id}.entityid.{id}", observed: 1, unique: 1, duplicates: 0 },
            { group: "v2.conversations.{id}.transcription" },
            { group: "v2.detail.events.conversation.{id}.attributes" },
            { group: "v2.users.{id}.presence", observed: 2, from: "2025-11-10T10:03:00.470Z" }
          ],
          rejected: { count: 0, first: [] }
        })
      })
    )
  )

  it.live("where some events have an index, the others are rejected, as nothing tells what they lack", () =>
    at({ "mixed.ndjson": `{"replay-name":"outage","detail":{"sequenceIndex":1}}\n${lines[0]}\n` }, ({ verify }) =>
      Effect.gen(function* () {
        const inferred = yield* verify("mixed.ndjson", "--json")
        expect(inferred.code).toBe(3)
        expect(json(inferred.out)).toMatchObject({
          verdict: "not proven",
          groups: [{ group: "outage", observed: 1 }],
          rejected: { count: 1, first: [{ line: 2, reason: "nothing at detail.sequenceIndex" }] }
        })
        const bounded = yield* verify("mixed.ndjson", "--from", "1", "--to", "1")
        expect(bounded.code).toBe(0)
        expect(bounded.out).toContain("Rejected, and not counted: 1 record")
      })
    )
  )

  it.live("what holds no event is told as that", () =>
    at({ "junk.ndjson": '{"a":1}\n' }, ({ verify }) =>
      Effect.gen(function* () {
        const { code, err, out } = yield* verify("junk.ndjson")
        expect([code, err]).toEqual([3, ""])
        expect(out).toMatch(/^Nothing to verify/)
      })
    )
  )

  it.live("standard input, which can be read only once, is told by topic too", () =>
    Effect.flatMap(workplace(files), ({ directory: cwd, env }) =>
      Effect.gen(function* () {
        const { code, err, out } = yield* run(["verify"], { cwd, env, stdin: voice })
        expect(code).toBe(3)
        const asFile = yield* run(["verify", "base.ndjson"], { cwd, env })
        expect(out).toBe(asFile.out)
        expect(out).toContain("customer.start")
        expect(err).toContain("--against")
      })
    ).pipe(Effect.scoped, Effect.provide(NodeContext.layer))
  )
})
