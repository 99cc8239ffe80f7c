/** One group in the HTML report: its verdict in words, figures, gap map with zooms, gaps, duplicates and order. */
import { Instant, Plural, type SequenceReport } from "@genesys-replay/domain"
import { Option } from "effect"
import * as DisplayText from "../../source/DisplayText.js"
import type * as GapMap from "../map/GapMap.js"
import * as SequenceMap from "../map/SequenceMap.js"
import * as TimeSpan from "../TimeSpan.js"
import { figure, pill } from "./HtmlVerdict.js"
import { html, type Markup } from "./Markup.js"
import * as HtmlZoom from "./map/HtmlZoom.js"
import * as SequenceAxis from "./map/SequenceAxis.js"

const { grouped } = DisplayText
const { rangeText } = SequenceAxis

const counted = (count: number, one: string, many?: string): string => Plural.counted(count, one, many, grouped)

/** A group's name in at most so many columns; the name of what has none. */
export const nameOf = ({ group }: SequenceReport.GroupReport, columns: number): Markup =>
  group === null
    ? html`Live events`
    : html`<span class="name">${DisplayText.cut(group === "" ? '""' : group, columns, "…")}</span>`

/** The time as it stands in the event, marked up where it is an instant. */
const timeOf = (time: string | null | undefined): Markup => {
  if (time === null || time === undefined) return html`<span class="muted">unknown</span>`
  const shown = DisplayText.cut(time, 60, "…")
  return Option.isSome(Instant.parse(time))
    ? html`<time datetime="${time}">${shown}</time>`
    : html`<span class="when other">${shown}</span>`
}

/** What the gap is, and how far apart the events on either side of it are. */
const gapWords = (gap: GapMap.Range, seen: SequenceMap.Seen): string => {
  const after = seen.timeOf(gap.start - 1)
  const before = seen.timeOf(gap.end + 1)
  const apart = after === undefined || before === undefined ? undefined : TimeSpan.between(after, before)
  return `${rangeText(gap)}${apart === undefined ? "" : `, between events ${apart} apart`}`
}

const whereMissing = (
  { expected, gapRanges }: SequenceReport.GroupReport,
  seen: SequenceMap.Seen | undefined
): string => {
  const longest = seen === undefined || expected === null ? undefined : SequenceMap.longestGap(seen, expected)
  const gaps = gapRanges === 1 ? "in one gap" : `in ${grouped(gapRanges)} gaps`
  if (longest === undefined || seen === undefined) return `${gaps}.`
  if (gapRanges === 1) return `${gaps}: ${gapWords(longest, seen)}.`
  if (longest.start === longest.end) return `${gaps} of a single index each.`
  const length = counted(longest.end - longest.start + 1, "index", "indices")
  return `${gaps}. The longest lacks ${length}: ${gapWords(longest, seen)}.`
}

/** The verdict, in words. */
const words = (group: SequenceReport.GroupReport, seen: SequenceMap.Seen | undefined): string => {
  const { expected, gapCount, isContiguous } = group
  if (expected === null) return "No event of the expected range was found, so nothing can be said to be complete."
  const size = expected.end - expected.start + 1
  const range = `from ${grouped(expected.start)} to ${grouped(expected.end)}`
  if (isContiguous) {
    return size === 1
      ? `The one expected index, ${grouped(expected.start)}, came.`
      : `Every index ${range} came at least once.`
  }
  if (gapCount === size) return `None of the ${counted(size, "expected index", "expected indices")} came.`
  const are = gapCount === 1 ? "is" : "are"
  return `${grouped(gapCount)} of ${counted(size, "expected index", "expected indices")} ${are} missing, ${whereMissing(group, seen)}`
}

const figures = (group: SequenceReport.GroupReport): Markup => {
  const { expected, gapCount, gapRanges, outOfRange } = group
  const size = expected === null ? 0 : expected.end - expected.start + 1
  const indices = counted(size, "index", "indices")
  return html`<dl class="figures">${[
    figure("Coverage", `${group.coveragePercentage.toFixed(2)} %`, group.isContiguous ? "" : "bad"),
    figure(
      "Missing",
      grouped(gapCount),
      gapCount > 0 ? "bad" : "",
      gapRanges > 0 ? `in ${counted(gapRanges, "gap")}` : undefined
    ),
    figure(
      "Expected",
      expected === null ? "none" : rangeText(expected),
      "wide",
      expected?.inferred === true ? `${indices}, inferred` : indices
    ),
    figure("Events", grouped(group.observed), "", counted(group.unique, "distinct index", "distinct indices")),
    figure("Duplicates", grouped(group.duplicates)),
    figure("Out of order", grouped(group.outOfOrder)),
    ...(outOfRange > 0 ? [figure("Outside the range", grouped(outOfRange))] : [])
  ]}</dl>`
}

const gapRow = (gap: SequenceReport.MissingRange): Markup => {
  const lasted = gap.after === null || gap.before === null ? undefined : TimeSpan.between(gap.after, gap.before)
  return html`<tr><th scope="row" class="range">${rangeText(gap)}</th><td class="count">${grouped(gap.count)}</td><td>${timeOf(gap.after)}</td><td>${timeOf(gap.before)}</td><td class="count">${lasted ?? ""}</td></tr>`
}

const gapTable = (gaps: ReadonlyArray<SequenceReport.MissingRange>, caption: string): Markup =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr><th scope="col">Missing indices</th><th scope="col" class="count">How many</th><th scope="col">Event before</th><th scope="col">Event after</th><th scope="col" class="count">Apart</th></tr></thead><tbody>${gaps.map(gapRow)}</tbody></table></div>`

/** So many gaps are in sight; the rest of the list opens. */
const gapsInSight = 20

/** More than this helps no reader, and makes a file that no browser likes. */
const mostGaps = 2_000

const gapList = (group: SequenceReport.GroupReport): Markup => {
  const listed = group.missing.slice(0, mostGaps)
  if (group.gapRanges === 0) return html``
  if (listed.length === 0)
    return html`<h3>Gaps</h3><p>This report lists no gaps; there are ${grouped(group.gapRanges)}.</p>`
  const all = listed.length === group.gapRanges
  const sight = listed.slice(0, gapsInSight)
  const rest = listed.slice(gapsInSight)
  const caption = (from: number, to: number): string =>
    all && rest.length === 0
      ? `${counted(to, "gap")}, in the order of the indices`
      : `Gaps ${grouped(from)} to ${grouped(to)} of ${grouped(group.gapRanges)}, in the order of the indices`
  return html`<h3>Gaps</h3>${gapTable(sight, caption(1, sight.length))}${
    rest.length === 0
      ? undefined
      : html`<details class="rest"><summary>The next ${counted(rest.length, "gap")}</summary>${gapTable(rest, caption(sight.length + 1, listed.length))}</details>`
  }${
    all
      ? undefined
      : html`<p class="facts">The list stops here: ${counted(group.gapRanges - listed.length, "more gap")} ${
          group.gapRanges - listed.length === 1 ? "is" : "are"
        } not listed. All counts on this page are exact all the same.</p>`
  }`
}

const order = (group: SequenceReport.GroupReport): ReadonlyArray<Markup> => {
  const { duplicates, expected, observed, outOfOrder, outOfRange } = group
  return [
    duplicates === 0
      ? html`<p>No index came twice.</p>`
      : html`<p>${grouped(duplicates)} of ${counted(observed, "event")} ${duplicates === 1 ? "repeats" : "repeat"} an index that had come before. Delivery is at least once, so this is to be expected; an index counts once, however often it came.</p>`,
    outOfOrder === 0
      ? html`<p>No event came behind one with a larger index.</p>`
      : html`<p>${counted(outOfOrder, "event")} came behind ${outOfOrder === 1 ? "one" : "others"} with a larger index. Delivery keeps no order, so this loses nothing; a consumer that relies on order has to sort.</p>`,
    ...(outOfRange === 0
      ? []
      : [
          html`<p>${counted(outOfRange, "distinct index lies", "distinct indices lie")} outside the expected range. They have no part in the coverage.</p>`
        ]),
    ...(expected?.inferred === true
      ? [
          html`<p>The expected range is inferred from the smallest and the largest index seen. What is missing before ${grouped(expected.start)} or behind ${grouped(expected.end)} cannot show here: give bounds to find it.</p>`
        ]
      : [])
  ]
}

/** The group's section; `id` is unique in the document. Without `seen` there is no map. */
export const render = (
  group: SequenceReport.GroupReport,
  verdict: SequenceReport.Verdict,
  seen: SequenceMap.Seen | undefined,
  id: string,
  limits: HtmlZoom.ZoomLimits
): Markup =>
  html`<section id="${id}" aria-labelledby="${id}-name"><div class="heading"><h2 id="${id}-name">${nameOf(group, 400)}</h2>${pill(verdict)}</div><p>${words(group, seen)}</p>${figures(group)}${
    seen === undefined || group.expected === null
      ? undefined
      : html`<h3>Gap map</h3>${HtmlZoom.render(
          { axis: SequenceAxis.make(seen), positions: SequenceMap.positions(seen, group.expected) },
          id,
          limits
        )}`
  }${gapList(group)}<h3>Duplicates and order</h3>${order(group)}</section>`
