/** Labels along a map: each stands where it belongs, and only where it has room on the page that is read. */
import { html, type Markup } from "../Markup.js"

/** A label under or over the strip: where it stands, and how it is aligned there. */
export interface Label {
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
export interface Placed extends Label {
  readonly tier: (typeof tiers)[number]["name"]
}

const spanOf = ({ anchor, share, text }: Label, character: number): readonly [number, number] => {
  const width = text.length * character
  const from = anchor === "start" ? share : anchor === "end" ? share - width : share - width / 2
  return [from - character / 2, from + width + character / 2]
}

/** The labels that have room, the first ones first. Where a map is narrower than its page, a character takes `scale` times as much of it. */
export const withRoom = (labels: ReadonlyArray<Label>, scale = 1): ReadonlyArray<Placed> => {
  const kept: Array<Placed> = []
  for (const { character: onWholePage, name } of tiers) {
    const character = onWholePage * scale
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

/** Everything across is in percent, so that the map is as wide as its page while its text keeps its size. */
export const percent = (part: number): string => `${Number((100 * part).toFixed(3))}%`

/** The labels with their ticks, below `y`. */
export const axis = (labels: ReadonlyArray<Placed>, y: number): ReadonlyArray<Markup> =>
  labels.map(
    ({ anchor, share, text, tier }) =>
      html`<g class="${tier}"><line class="tick" x1="${percent(share)}" x2="${percent(share)}" y1="${y}" y2="${y + 5}"/><text x="${percent(share)}" y="${y + 17}" text-anchor="${anchor}">${text}</text></g>`
  )
