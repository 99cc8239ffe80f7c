/** A gap map as inline SVG: what came is filled, what did not is a hatched hollow, with axes below. */
import type * as GapMap from "../../map/GapMap.js"
import { html, type Markup } from "../Markup.js"
import type { MapAxis } from "./MapAxis.js"
import { axis, type Label, percent, withRoom } from "./MapLabel.js"

/** The hatching behind every map; once in a document. */
export const definitions: Markup = html`<svg class="defs" aria-hidden="true" focusable="false"><defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="track" width="6" height="6"/><line class="hatch" x1="0" y1="0" x2="0" y2="6"/></pattern></defs></svg>`

const shareOf = (position: number, range: GapMap.Range): number =>
  (position - range.start) / (range.end - range.start + 1)

/** How high a cell is filled, and how much of that is hatched: what was expected and did not come. */
interface Level {
  readonly expected: number
  readonly came: number
}

const none: Level = { expected: 0, came: 0 }

/** By share. What lacks anything is never quite full, what holds anything never quite empty. */
const shareLevel = ({ missing, present }: GapMap.Cell, height: number): Level => {
  if (missing + present === 0) return none
  if (missing === 0) return { expected: height, came: height }
  if (present === 0) return { expected: height, came: 0 }
  const came = Math.min(height - 5, Math.max(2, Math.round((height * present) / (present + missing))))
  return { expected: height, came }
}

/** By how many were expected: the same, below the height of the tallest cell. */
const volumeLevel = ({ missing, present }: GapMap.Cell, height: number, tallest: number): Level => {
  if (missing + present === 0) return none
  const expected = Math.max(4, Math.round((height * (missing + present)) / tallest))
  if (missing === 0) return { expected, came: expected }
  if (present === 0) return { expected, came: 0 }
  return { expected, came: Math.min(expected - 2, Math.max(1, Math.round((expected * present) / (present + missing)))) }
}

const levelsOf = ({ cells }: GapMap.GapMap, height: number, by: MapAxis["height"]): ReadonlyArray<Level> => {
  const tallest = Math.max(...cells.map(({ missing, present }) => missing + present))
  return cells.map((cell) => (by === "share" ? shareLevel(cell, height) : volumeLevel(cell, height, tallest)))
}

/** Neighbouring cells of one kind as one stretch. */
const stretches = (
  cells: ReadonlyArray<GapMap.Cell>,
  kind: (at: number) => number
): ReadonlyArray<GapMap.Range & { readonly kind: number }> => {
  const found: Array<{ readonly start: number; end: number; readonly kind: number }> = []
  for (const [at, cell] of cells.entries()) {
    const last = found.at(-1)
    if (last?.kind === kind(at)) last.end = cell.last
    else found.push({ start: cell.first, end: cell.last, kind: kind(at) })
  }
  return found
}

/** How wide a strip is, in units of its own: fine enough for any screen. */
const across = 100_000

const unitsOf = (position: number, range: GapMap.Range): number => Math.round(across * shareOf(position, range))

/** Bars that hang from the top or stand on the bottom, as one path. */
const bars = (
  map: GapMap.GapMap,
  height: (at: number) => number,
  from: (height: number) => number,
  kind: string
): Markup => {
  const path = stretches(map.cells, height)
    .filter(({ kind }) => kind > 0)
    .map(({ end, kind, start }) => {
      const x = unitsOf(start, map.range)
      const width = unitsOf(end + 1, map.range) - x
      return `M${x} ${from(kind)}h${width}v${kind}h-${width}z`
    })
  return path.length === 0 ? html`` : html`<path class="${kind}" d="${path.join("")}"/>`
}

/** Stretches of cells that lack something. */
const lacking = ({ cells }: GapMap.GapMap): ReadonlyArray<GapMap.Range> =>
  stretches(cells, (at) => ((cells[at]?.missing ?? 0) > 0 ? 1 : 0)).filter(({ kind }) => kind === 1)

const placeOf = (stretch: GapMap.Range, range: GapMap.Range): { readonly x: string; readonly width: string } => {
  const from = shareOf(stretch.start, range)
  return { x: percent(from), width: percent(shareOf(stretch.end + 1, range) - from) }
}

/** Hatching where something is missing, covered from above where less was expected, and from below where it came. */
const strip = (map: GapMap.GapMap, top: number, height: number, by: MapAxis["height"]): Markup => {
  const levels = levelsOf(map, height, by)
  const hatched = lacking(map).map((stretch) => {
    const { width, x } = placeOf(stretch, map.range)
    return html`<rect fill="url(#hatch)" x="${x}" y="${top}" width="${width}" height="${height}"/>`
  })
  const unexpected = bars(
    map,
    (at) => ((map.cells[at]?.missing ?? 0) > 0 ? height - (levels[at]?.expected ?? 0) : 0),
    () => 0,
    "quiet"
  )
  const came = bars(
    map,
    (at) => levels[at]?.came ?? 0,
    (level) => height - level,
    "present"
  )
  return html`<g shape-rendering="crispEdges">${hatched}<svg aria-hidden="true" focusable="false" y="${top}" width="100%" height="${height}" viewBox="0 0 ${across} ${height}" preserveAspectRatio="none">${unexpected}${came}</svg></g>`
}

/** A small map without axes, for a table that has the figures. */
export const thumbnail = (map: GapMap.GapMap): Markup =>
  html`<svg class="thumbnail" aria-hidden="true" focusable="false">${strip(map, 0, 14, "share")}</svg>`

/** What a map is drawn with. */
export interface MapOptions {
  /** Unique in the document. */
  readonly id: string
  readonly axis: MapAxis
  /** What the picture shows, for those who do not see it. */
  readonly description: string
  /** Stretches that lack something. */
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

/** The map, and a note on its labels where there is one. */
export const render = (
  map: GapMap.GapMap,
  { axis: mapAxis, description, id, names, places }: MapOptions
): { readonly svg: Markup; readonly note: string | undefined } => {
  const { range } = map
  const middles = places.flatMap((place, at): ReadonlyArray<Label> => {
    const share = (shareOf(place.start, range) + shareOf(place.end + 1, range)) / 2
    const anchor = share < 0.02 ? "start" : share > 0.98 ? "end" : "middle"
    return names[at] === undefined ? [] : [{ share, text: names[at], anchor }]
  })
  const numbers = withRoom(middles)
  const marksAt = numbers.length > 0 ? 18 : 2
  const top = marksAt + 9
  const height = mapAxis.height === "volume" ? 72 : 46
  const { note, rows } = mapAxis.labels(range, places)
  const bottom = top + height + 22 * rows.length
  const svg = html`<svg class="map" role="img" aria-labelledby="${id}-title ${id}-text" height="${bottom}"><title id="${id}-title">${mapAxis.title(range)}</title><desc id="${id}-text">${description}</desc>${numbers.map(
    ({ anchor, share, text, tier }) =>
      html`<text class="number ${tier}" x="${percent(share)}" y="12" text-anchor="${anchor}">${text}</text>`
  )}<g shape-rendering="crispEdges">${lacking(map).map((stretch) => mark(stretch, range, marksAt))}</g>${strip(map, top, height, mapAxis.height)}${rules(map, top, height)}<rect class="frame" y="${top}" width="100%" height="${height}" shape-rendering="crispEdges"/>${rows.flatMap((labels, at) => axis(labels, top + height + 22 * at))}</svg>`
  return { svg, note }
}

/** A mark over what lacks anything; the line inside keeps the narrowest visible. */
const mark = (stretch: GapMap.Range, range: GapMap.Range, y: number): Markup => {
  const { width, x } = placeOf(stretch, range)
  const middle = percent((shareOf(stretch.start, range) + shareOf(stretch.end + 1, range)) / 2)
  return html`<rect class="absent" x="${x}" y="${y}" width="${width}" height="6"/><line class="spot" x1="${middle}" x2="${middle}" y1="${y}" y2="${y + 6}"/>`
}

const sample = (shapes: Markup): Markup => html`<svg aria-hidden="true" focusable="false">${shapes}</svg>`

/** What the map's shapes mean; `one` is what may be missing alone. */
export const legend = (one: string, by: MapAxis["height"]): Markup =>
  html`<ul class="legend"><li>${sample(html`<rect class="present" width="16" height="14"/>`)}came</li><li>${sample(
    html`<rect fill="url(#hatch)" width="16" height="14"/>`
  )}missing</li>${
    by === "volume"
      ? html`<li>${sample(
          html`<rect fill="url(#hatch)" x="5" width="6" height="14"/><rect class="present" y="9" width="5" height="5"/><rect class="present" x="5" y="7" width="6" height="7"/><rect class="present" x="11" y="4" width="5" height="10"/>`
        )}as high as events were expected, filled as far as they came</li>`
      : html`<li>${sample(
          html`<rect fill="url(#hatch)" width="16" height="14"/><rect class="present" y="6" width="16" height="8"/>`
        )}partly missing: filled as far as it came</li>`
  }<li>${sample(html`<rect class="absent" y="4" width="16" height="5"/>`)}something is missing here, be it a single ${one}</li></ul>`
