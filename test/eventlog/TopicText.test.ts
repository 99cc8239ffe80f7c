import { describe, expect, it } from "@effect/vitest"
import { TopicText } from "@genesys-replay/eventlog"
import { FastCheck } from "effect"
import * as Case from "./TopicReportCase.js"

const complete = Case.outage.map((one) => ({ ...one, missing: () => 0 }))

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape that begins a colour is what is looked for
const colours = /\u001b\[\d+m/g

describe("TopicText", () => {
  it("tells what is missing, of which topics, when, and of which conversations", () => {
    expect(
      TopicText.render(Case.topics(Case.outage), { unicode: true })
    ).toBe(`Incomplete: 1006 of 67403 events of the baseline are missing, from 5 of 14
topics.
Measured: events from 2025-11-10T00:00:00Z until 2025-11-11T00:00:00Z; the
baseline has 67403 distinct events in 67415 records.

topic                 expected   came  missing  unexpected  duplicates  coverage
v2.detail.events.conversation.{id}.
  user.end               10272   9968      304           0          12   97.04 %
  customer.start          8980   8716      264           0           9   97.06 %
  customer.end            7697   7474      223           0           6   97.10 %
  acd.end                 5136   4987      149           0           0   97.09 %
  acd.start               6405   6405        0           0           3  100.00 %
  acw                     3848   3848        0           0           0  100.00 %
  flow.end                3848   3848        0           0           0  100.00 %
  flow.start              3848   3848        0           0           0  100.00 %
  user.start             11553  11553        0           0          15  100.00 %
  wrapup                  3848   3848        0           0           0  100.00 %
v2.users.{id}.
  presence                 960    894       66           4           0   93.12 %
  routingStatus            288    288        0           0           0  100.00 %
v2.audits.…tyid.{id}       720    720        0           0           0  100.00 %
(no topic)                   0      0        0           2           0         –
all topics               67403  66397     1006           6          45   98.50 %

When it is missing
  user.end       ▕···············██████████░▒███████████████████████▓████·····▏
                                           ▲▲                       ▲
  customer.start ▕···············██████████░▒████████████████████████████·····▏
                                           ▲▲
  customer.end   ▕···············██████████░▒████████████████████████████·····▏
                                           ▲▲
  acd.end        ▕···············██████████▒▒████████████████████████████·····▏
                                           ▲▲
  presence       ▕█████████████████████████████████████████▓   ░██████████████▏
                                                           ▲▲▲▲▲
                  00:00          06:00          12:00          18:00     00:00
  a column is 24 min, · none expected, █ all, ▓ 2/3 or more, ▒ 1/3 or more,
  ░ less, blank none, ▲ something missing

The worst stretches
  from – to, in UTC         lasts       missing    of  topics
  2025-11-10 10:02 – 10:31  29 min          939  1123  user.end, 3 more
  2025-11-10 16:42 – 18:19  1 h 37 min       66    66  presence
  2025-11-10 20:07 – 20:08  1 min             1     8  user.end

Conversations that lack something: 37
  011fc8de-3eb4-49c8-8f8d-e0e973e1d036  5 missing  acd.end, customer.end, 3 more
  111fc8de-3eb4-49c8-8f8d-e0e973e1d036  4 missing  customer.end, 3 more
  211fc8de-3eb4-49c8-8f8d-e0e973e1d036  3 missing  customer.start, 2 more
  311fc8de-3eb4-49c8-8f8d-e0e973e1d036  2 missing  user.end, presence
  411fc8de-3eb4-49c8-8f8d-e0e973e1d036  1 missing  presence
  and 32 more

Missing events
  2025-11-10T10:00:07.250Z  acd.end         baseline/part-0001.ndjson.gz:1207
  2025-11-10T10:01:07.250Z  customer.end    baseline/part-0001.ndjson.gz:1208
  2025-11-10T10:02:07.250Z  customer.start  baseline/part-0001.ndjson.gz:1209
  2025-11-10T10:03:07.250Z  user.end        baseline/part-0001.ndjson.gz:1210
  2025-11-10T10:04:07.250Z  presence        baseline/part-0001.ndjson.gz:1211
  and 1001 more
`)
  })

  it("says complete, what was not counted beside it, and draws no map where nothing is missing", () => {
    const leftOut = { count: 1, first: [{ source: "notes.txt", reason: "its name says nothing of events" }] }
    const said = TopicText.render(Case.topics(complete, { leftOut }))
    expect(said).toMatch(/^Complete: all 67403 events of the baseline came\.\nNot counted: 1 file left out\.\n/)
    expect(said).toContain("  notes.txt  its name says nothing of events\n")
    expect(said).not.toContain("worst")
  })

  it("says not proven where not everything could be counted", () => {
    const said = TopicText.render(
      Case.topics(complete, {
        verdict: "not proven",
        unread: [{ source: "b.gz", reason: "unexpected end", bytesRead: 7 }],
        rejected: { count: 2, first: [{ source: "a.ndjson", line: 7, reason: "not JSON" }] }
      })
    ).replaceAll("\n", " ")
    expect(said).toContain(
      "Not proven: all 67403 events of the baseline came, but not everything that was given could be counted. Not counted: 1 source not read to its end; 2 records rejected."
    )
  })

  it("says nothing of coverage where nothing was expected", () => {
    const said = TopicText.render(Case.topics([{ name: "v2.x", expected: () => 0, missing: () => 0, unexpected: 3 }]))
    expect(said).toMatch(/^Not proven: there is no event of the baseline to measure by\./)
    expect(said).toMatch(/^v2\.x +0 +0 +0 +3 +0 +-$/m)
  })

  it("tells what cannot be judged beside what is missing, in a column and by reason", () => {
    const one = Case.topics(Case.outage)
    const said = TopicText.render({
      ...one,
      topics: one.topics.map((topic) => ({ ...topic, notJudged: 3 })),
      notJudged: [{ reason: "a session of purpose external", count: 42 }]
    })
    expect(said).toContain("Not counted: 42 that cannot be judged.")
    expect(said).toContain("not judged")
    expect(said).toContain("Not judged\n  42  a session of purpose external\n")
  })

  it("needs no timeline, no time and no conversation", () => {
    const one = Case.topics(Case.outage)
    const said = TopicText.render({
      ...one,
      topics: one.topics.map((topic) => ({ ...topic, timeline: undefined })),
      conversations: undefined,
      missing: { count: 1, first: [{ topic: null, time: null, conversationId: null, place: null }] }
    })
    expect(said).toContain("Missing events\n  no time                   (no topic)")
    expect(said).not.toContain("worst")
  })

  const texts = FastCheck.oneof(
    FastCheck.string({ unit: "binary" }),
    FastCheck.constantFrom("日本語のリプレイ".repeat(9), "e\u0301".repeat(50), "v2.{id}.".repeat(30), "x".repeat(300))
  )

  it("fits its width, is plain without colours and ASCII unless told, whatever stands in the input", () => {
    FastCheck.assert(
      FastCheck.property(texts, FastCheck.integer({ min: 72, max: 160 }), (text, width) => {
        const report = Case.saying(text)
        const plain = TopicText.render(report, { width })
        expect(plain).toMatch(/^[\x20-\x7e\n]*$/)
        for (const line of plain.split("\n")) expect(line.length).toBeLessThanOrEqual(width)
        expect(TopicText.render(report, { width, color: true }).replace(colours, "")).toBe(plain)
        expect(TopicText.render(report, { width, unicode: true })).not.toMatch(/[^\P{C}\n]/u)
      }),
      { numRuns: 50 }
    )
  })
})
