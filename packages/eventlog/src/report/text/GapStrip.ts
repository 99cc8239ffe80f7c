/** A gap map for a terminal: the range as a strip, each column shaded by how much of it came. */
import * as DisplayText from "../../source/DisplayText.js"
import * as GapMap from "../map/GapMap.js"

/** How the strip is drawn. */
export interface GapStripStyle {
  /** Columns. */
  readonly width: number
  /** Characters beyond ASCII. */
  readonly unicode: boolean
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly faint: (text: string) => string
}

interface Shade {
  readonly unicode: string
  readonly ascii: string
  readonly meaning: string
  readonly fits: (cell: GapMap.Cell, coverage: number) => boolean
}

/** From all to none; the first that fits is taken. */
const shades: ReadonlyArray<Shade> = [
  { unicode: "·", ascii: "_", meaning: "none expected", fits: ({ missing, present }) => missing + present === 0 },
  { unicode: "█", ascii: "#", meaning: "all", fits: ({ missing }) => missing === 0 },
  { unicode: "▓", ascii: "=", meaning: "2/3 or more", fits: (_, coverage) => coverage >= 2 / 3 },
  { unicode: "▒", ascii: "-", meaning: "1/3 or more", fits: (_, coverage) => coverage >= 1 / 3 },
  { unicode: "░", ascii: ".", meaning: "less", fits: ({ present }) => present > 0 },
  { unicode: " ", ascii: " ", meaning: "none", fits: () => true }
]

const shadeOf = (cell: GapMap.Cell): Shade | undefined =>
  shades.find(({ fits }) => fits(cell, cell.present / (cell.present + cell.missing)))

type Kind = "good" | "bad" | "faint"

const kindOf = ({ missing, present }: GapMap.Cell): Kind => (missing > 0 ? "bad" : present > 0 ? "good" : "faint")

/** Neighbours of one kind are painted together: fewer escape sequences, the same picture. */
const painted = (
  cells: ReadonlyArray<GapMap.Cell>,
  each: number,
  character: (cell: GapMap.Cell) => string,
  style: GapStripStyle
): string => {
  let line = ""
  let part = ""
  let kind: Kind = "good"
  const flush = () => {
    line += part.trim() === "" ? part : style[kind](part)
    part = ""
  }
  for (const cell of cells) {
    if (kindOf(cell) !== kind) flush()
    kind = kindOf(cell)
    part += character(cell).repeat(each)
  }
  flush()
  return line
}

/** How many columns each of `cells` takes of `room`. */
export const columnsOf = (cells: ReadonlyArray<GapMap.Cell>, room: number): number =>
  Math.max(1, Math.floor(room / cells.length))

/**
 * The strip between its edges, and below it the marks: every column that lacks anything has one, so that one missing index in a million is
 * seen. No marks where nothing is missing.
 */
export const lines = (
  cells: ReadonlyArray<GapMap.Cell>,
  each: number,
  style: GapStripStyle
): { readonly strip: string; readonly marks: string } => {
  const edges = style.unicode ? (["▕", "▏"] as const) : (["|", "|"] as const)
  const mark = style.unicode ? "▲" : "^"
  const shade = (cell: GapMap.Cell) => shadeOf(cell)?.[style.unicode ? "unicode" : "ascii"] ?? " "
  return {
    strip: style.faint(edges[0]) + painted(cells, each, shade, style) + style.faint(edges[1]),
    marks: painted(cells, each, ({ missing }) => (missing > 0 ? mark : " "), style).trimEnd()
  }
}

/** A label below the column at which it stands. */
export interface Tick {
  readonly column: number
  readonly text: string
}

/** The first label flush left, the last flush right, and of those between them the ones that have room. */
export const axis = (start: string, ticks: ReadonlyArray<Tick>, end: string, width: number): string => {
  const room = width - DisplayText.width(end)
  if (start.length + 1 > room) return `${start} to ${end}`
  let line = start
  for (const { column, text } of ticks) {
    if (column < line.length + 3 || column + text.length + 3 > room) continue
    line = line.padEnd(column) + text
  }
  return line.padEnd(room) + end
}

/** The keys that the strips use, never broken in the middle; `size` says how much a column is. */
export const legend = (
  cells: ReadonlyArray<GapMap.Cell>,
  each: number,
  size: string,
  style: GapStripStyle
): ReadonlyArray<string> => {
  const used = shades.filter((shade) => cells.some((cell) => shadeOf(cell) === shade))
  const keys = [
    `${each === 1 ? "a column is" : `${each} columns are`} ${size}`,
    ...used.map(({ ascii, meaning, unicode }) =>
      `${style.unicode ? unicode : ascii} ${meaning}`.replace(/^ /, "blank")
    ),
    ...(cells.some(({ missing }) => missing > 0) ? [`${style.unicode ? "▲" : "^"} something missing`] : [])
  ]
  return DisplayText.wrap(keys.map((key) => key.replaceAll(" ", "\u00a0")).join(", "), style.width - 2).map((line) =>
    line.replaceAll("\u00a0", " ")
  )
}

/** How many positions a cell has: `16667`, or `up to 16667` where they are not all alike. */
export const sizeOf = (cells: ReadonlyArray<GapMap.Cell>): { readonly most: number; readonly prefix: string } => {
  const sizes = cells.map(({ first, last }) => last - first + 1)
  const most = Math.max(...sizes)
  return { most, prefix: Math.min(...sizes) === most ? "" : "up to " }
}

/** Narrower than this, a strip shows nothing. */
export const narrowest = 24

const quarters = (cells: ReadonlyArray<GapMap.Cell>, each: number): ReadonlyArray<Tick> =>
  [1, 2, 3].flatMap((quarter) => {
    const at = Math.floor((cells.length * quarter) / 4)
    const cell = cells[at]
    return cell === undefined ? [] : [{ column: at * each, text: `${cell.first}` }]
  })

/**
 * The strip of a sequence, its marks, its axis of indices and its legend, indented by two. Nothing where there is no room.
 */
export const render = (indices: GapMap.Positions, style: GapStripStyle): ReadonlyArray<string> => {
  const room = style.width - 4
  if (room < narrowest) return []
  const { range } = indices
  const { cells } = GapMap.make(indices, range, room)
  const each = columnsOf(cells, room)
  const { marks, strip } = lines(cells, each, style)
  const { most, prefix } = sizeOf(cells)
  const size = `${prefix}${most === 1 ? "1 index" : `${most} indices`}`
  const labels =
    range.start === range.end
      ? `${range.end}`
      : axis(`${range.start}`, quarters(cells, each), `${range.end}`, cells.length * each)
  return [
    ` ${strip}`,
    ...(marks === "" ? [] : [`  ${marks}`]),
    `  ${style.faint(labels)}`,
    ...legend(cells, each, size, style).map((line) => `  ${style.faint(line)}`)
  ]
}
