/** Gap maps within gap maps: a closer look at the places that lack something, down to single indices, without a script. */
import * as DisplayText from "../../source/DisplayText.js"
import * as GapMap from "../GapMap.js"
import * as Verdict from "../Verdict.js"
import * as HtmlReportMap from "./HtmlReportMap.js"
import { html, type Markup } from "./Markup.js"

const { grouped } = DisplayText

const counted = (count: number, one: string, many?: string): string => Verdict.counted(count, one, many, grouped)

/** How finely the strips are divided: a cell is about four pixels wide. */
const cells = 240

/** A place and its own map; within it the places that are worth another look. */
interface Zoom {
  readonly place: GapMap.Place
  readonly map: GapMap.GapMap
  readonly inner: ReadonlyArray<Zoom>
}

const isExact = (map: GapMap.GapMap): boolean => map.cells.every(({ first, last }) => first === last)

/** The places of a map that a closer look tells more of: their maps would be finer. */
const worthZooming = (map: GapMap.GapMap, most: number): ReadonlyArray<GapMap.Place> => {
  const size = map.range.end - map.range.start + 1
  return isExact(map)
    ? []
    : GapMap.places(map, most).filter((place) => {
        const window = GapMap.around(place, map.range)
        return window.end - window.start + 1 <= 0.7 * size
      })
}

/** How many maps a section may have besides the first: of places, and of places within them. */
export interface ZoomLimits {
  readonly outer: number
  readonly inner: number
}

/** Two levels, each in one pass over what was seen. */
const zoomsOf = (seen: GapMap.Seen, whole: GapMap.GapMap, limits: ZoomLimits): ReadonlyArray<Zoom> => {
  const outer = worthZooming(whole, limits.outer)
  const outerMaps = GapMap.maps(
    seen,
    outer.map((place) => GapMap.around(place, whole.range)),
    cells
  )
  const inner = outerMaps.map((map, at) =>
    (outer[at]?.gaps ?? 0) > 1 && limits.inner >= outer.length
      ? worthZooming(map, Math.floor(limits.inner / outer.length))
      : []
  )
  const windows = inner.map((found, at) =>
    found.map((place) => GapMap.around(place, outerMaps[at]?.range ?? whole.range))
  )
  const innerMaps = GapMap.maps(seen, windows.flat(), cells)
  let next = 0
  return outer.flatMap((place, at): ReadonlyArray<Zoom> => {
    const map = outerMaps[at]
    if (map === undefined) return []
    const within = (inner[at] ?? []).flatMap((one): ReadonlyArray<Zoom> => {
      const finer = innerMaps[next++]
      return finer === undefined ? [] : [{ place: one, map: finer, inner: [] }]
    })
    return [{ place, map, inner: within }]
  })
}

const cellNote = (map: GapMap.GapMap): string => {
  const most = Math.max(...map.cells.map(({ first, last }) => last - first + 1))
  return most === 1 ? "Each step is one index." : `Each step is up to ${counted(most, "index", "indices")}.`
}

const described = (map: GapMap.GapMap, places: ReadonlyArray<GapMap.Place>): string => {
  const missing = map.cells.reduce((sum, cell) => sum + cell.missing, 0)
  if (missing === 0) return `All of ${HtmlReportMap.rangeText(map.range)} came.`
  const at = places.slice(0, 12).map((place) => `${HtmlReportMap.rangeText(place)} lacks ${grouped(place.missing)}`)
  const more = places.length > 12 ? "; and more" : ""
  return `${counted(missing, "index is", "indices are")} missing of ${HtmlReportMap.rangeText(map.range)}: ${at.join("; ")}${more}.`
}

const drawing = (
  map: GapMap.GapMap,
  seen: GapMap.Seen,
  id: string,
  places: ReadonlyArray<GapMap.Place>,
  names: ReadonlyArray<string>
): Markup => {
  const { svg, timeNote } = HtmlReportMap.render(map, {
    id,
    seen,
    places,
    names,
    title: `Gap map of the indices ${HtmlReportMap.rangeText(map.range)}`,
    description: described(map, places)
  })
  return html`<figure><figcaption>Indices ${HtmlReportMap.rangeText(map.range)}. ${cellNote(map)}${
    timeNote === undefined ? "" : ` Event times: ${timeNote}.`
  }</figcaption>${svg}</figure>`
}

/** What a map's own axis tells times of. */
const placesIn = (map: GapMap.GapMap): ReadonlyArray<GapMap.Place> => GapMap.places(map, 12)

const zoom = ({ inner, map, place }: Zoom, seen: GapMap.Seen, name: string, id: string, open: boolean): Markup => {
  const names = inner.map((_, at) => `${name}.${at + 1}`)
  const places = inner.length > 0 ? inner.map((one) => one.place) : placesIn(map)
  return html`<details class="place" id="${id}"${open ? html` open` : undefined}><summary><span class="badge">${name}</span><b>${HtmlReportMap.rangeText(place)}</b>: ${counted(place.missing, "index", "indices")} missing${
    place.gaps > 1 ? ` in ${grouped(place.gaps)} gaps` : ""
  }</summary>${drawing(map, seen, `${id}-map`, places, names)}${inner.map((one, at) =>
    zoom(one, seen, names[at] ?? "", `${id}-${at + 1}`, false)
  )}</details>`
}

/** The map of `range`, and the places worth a closer look; `id` is unique in the document. */
export const render = (range: GapMap.Range, seen: GapMap.Seen, id: string, limits: ZoomLimits): Markup => {
  const whole = GapMap.make(seen, range, cells)
  const zooms = zoomsOf(seen, whole, limits)
  const names = zooms.map((_, at) => `${at + 1}`)
  const places = zooms.length > 0 ? zooms.map(({ place }) => place) : placesIn(whole)
  const most = Math.max(...zooms.map(({ place }) => place.missing))
  const largest = zooms.findIndex(({ place }) => place.missing === most)
  return html`<h3>Gap map</h3>${drawing(whole, seen, `${id}-map`, places, names)}${HtmlReportMap.legend}${
    zooms.length === 0
      ? undefined
      : html`<h3>A closer look</h3><div>${zooms.map((one, at) =>
          zoom(one, seen, names[at] ?? "", `${id}-place-${at + 1}`, zooms.length <= 4 || at === largest)
        )}</div>`
  }`
}
