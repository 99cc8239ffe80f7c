import { describe, expect, it } from "@effect/vitest"
import { SequenceReport, SequenceTracker, SequenceVerification } from "@genesys-replay/domain"
import * as HtmlReport from "@genesys-replay/eventlog/HtmlReport"
import * as HtmlReportStyle from "@genesys-replay/eventlog/HtmlReportStyle"
import { FastCheck } from "effect"
import * as Case from "./HtmlReportCase.js"
import * as Page from "./HtmlReportPage.js"
import * as InventoryCase from "./InventoryCase.js"
import * as TopicCase from "./TopicReportCase.js"

const everything = Case.everything()

const pages: ReadonlyArray<readonly [string, string]> = [
  ["no group", Case.page(Case.together([]))],
  ["one complete group", Case.page(Case.group("outage", 1_000, () => true))],
  ["one group with a gap", Case.page(Case.group("outage", 1_000, (index) => index !== 44))],
  [
    "fifty groups",
    Case.page(
      Case.together(Array.from({ length: 50 }, (_, at) => Case.group(`g${at}`, 200, (i) => at % 3 > 0 || i % 9 > 0)))
    )
  ],
  ["everything at once", Case.page(everything.one, everything.options)],
  ["no topic", TopicCase.page(TopicCase.topics([]))],
  ["topics over time", TopicCase.page(TopicCase.topics(TopicCase.outage))],
  ["topics with names out to harm", TopicCase.page(TopicCase.evil())],
  ["an inventory", InventoryCase.page(InventoryCase.inventory())]
]

const textOf = (page: string, tag: string): ReadonlyArray<string> =>
  Page.elements(page)
    .filter((element) => element.tag === tag)
    .map(({ text }) => text)

const attributeOf = (element: Page.Element, name: string): string => element.attributes.get(name) ?? ""

describe("HtmlReport", () => {
  it("says the verdict, the figures and the gaps of a group", () => {
    const page = Case.page(
      Case.group("outage", 10_000, (index) => index !== 44 && (index <= 3_000 || index > 3_090), { again: [7, 7] })
    )
    expect(page.startsWith('<!doctype html>\n<html lang="en">')).toBe(true)
    expect(textOf(page, "title")[0]).toBe("Incomplete: outage")
    expect(textOf(page, "h1")).toEqual(["Completeness report"])
    expect(textOf(page, "h2")).toEqual(["outage", "How this was measured"])
    const paragraphs = textOf(page, "p")
    expect(paragraphs).toContain("Incomplete: 91 indices are missing, in 2 ranges.")
    expect(paragraphs).toContain("9,909 of 10,000 expected indices came.")
    expect(paragraphs).toContain(
      "91 of 10,000 expected indices are missing, in 2 gaps. The longest lacks 90 indices: 3,001 – 3,090, between events 1 min 31 s apart."
    )
    expect(paragraphs.some((text) => text.startsWith("2 of 9,911 events repeat an index"))).toBe(true)
    expect(textOf(page, "dd")).toEqual([
      "99.09 %",
      "91in 2 gaps",
      "1 – 10,00010,000 indices",
      "9,9119,909 distinct indices",
      "2",
      "2"
    ])
    expect(textOf(page, "time")).toContain("2024-01-15T08:51:31.000Z")
    expect(textOf(page, "summary")).toEqual(["144: 1 index missing", "23,001 – 3,090: 90 indices missing"])
  })

  it("says complete where nothing is missing, and that a range is inferred", () => {
    const page = Case.page(Case.group(null, 10, () => true, { inferred: true }))
    expect(textOf(page, "h2")).toEqual(["Live events", "How this was measured"])
    expect(textOf(page, "p")).toContain("Complete: 10 indices, none missing.")
    expect(textOf(page, "p")).toContain("Every index from 1 to 10 came at least once.")
    expect(textOf(page, "li").some((text) => text.startsWith("Where an expected range is inferred"))).toBe(true)
    expect(textOf(page, "details")).toEqual([])
  })

  it("says not proven where something may be missing that nobody can know of, of the group too where its bounds are inferred", () => {
    const rejected = { count: 1, first: [] }
    const cases = [Case.group("inferred", 9, () => true, { inferred: true }), Case.group("given", 9, () => true)]
    const page = Case.page(Case.together(cases, { rejected }))
    expect(textOf(page, "title")[0]).toMatch(/^Not proven: /)
    expect(textOf(page, "p")[2]).toMatch(/^Not proven: 18 indices in 2 groups came/)
    expect(page.match(/class="pill [a-z]+"/g)).toEqual([
      'class="pill unproven"',
      'class="pill complete"',
      'class="pill unproven"',
      'class="pill complete"'
    ])
    const unread = [{ source: "b.zst", reason: "it is zstd", bytesRead: 0 }]
    expect(Case.page(Case.together(cases, { unread }))).toContain("1 source was not read, or not to the end")
  })

  it("tells of one index, of none that came, and of nothing to verify", () => {
    const words = (one: Case.Case) => textOf(Case.page(one), "p").join("\n")
    expect(words(Case.group("g", 1, () => true))).toContain("The one expected index, 1, came.")
    expect(words(Case.group("g", 1, () => false))).toContain("None of the 1 expected index came.")
    expect(words(Case.group("g", 5, () => false))).toContain("None of the 5 expected indices came.")
    expect(words(Case.group("g", 5, (index) => index !== 2))).toContain(
      "1 of 5 expected indices is missing, in one gap: 2, between events 2 s apart."
    )
    expect(words(Case.group("g", 9, (index) => index % 2 === 0))).toContain("in 5 gaps of a single index each.")
    expect(words(Case.group("g", 0, () => true))).toContain("No event of the expected range was found")
    expect(words(Case.together([]))).toContain("Nothing to verify")
  })

  it("says how it was measured", () => {
    const page = Case.page(everything.one, everything.options)
    const tables = textOf(page, "caption")
    expect(tables).toContain("2 sources: 1.43 GB in 1,500,322 lines")
    expect(tables).toContain("Rejected, and not counted: 12 records, of which the first 1")
    expect(textOf(page, "h3")).toContain("Not read, or not to the end")
    const other = Case.page(Case.together([]), { indexPath: "body.seq", groupBy: null })
    expect(textOf(other, "code")).toEqual(["body.seq"])
    expect(textOf(other, "p").join("\n")).toContain("all events are one group")
  })

  it("says where a list is cut short, and lists no more than helps", () => {
    const listed = Case.group("scattered", 150_000, (index) => index % 15 !== 0, { maxMissing: 10_000 })
    const page = Case.page(listed)
    const rows = Page.elements(page).filter(({ path, tag }) => tag === "tr" && path.includes("tbody"))
    expect(rows).toHaveLength(2_000)
    expect(textOf(page, "caption")).toEqual([
      "Gaps 1 to 20 of 10,000, in the order of the indices",
      "Gaps 21 to 2,000 of 10,000, in the order of the indices"
    ])
    expect(textOf(page, "p").join("\n")).toContain("8,000 more gaps are not listed")
    expect(page.length).toBeLessThan(2_000_000)
    const none = Case.page(Case.group("scattered", 1_000, (index) => index % 15 !== 0, { maxMissing: 0 }))
    expect(textOf(none, "p")).toContain("This report lists no gaps; there are 66.")
  })

  it("puts the groups that lack something first, and gives complete ones of many no section", () => {
    const cases = Array.from({ length: 50 }, (_, at) =>
      Case.group(`g${at}`, 200, (index) => at % 25 !== 7 || index !== 9)
    )
    const page = Case.page(Case.together(cases))
    expect(textOf(page, "h2")).toEqual(["Groups", "g7", "g32", "How this was measured"])
    const names = Page.elements(page).filter(
      ({ attributes, path, tag }) => tag === "th" && path.includes("tbody") && attributes.get("scope") === "row"
    )
    expect(names.slice(0, 3).map(({ text }) => text)).toEqual(["g7", "g32", "g0"])
    expect(textOf(page, "p")).toContain(
      "48 groups of these have no section below: complete ones, and what is beyond the first 50."
    )
  })

  it("draws its maps from trackers, from a report that lists every gap, or not at all", () => {
    const cut = Case.group("outage", 1_000, (index) => index % 10 !== 0, { maxMissing: 3 })
    const maps = (page: string) =>
      Page.elements(page).filter(({ attributes }) => attributes.get("role") === "img").length
    expect(maps(Case.page(cut))).toBeGreaterThan(1)
    expect(maps(HtmlReport.render(cut.report, { generatedAt: Case.generatedAt }))).toBe(0)
    const whole = Case.group("outage", 1_000, (index) => index % 10 !== 0, { maxMissing: 1_000 })
    const told = maps(HtmlReport.render(whole.report, { generatedAt: Case.generatedAt }))
    expect(told).toBe(maps(Case.page(whole)))
    expect(told).toBeGreaterThan(1)
  })

  it("marks a single index missing from all 2^53", () => {
    const tracker = SequenceTracker.make()
    SequenceTracker.observe(tracker, 0)
    SequenceTracker.observe(tracker, Number.MAX_SAFE_INTEGER)
    tracker.indices.addRange(0, 2 ** 52)
    tracker.indices.addRange(2 ** 52 + 2, Number.MAX_SAFE_INTEGER)
    const report = SequenceVerification.report(tracker, { group: "all" })
    const page = HtmlReport.render(SequenceReport.make({ groups: [report] }), {
      generatedAt: Case.generatedAt,
      trackers: new Map([["all", tracker]])
    })
    expect(textOf(page, "summary")).toEqual(["14,503,599,627,370,497: 1 index missing"])
    expect(Page.elements(page).filter(({ attributes }) => attributes.get("class") === "spot")).toHaveLength(2)
  })

  describe.each(pages)("as a page of %s", (_, page) => {
    const elements = Page.elements(page)

    it("is self-contained: no script, nothing to load, a policy that forbids both", () => {
      const tags = new Set(elements.map(({ tag }) => tag))
      for (const tag of ["script", "link", "img", "iframe", "object", "embed", "base", "form"])
        expect(tags).not.toContain(tag)
      for (const { attributes } of elements) {
        for (const [name, value] of attributes) {
          expect(name).not.toMatch(/^on|^style$|^src/)
          if (name === "href") expect(value).toMatch(/^#/)
        }
      }
      const [policy] = elements.filter((element) => attributeOf(element, "http-equiv") === "Content-Security-Policy")
      expect(policy && attributeOf(policy, "content")).toBe(
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
      )
      expect(textOf(page, "style").join("")).not.toMatch(/url\(|@import/)
    })

    it("has ids that are unique, and refers to none that is not there", () => {
      const ids = elements.flatMap(({ attributes }) => attributes.get("id") ?? [])
      expect(new Set(ids).size).toBe(ids.length)
      for (const element of elements) {
        const labels = attributeOf(element, "aria-labelledby").split(" ")
        const target = attributeOf(element, "href").slice(1)
        const fill = attributeOf(element, "fill").match(/^url\(#(.*)\)$/)?.[1] ?? ""
        for (const id of [...labels, target, fill]) if (id !== "") expect(ids).toContain(id)
      }
    })

    it("can be read without seeing it", () => {
      const levels = elements.flatMap(({ tag }) => (/^h[1-6]$/.test(tag) ? [Number(tag.slice(1))] : []))
      expect(levels.filter((level) => level === 1)).toHaveLength(1)
      for (const [at, level] of levels.entries()) expect(level).toBeLessThanOrEqual((levels[at - 1] ?? 0) + 1)
      const count = (tag: string) => elements.filter((element) => element.tag === tag).length
      expect(count("caption")).toBe(count("table"))
      expect(count("main")).toBe(1)
      for (const element of elements) {
        if (element.tag === "th") expect(["row", "col", "rowgroup"]).toContain(attributeOf(element, "scope"))
        if (element.tag === "svg" && attributeOf(element, "aria-hidden") !== "true") {
          expect(attributeOf(element, "role")).toBe("img")
          expect(attributeOf(element, "aria-labelledby")).toMatch(/-title .*-text$/)
        }
        if (attributeOf(element, "tabindex") !== "") {
          expect(attributeOf(element, "role")).toBe("region")
          expect(attributeOf(element, "aria-label") + attributeOf(element, "aria-labelledby")).not.toBe("")
        }
      }
      for (const text of [...textOf(page, "desc"), ...textOf(page, "summary"), ...textOf(page, "caption")]) {
        expect(text).not.toBe("")
      }
    })

    it("draws nothing outside of its maps", () => {
      for (const element of elements.filter(({ path }) => path.includes("svg"))) {
        const [x, width] = ["x", "width"].map((name) => attributeOf(element, name))
        if (!x?.endsWith("%") || !width?.endsWith("%")) continue
        expect(Number.parseFloat(x)).toBeGreaterThanOrEqual(0)
        expect(Number.parseFloat(width)).toBeGreaterThanOrEqual(0)
        expect(Number.parseFloat(x) + Number.parseFloat(width)).toBeLessThanOrEqual(100.01)
      }
    })
  })

  const shapeOf = (page: string) =>
    Page.elements(page).map(({ attributes, path, tag }) => [path.length, tag, [...attributes.keys()]])

  const pageWith = (text: string): string => {
    const one = Case.group(text, 30, (index) => index !== 4)
    const rejected = { count: 1, first: [{ source: text, line: 1, reason: text }] }
    const missing = one.report.groups.flatMap((group) =>
      group.missing.map((gap) => ({ ...gap, after: `at ${text}`, before: `at ${text}` }))
    )
    return Case.page(
      {
        ...one,
        report: SequenceReport.make({
          groups: one.report.groups.map((group) => ({ ...group, missing })),
          rejected,
          unread: [{ source: text, reason: text, bytesRead: 0 }],
          leftOut: { count: 1, first: [{ source: text, reason: text }] }
        })
      },
      {
        title: text,
        sources: [{ source: text, bytes: 1, lines: 1 }],
        indexPath: text,
        groupBy: text
      }
    )
  }

  it("lets no text from input become markup, or reach the page unseen", () => {
    const plain = shapeOf(pageWith("plain"))
    const nasty = FastCheck.oneof(
      FastCheck.string({ unit: "binary" }),
      FastCheck.array(
        FastCheck.constantFrom(
          "<script>",
          "</title>",
          "</style>",
          '"',
          "'",
          "`",
          "&",
          "&lt;",
          "&#60;",
          "-->",
          "]]>",
          "<",
          ">",
          "=",
          "/",
          "\u0000",
          "\u202e",
          "\u2028",
          "\ud800",
          "\n",
          "javascript:",
          "{{",
          "${",
          " onload=x"
        ),
        { maxLength: 12 }
      ).map((parts) => parts.join(""))
    )
    FastCheck.assert(
      FastCheck.property(nasty, (text) => {
        const page = pageWith(text)
        expect(shapeOf(page)).toEqual(plain)
        expect(page.replaceAll("\n", "")).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
      }),
      { numRuns: 200 }
    )
  })

  it("shows text from input as it is, and what cannot be shown as an escape", () => {
    const page = Case.page(Case.group("<b>\"R&D\" 'x'</b> 日本語 \u202eabc\u0007", 3, () => true))
    expect(textOf(page, "h2")[0]).toBe("<b>\"R&D\" 'x'</b> 日本語 \\u202eabc\\u0007")
    expect(textOf(Case.page(Case.group("", 3, () => true)), "h2")[0]).toBe('""')
    const long = textOf(Case.page(Case.group("x".repeat(1_000_000), 3, () => true)), "h2")[0]
    expect(long).toMatch(/^x{399}…$/)
  })

  it.each([
    ["light", HtmlReportStyle.light],
    ["dark", HtmlReportStyle.dark]
  ])("has contrast enough to read in the %s scheme", (_, palette) => {
    const texts = [
      ["ink", "page"],
      ["ink", "surface"],
      ["ink", "incompleteTint"],
      ["ink", "completeTint"],
      ["muted", "page"],
      ["muted", "surface"],
      ["link", "surface"],
      ["complete", "completeTint"],
      ["incomplete", "incompleteTint"],
      ["incomplete", "surface"],
      ["notice", "noticeTint"],
      ["absent", "surface"],
      ["surface", "incomplete"]
    ] as const
    for (const [front, back] of texts) {
      expect(Page.contrast(palette[front], palette[back]), `${front} on ${back}`).toBeGreaterThanOrEqual(4.5)
    }
    const shapes = [
      ["present", "surface"],
      ["present", "track"],
      ["absent", "track"],
      ["absent", "surface"],
      ["link", "page"]
    ] as const
    for (const [front, back] of shapes) {
      expect(Page.contrast(palette[front], palette[back]), `${front} on ${back}`).toBeGreaterThanOrEqual(3)
    }
  })
})
