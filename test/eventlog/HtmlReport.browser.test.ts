import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { RecordsTopics } from "@genesys-replay/eventlog"
import * as HtmlReportStyle from "@genesys-replay/eventlog/HtmlReportStyle"
import { Effect, Option, Schema } from "effect"
import { voiceEvents, voiceRecord } from "../domain/Conversations.js"
import * as Browser from "./HtmlReportBrowser.js"
import * as Case from "./HtmlReportCase.js"
import { reconcile } from "./reconcile/Reconciling.js"
import * as TopicCase from "./TopicReportCase.js"

const everything = Case.everything()
const page = Case.page(everything.one, everything.options)

const visit = (html: string, ...flags: ReadonlyArray<string>) =>
  Browser.visit(html, flags).pipe(Effect.provide(NodeContext.layer))

const dark = "--blink-settings=preferredColorScheme=0"
const light = "--blink-settings=preferredColorScheme=1"

/** What {@link probe} found out about the page at one width. */
const Measured = Schema.Struct({
  width: Schema.Number,
  background: Schema.String,
  title: Schema.String,
  scripts: Schema.Number,
  images: Schema.Number,
  overflow: Schema.Number,
  maps: Schema.Number,
  /** Labels of one map that cover each other. */
  covered: Schema.Array(Schema.String),
  /** Labels that stand out of their map. */
  outside: Schema.Array(Schema.String),
  /** Text smaller than this is hard to read. */
  smallest: Schema.Number
})

/** A page around the page: it may run a script, and measures what the browser made of it. */
const probe = (
  html: string,
  widths: ReadonlyArray<number>
): string => `<!doctype html><meta charset="utf-8"><body><script>
const page = ${JSON.stringify(html).replaceAll("<", "\\u003c")}
for (const width of ${JSON.stringify(widths)}) {
  const frame = document.createElement("iframe")
  frame.style.width = width + "px"
  frame.style.height = "900px"
  frame.srcdoc = page
  document.body.append(frame)
}
onload = () => {
  const measured = [...document.querySelectorAll("iframe")].map((frame) => {
    const inner = frame.contentDocument
    const covered = [], outside = []
    const maps = [...inner.querySelectorAll("svg.map")].filter((map) => map.checkVisibility())
    for (const map of maps) {
      const box = map.getBoundingClientRect()
      const labels = [...map.querySelectorAll("text")]
        .map((label) => ({ text: label.textContent, box: label.getBoundingClientRect() }))
        .filter((label) => label.box.width > 0)
      for (const [at, one] of labels.entries()) {
        if (one.box.left < box.left - 8 || one.box.right > box.right + 8) outside.push(one.text)
        for (const other of labels.slice(at + 1)) {
          const apart = one.box.right <= other.box.left || other.box.right <= one.box.left ||
            one.box.bottom <= other.box.top + 2 || other.box.bottom <= one.box.top + 2
          if (!apart) covered.push(one.text + " / " + other.text)
        }
      }
    }
    const root = inner.documentElement
    return {
      width: frame.clientWidth,
      background: frame.contentWindow.getComputedStyle(inner.body).backgroundColor,
      title: inner.title,
      scripts: inner.scripts.length,
      images: inner.images.length,
      overflow: root.scrollWidth - root.clientWidth,
      maps: maps.length,
      covered, outside,
      smallest: Math.min(...[...inner.querySelectorAll("p,td,th,dd,dt,text,summary,small,li")].map((one) => parseFloat(frame.contentWindow.getComputedStyle(one).fontSize)))
    }
  })
  document.body.textContent = ""
  const result = document.createElement("pre")
  result.textContent = btoa(JSON.stringify(measured).replace(/[^\\x00-\\x7f]/g, "?"))
  document.body.append(result)
}
</script>`

const measure = Effect.fn("measure")(function* (
  html: string,
  widths: ReadonlyArray<number>,
  ...flags: ReadonlyArray<string>
) {
  const { output } = yield* visit(probe(html, widths), "--dump-dom", "--virtual-time-budget=10000", ...flags)
  const encoded = /<pre>([^<]+)<\/pre>/.exec(output)?.[1] ?? ""
  return yield* Schema.decode(Schema.StringFromBase64.pipe(Schema.compose(Schema.parseJson(Schema.Array(Measured)))))(
    encoded
  )
})

const colour = (hex: string): string =>
  `rgb(${[1, 3, 5].map((from) => Number.parseInt(hex.slice(from, from + 2), 16)).join(", ")})`

const ascii = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1")

const missing = Option.isNone(Browser.executable)

describe("HtmlReport in a browser", () => {
  it.runIf(missing && process.env["CI"] === "true")("needs Chromium: install it, or none of these tests is run", () => {
    expect.fail(`no chromium in PATH`)
  })

  describe.skipIf(missing)("that is Chromium", () => {
    it.live("says nothing on the console, runs nothing, and keeps harmful names as text", () =>
      Effect.gen(function* () {
        const { console, output } = yield* visit(page, "--dump-dom")
        expect(console).toEqual([])
        expect(output).not.toMatch(/<script|<img/i)
        expect(output).toContain("&lt;script&gt;document.title='owned'&lt;/script&gt;")
        expect(output).toContain("<title>Incomplete: Incident 42")
      })
    )

    it.live("would be caught if it loaded or ran something", () =>
      Effect.gen(function* () {
        const bad = page.replace("</main>", '</main><script>document.title="owned"</script><img src="x.png" alt="">')
        const { console, output } = yield* visit(bad, "--dump-dom")
        expect(console.join("\n")).toContain("Content Security Policy")
        expect(output).not.toContain("<title>owned")
      })
    )

    it.live("fits any width: nothing wider than the window, no label over another, none outside its map", () =>
      Effect.gen(function* () {
        const measured = yield* measure(page, [340, 700, 900, 1_280, 1_900], light)
        expect(measured).toHaveLength(5)
        for (const one of measured) {
          expect(one).toMatchObject({ scripts: 0, images: 0, overflow: 0, covered: [], outside: [] })
          expect(one.title).toMatch(/^Incomplete: Incident 42/)
          expect(one.maps).toBeGreaterThan(5)
          expect(one.smallest).toBeGreaterThanOrEqual(11)
          expect(one.background).toBe(colour(HtmlReportStyle.light.page))
        }
      })
    )

    it.live("fits any width as a page about topics over time too", () =>
      Effect.gen(function* () {
        const measured = yield* measure(TopicCase.page(TopicCase.topics(TopicCase.outage)), [340, 900, 1_280])
        expect(measured).toHaveLength(3)
        for (const one of measured) {
          expect(one).toMatchObject({ scripts: 0, images: 0, overflow: 0, covered: [], outside: [] })
          expect(one.maps).toBeGreaterThan(5)
          expect(one.smallest).toBeGreaterThanOrEqual(11)
        }
      })
    )

    it.live("fits any width with conversations over time", () =>
      Effect.gen(function* () {
        const lines = voiceEvents.filter((line) => !/\.(?:acd\.start|user\.end|flow\.outcome)"/.test(line))
        const { report } = yield* reconcile(lines.join("\n"), JSON.stringify(voiceRecord))
        const measured = yield* measure(TopicCase.page(RecordsTopics.ofRecords(report)), [340, 700, 900, 1_280])
        expect(measured).toHaveLength(4)
        for (const one of measured) {
          expect(one).toMatchObject({ scripts: 0, images: 0, overflow: 0, covered: [], outside: [] })
          expect(one.maps).toBeGreaterThan(5)
          expect(one.smallest).toBeGreaterThanOrEqual(11)
        }
      })
    )

    it.live("follows the reader to a dark scheme", () =>
      Effect.gen(function* () {
        const [measured] = yield* measure(page, [900], dark)
        expect(measured?.background).toBe(colour(HtmlReportStyle.dark.page))
        const [day, night] = yield* Effect.all([
          visit(page, "--screenshot=", "--window-size=1280,2000", light),
          visit(page, "--screenshot=", "--window-size=1280,2000", dark)
        ])
        for (const { file } of [day, night]) {
          expect(ascii(file.slice(1, 4))).toBe("PNG")
          const header = new DataView(file.buffer, file.byteOffset)
          expect([header.getUint32(16), header.getUint32(20)]).toEqual([1_280, 2_000])
        }
        expect(Buffer.compare(day.file, night.file)).not.toBe(0)
      })
    )

    it.live("prints, and prints light whatever the screen is", () =>
      Effect.gen(function* () {
        const { console, file } = yield* visit(page, "--print-to-pdf=", "--no-pdf-header-footer", dark)
        expect(console).toEqual([])
        const pdf = ascii(file)
        expect(pdf.startsWith("%PDF-")).toBe(true)
        const pages = pdf.match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0
        expect(pages).toBeGreaterThan(2)
        expect(pages).toBeLessThan(30)
      })
    )
  })
})
