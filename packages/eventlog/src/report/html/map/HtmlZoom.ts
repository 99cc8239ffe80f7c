/** Gap maps within gap maps: a closer look at the places that lack something, down to single positions, without a script. */
import * as DisplayText from "../../../source/DisplayText.js"
import * as GapMap from "../../map/GapMap.js"
import { html, type Markup } from "../Markup.js"
import * as HtmlMap from "./HtmlMap.js"
import type { MapAxis } from "./MapAxis.js"

const { grouped } = DisplayText

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
const zoomsOf = (positions: GapMap.Positions, whole: GapMap.GapMap, limits: ZoomLimits): ReadonlyArray<Zoom> => {
  const outer = worthZooming(whole, limits.outer)
  const outerMaps = positions.maps(
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
  const innerMaps = positions.maps(windows.flat(), cells)
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

/** What is drawn, and how it is spoken of. */
export interface Drawn {
  readonly positions: GapMap.Positions
  readonly axis: MapAxis
}

const described = (map: GapMap.GapMap, places: ReadonlyArray<GapMap.Place>, axis: MapAxis): string => {
  const missing = map.cells.reduce((sum, cell) => sum + cell.missing, 0)
  if (missing === 0) return `All of ${axis.rangeText(map.range)} came.`
  const at = places.slice(0, 12).map((place) => `${axis.rangeText(place)} lacks ${grouped(place.missing)}`)
  const more = places.length > 12 ? "; and more" : ""
  const are = missing === 1 ? "is" : "are"
  return `${axis.counted(missing)} ${are} missing of ${axis.rangeText(map.range)}: ${at.join("; ")}${more}.`
}

const drawing = (
  map: GapMap.GapMap,
  axis: MapAxis,
  id: string,
  places: ReadonlyArray<GapMap.Place>,
  names: ReadonlyArray<string>
): Markup => {
  const { note, svg } = HtmlMap.render(map, { id, axis, places, names, description: described(map, places, axis) })
  return html`<figure><figcaption>${axis.caption(map)}${note === undefined ? "" : ` ${note}`}</figcaption>${svg}</figure>`
}

/** What a map's own axis tells times of. */
const placesIn = (map: GapMap.GapMap): ReadonlyArray<GapMap.Place> => GapMap.places(map, 12)

const zoom = ({ inner, map, place }: Zoom, axis: MapAxis, name: string, id: string, open: boolean): Markup => {
  const names = inner.map((_, at) => `${name}.${at + 1}`)
  const places = inner.length > 0 ? inner.map((one) => one.place) : placesIn(map)
  return html`<details class="place" id="${id}"${open ? html` open` : undefined}><summary><span class="badge">${name}</span><b>${axis.rangeText(place)}</b>: ${axis.counted(place.missing)} missing${
    place.gaps > 1 ? ` in ${grouped(place.gaps)} gaps` : ""
  }</summary>${drawing(map, axis, `${id}-map`, places, names)}${inner.map((one, at) =>
    zoom(one, axis, names[at] ?? "", `${id}-${at + 1}`, false)
  )}</details>`
}

/** The map of all positions, and the places worth a closer look; `id` is unique in the document. */
export const render = ({ axis, positions }: Drawn, id: string, limits: ZoomLimits): Markup => {
  const whole = GapMap.make(positions, positions.range, cells)
  const zooms = zoomsOf(positions, whole, limits)
  const names = zooms.map((_, at) => `${at + 1}`)
  const places = zooms.length > 0 ? zooms.map(({ place }) => place) : placesIn(whole)
  const most = Math.max(...zooms.map(({ place }) => place.missing))
  const largest = zooms.findIndex(({ place }) => place.missing === most)
  return html`${drawing(whole, axis, `${id}-map`, places, names)}${HtmlMap.legend(axis.one, axis.height)}${
    zooms.length === 0
      ? undefined
      : html`<h3>A closer look</h3><div>${zooms.map((one, at) =>
          zoom(one, axis, names[at] ?? "", `${id}-place-${at + 1}`, zooms.length <= 4 || at === largest)
        )}</div>`
  }`
}
