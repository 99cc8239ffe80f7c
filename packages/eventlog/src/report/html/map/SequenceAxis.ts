/** The axis of a sequence: its indices, and the event times that are known of them. */
import { Instant, Plural } from "@genesys-replay/domain"
import { DateTime, Option } from "effect"
import * as DisplayText from "../../../source/DisplayText.js"
import type * as GapMap from "../../map/GapMap.js"
import type { Seen } from "../../map/SequenceMap.js"
import type { MapAxis } from "./MapAxis.js"
import { type Label, type Placed, withRoom } from "./MapLabel.js"

const { grouped } = DisplayText

/** `812,345 – 812,360`; one index alone. */
export const rangeText = ({ end, start }: GapMap.Range): string =>
  start === end ? grouped(start) : `${grouped(start)} – ${grouped(end)}`

const counted = (count: number): string => Plural.counted(count, "index", "indices", grouped)

const shareOf = (index: number, range: GapMap.Range): number => (index - range.start) / (range.end - range.start + 1)

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

const momentAt = (seen: Seen, index: number, share: number, anchor: Label["anchor"]): ReadonlyArray<Moment> => {
  const time = seen.timeOf(index)
  if (time === undefined) return []
  return Option.match(Instant.parse(time), { onNone: () => [], onSome: (instant) => [{ share, anchor, instant }] })
}

/** The moments that are known: at the ends of the range, and on either side of its places. */
const moments = (seen: Seen, range: GapMap.Range, places: ReadonlyArray<GapMap.Range>): ReadonlyArray<Moment> => [
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
  const note = `Event times: ${days.size > 1 ? "month, day and time in UTC" : `UTC on ${day}`}.`
  return {
    labels: withRoom(known.map(({ anchor, instant, share }) => ({ anchor, share, text: text(instant) }))),
    note: known.length === 0 ? undefined : note
  }
}

const caption = (map: GapMap.GapMap): string => {
  const most = Math.max(...map.cells.map(({ first, last }) => last - first + 1))
  return `Indices ${rangeText(map.range)}. ${most === 1 ? "Each step is one index." : `Each step is up to ${counted(most)}.`}`
}

/** The axis of the sequence that `seen` tells of. */
export const make = (seen: Seen): MapAxis => ({
  title: (range) => `Gap map of the indices ${rangeText(range)}`,
  caption,
  rangeText,
  counted,
  one: "index",
  labels: (range, places) => {
    const times = timeLabels(moments(seen, range, places))
    return { rows: [indexLabels(range), ...(times.labels.length > 0 ? [times.labels] : [])], note: times.note }
  },
  height: "share"
})
