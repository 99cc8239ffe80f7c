/** A gap map as inline SVG: what came as a filled strip, what did not as hollows in it, with an axis of indices and one of times. */
import { Instant } from "@genesys-replay/domain"
import { DateTime, Option } from "effect"
import * as DisplayText from "../../source/DisplayText.js"
import type * as GapMap from "../GapMap.js"
import { html, type Markup } from "./Markup.js"

/** The hatching behind every map; once in a document. */
export const definitions: Markup = html`<svg class="defs" aria-hidden="true" focusable="false"><defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="track" width="6" height="6"/><line class="hatch" x1="0" y1="0" x2="0" y2="6"/></pattern></defs></svg>`

const { grouped } = DisplayText

/** `812,345 – 812,360`; one index alone. */
export const rangeText = ({ end, start }: GapMap.Range): string =>
  start === end ? grouped(start) : `${grouped(start)} – ${grouped(end)}`

/** Everything across is in percent, so that the map is as wide as its page while its text keeps its size. */
const percent = (part: number): string => `${Number((100 * part).toFixed(3))}%`

const shareOf = (index: number, range: GapMap.Range): number => (index - range.start) / (range.end - range.start + 1)

/** How high the strip is filled. What lacks anything is never quite full, what holds anything never quite empty. */
const level = ({ missing, present }: GapMap.Cell, height: number): number => {
  if (missing === 0) return height
  if (present === 0) return 0
  return Math.min(height - 5, Math.max(2, Math.round((height * present) / (present + missing))))
}

/** Neighbouring cells of one kind as one stretch. */
const stretches = (
  cells: ReadonlyArray<GapMap.Cell>,
  kind: (cell: GapMap.Cell) => number
): ReadonlyArray<GapMap.Range & { readonly kind: number }> => {
  const found: Array<{ readonly start: number; end: number; readonly kind: number }> = []
  for (const cell of cells) {
    const last = found.at(-1)
    if (last?.kind === kind(cell)) last.end = cell.last
    else found.push({ start: cell.first, end: cell.last, kind: kind(cell) })
  }
  return found
}

const rectangle = (stretch: GapMap.Range, range: GapMap.Range, y: number, height: number, kind: string): Markup => {
  const x = shareOf(stretch.start, range)
  return html`<rect class="${kind}" x="${percent(x)}" y="${y}" width="${percent(shareOf(stretch.end + 1, range) - x)}" height="${height}"/>`
}

const strip = ({ cells, range }: GapMap.GapMap, top: number, height: number): Markup => {
  const filled = stretches(cells, (cell) => level(cell, height)).filter(({ kind }) => kind > 0)
  return html`<g shape-rendering="crispEdges"><rect fill="url(#hatch)" y="${top}" width="100%" height="${height}"/>${filled.map(
    (stretch) => rectangle(stretch, range, top + height - stretch.kind, stretch.kind, "present")
  )}</g>`
}

/** A small map without axes, for a table that has the figures. */
export const thumbnail = (map: GapMap.GapMap): Markup =>
  html`<svg class="thumbnail" aria-hidden="true" focusable="false">${strip(map, 0, 14)}</svg>`

/** A label under or over the strip: where it stands, and how it is aligned there. */
interface Label {
  readonly share: number
  readonly text: string
  readonly anchor: "start" | "middle" | "end"
}

/** What a character takes of a map on a telephone, on a page of paper or a tablet, and on a desk; the style sheet tells them apart. */
const tiers = [
  { name: "", character: 0.026 },
  { name: "mid", character: 0.0108 },
  { name: "wide", character: 0.0074 }
] as const

/** A label and the narrowest kind of page that it has room on. */
interface Placed extends Label {
  readonly tier: (typeof tiers)[number]["name"]
}

const spanOf = ({ anchor, share, text }: Label, character: number): readonly [number, number] => {
  const width = text.length * character
  const from = anchor === "start" ? share : anchor === "end" ? share - width : share - width / 2
  return [from - character / 2, from + width + character / 2]
}

/** The labels that have room, the first ones first. */
const withRoom = (labels: ReadonlyArray<Label>): ReadonlyArray<Placed> => {
  const kept: Array<Placed> = []
  for (const { character, name } of tiers) {
    for (const label of labels) {
      const [from, to] = spanOf(label, character)
      const isFree = (other: Label): boolean => {
        const [otherFrom, otherTo] = spanOf(other, character)
        return label.share !== other.share && (otherTo <= from || otherFrom >= to)
      }
      if (from >= -0.6 * character && to <= 1 + 0.6 * character && kept.every(isFree))
        kept.push({ ...label, tier: name })
    }
  }
  return kept
}

/** 1, 2 or 5 times a power of ten: about six steps in `size`. */
const stepFor = (size: number): number => {
  const rough = size / 6
  const power = 10 ** Math.floor(Math.log10(Math.max(1, rough)))
  return power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10)
}

const indexLabels = (range: GapMap.Range): ReadonlyArray<Placed> => {
  const size = range.end - range.start + 1
  const ends: ReadonlyArray<Label> =
    size === 1
      ? [{ share: 0.5, text: grouped(range.start), anchor: "middle" }]
      : [
          { share: 0, text: grouped(range.start), anchor: "start" },
          { share: 1, text: grouped(range.end), anchor: "end" }
        ]
  const step = stepFor(size)
  const between: Array<Label> = []
  for (let at = Math.ceil(range.start / step) * step; at < range.end; at += step) {
    between.push({ share: (at - range.start + 0.5) / size, text: grouped(at), anchor: "middle" })
  }
  return withRoom([...ends, ...between])
}

interface Moment {
  readonly share: number
  readonly anchor: Label["anchor"]
  readonly instant: DateTime.Utc
}

const momentAt = (seen: GapMap.Seen, index: number, share: number, anchor: Label["anchor"]): ReadonlyArray<Moment> => {
  const time = seen.timeOf(index)
  if (time === undefined) return []
  return Option.match(Instant.parse(time), { onNone: () => [], onSome: (instant) => [{ share, anchor, instant }] })
}

/** The moments that are known: at the ends of the range, and on either side of its places. */
const moments = (
  seen: GapMap.Seen,
  range: GapMap.Range,
  places: ReadonlyArray<GapMap.Range>
): ReadonlyArray<Moment> => [
  ...momentAt(seen, range.start, 0, "start"),
  ...momentAt(seen, range.end, 1, "end"),
  ...places.flatMap((place) => [
    ...momentAt(seen, place.start - 1, shareOf(place.start, range), "end"),
    ...momentAt(seen, place.end + 1, shareOf(place.end + 1, range), "start")
  ])
]

/** The times in UTC, without what they have in common, and what that is. */
const timeLabels = (
  known: ReadonlyArray<Moment>
): { readonly labels: ReadonlyArray<Placed>; readonly note: string | undefined } => {
  const days = new Set(known.map(({ instant }) => DateTime.formatIsoDateUtc(instant)))
  const [day] = days
  const millis = known.map(({ instant }) => DateTime.toEpochMillis(instant))
  const close = Math.max(...millis) - Math.min(...millis) < 60_000
  const text = (instant: DateTime.Utc): string => {
    const iso = DateTime.formatIso(instant)
    return days.size > 1 ? iso.slice(5, 16).replace("T", " ") : iso.slice(11, close ? 23 : 19)
  }
  const note = days.size > 1 ? "month, day and time in UTC" : `UTC on ${day}`
  return {
    labels: withRoom(known.map(({ anchor, instant, share }) => ({ anchor, share, text: text(instant) }))),
    note: known.length === 0 ? undefined : note
  }
}

const axis = (labels: ReadonlyArray<Placed>, y: number): ReadonlyArray<Markup> =>
  labels.map(
    ({ anchor, share, text, tier }) =>
      html`<g class="${tier}"><line class="tick" x1="${percent(share)}" x2="${percent(share)}" y1="${y}" y2="${y + 5}"/><text x="${percent(share)}" y="${y + 17}" text-anchor="${anchor}">${text}</text></g>`
  )

/** What a map is drawn with. */
export interface MapOptions {
  /** Unique in the document. */
  readonly id: string
  readonly title: string
  /** What the picture shows, for those who do not see it. */
  readonly description: string
  readonly seen: GapMap.Seen
  /** Stretches that lack something. Their times are on the axis. */
  readonly places: ReadonlyArray<GapMap.Range>
  /** What the places are called on the map; nothing where they have no names. */
  readonly names: ReadonlyArray<string>
}

/** Up to so many cells, each is told apart from its neighbours. */
const mostRules = 64

const rules = ({ cells, range }: GapMap.GapMap, top: number, height: number): ReadonlyArray<Markup> =>
  cells.length > mostRules
    ? []
    : cells.slice(1).map(({ first }) => {
        const x = percent(shareOf(first, range))
        return html`<line class="rule" x1="${x}" x2="${x}" y1="${top}" y2="${top + height}"/>`
      })

/** The map, and a note on its times where there are some. */
export const render = (
  map: GapMap.GapMap,
  { description, id, names, places, seen, title }: MapOptions
): { readonly svg: Markup; readonly timeNote: string | undefined } => {
  const { cells, range } = map
  const middles = places.flatMap((place, at): ReadonlyArray<Label> => {
    const share = (shareOf(place.start, range) + shareOf(place.end + 1, range)) / 2
    const anchor = share < 0.02 ? "start" : share > 0.98 ? "end" : "middle"
    return names[at] === undefined ? [] : [{ share, text: names[at], anchor }]
  })
  const numbers = withRoom(middles)
  const marksAt = numbers.length > 0 ? 18 : 2
  const top = marksAt + 9
  const height = 46
  const times = timeLabels(moments(seen, range, places))
  const bottom = top + height + (times.labels.length > 0 ? 44 : 22)
  const marks = stretches(cells, ({ missing }) => (missing > 0 ? 1 : 0)).filter(({ kind }) => kind === 1)
  const svg = html`<svg class="map" role="img" aria-labelledby="${id}-title ${id}-text" height="${bottom}"><title id="${id}-title">${title}</title><desc id="${id}-text">${description}</desc>${numbers.map(
    ({ anchor, share, text, tier }) =>
      html`<text class="number ${tier}" x="${percent(share)}" y="12" text-anchor="${anchor}">${text}</text>`
  )}<g>${marks.map((stretch) => mark(stretch, range, marksAt))}</g>${strip(map, top, height)}${rules(map, top, height)}<rect class="frame" y="${top}" width="100%" height="${height}" shape-rendering="crispEdges"/>${axis(indexLabels(range), top + height)}${axis(times.labels, top + height + 22)}</svg>`
  return { svg, timeNote: times.note }
}

/** A mark over what lacks anything; the line inside keeps the narrowest visible. */
const mark = (stretch: GapMap.Range, range: GapMap.Range, y: number): Markup => {
  const x = percent((shareOf(stretch.start, range) + shareOf(stretch.end + 1, range)) / 2)
  return html`${rectangle(stretch, range, y, 6, "absent")}<line class="spot" x1="${x}" x2="${x}" y1="${y}" y2="${y + 6}"/>`
}

/** What the map's shapes mean. */
export const legend: Markup = html`<ul class="legend"><li><svg aria-hidden="true" focusable="false"><rect class="present" width="16" height="14"/></svg>came</li><li><svg aria-hidden="true" focusable="false"><rect fill="url(#hatch)" width="16" height="14"/></svg>missing</li><li><svg aria-hidden="true" focusable="false"><rect fill="url(#hatch)" width="16" height="14"/><rect class="present" y="6" width="16" height="8"/></svg>partly missing: filled as far as it came</li><li><svg aria-hidden="true" focusable="false"><rect class="absent" y="4" width="16" height="5"/></svg>something is missing here, be it a single index</li></ul>`
