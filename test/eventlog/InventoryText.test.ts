import { describe, expect, it } from "@effect/vitest"
import * as InventoryText from "@genesys-replay/eventlog/InventoryText"
import * as Case from "./InventoryCase.js"

describe("InventoryText", () => {
  it("says that nothing is proven, what would prove it, and what is there", () => {
    expect(
      InventoryText.render(Case.inventory())
    ).toBe(`Not proven: 2117 events, 2106 of them distinct, and no sequence index in any of
them.
What was lost leaves no trace among such events. What is here is proven complete
against a baseline, another capture of the same time, or against the platform's
own records.

topic                           events  distinct  duplicates     first      last
v2.detail.events.conversation.{id}.
  acd.end                         1210      1200          10  10:00:00  11:59:59
  user.start                       900       900           0  10:00:00  11:59:59
v2.audits.enti...entityid.{id}       5         5           0  10:00:00  11:59:59
(no topic)                           2         1           1
all topics                        2117      2106          11
event times in UTC, 2025-11-10

Rejected, and not counted: 1 record
  a.ndjson:7  not JSON
`)
  })

  it("tells days where there are several, and of one event alone", () => {
    const [first] = Case.inventory().inventory
    const inventory =
      first === undefined
        ? []
        : [{ ...first, observed: 1, unique: 1, duplicates: 0, to: Case.at("2025-11-12T10:00:00Z") }]
    const said = InventoryText.render({ ...Case.inventory(), inventory }, { unicode: true })
    expect(said).toMatch(/^Not proven: 1 event and no sequence index in it\.\n/)
    expect(said).toContain("11-10 10:00:00  11-12 10:00:00\n")
    expect(said).toContain("event times in UTC, 2025-11-10 to 2025-11-12\n")
    expect(said).not.toContain("all topics")
  })

  it("fits its width, is plain, and escapes what a terminal would obey", () => {
    for (const text of ["\u001b]0;owned\u0007\u202eabc\u2028\n", "日本語".repeat(40), "v2.{id}.".repeat(40)]) {
      const said = InventoryText.render(Case.saying(text))
      expect(said).toMatch(/^[\x20-\x7e\n]*$/)
      for (const line of said.split("\n")) expect(line.length).toBeLessThanOrEqual(80)
      expect(InventoryText.render(Case.saying(text), { unicode: true })).not.toMatch(/[^\P{C}\n]/u)
    }
  })
})
