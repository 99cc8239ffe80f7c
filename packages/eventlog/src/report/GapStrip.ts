/** A gap map for a terminal: the range as a strip, each column shaded by how much of it came. */
import * as DisplayText from "../source/DisplayText.js"
import * as GapMap from "./GapMap.js"

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
  { unicode: "█", ascii: "#", meaning: "all", fits: ({ missing }) => missing === 0 },
  { unicode: "▓", ascii: "=", meaning: "2/3 or more", fits: (_, coverage) => coverage >= 2 / 3 },
  { unicode: "▒", ascii: "-", meaning: "1/3 or more", fits: (_, coverage) => coverage >= 1 / 3 },
  { unicode: "░", ascii: ".", meaning: "less", fits: ({ present }) => present > 0 },
  { unicode: " ", ascii: " ", meaning: "none", fits: () => true }
]

const shadeOf = (cell: GapMap.Cell): Shade | undefined =>
  shades.find(({ fits }) => fits(cell, cell.present / (cell.present + cell.missing)))

/** Neighbours of one kind are painted together: fewer escape sequences, the same picture. */
const painted = (
  cells: ReadonlyArray<GapMap.Cell>,
  each: number,
  character: (cell: GapMap.Cell) => string,
  style: GapStripStyle
): string => {
  let line = ""
  let part = ""
  let whole = true
  const flush = () => {
    line += part.trim() === "" ? part : whole ? style.good(part) : style.bad(part)
    part = ""
  }
  for (const cell of cells) {
    if ((cell.missing === 0) !== whole) flush()
    whole = cell.missing === 0
    part += character(cell).repeat(each)
  }
  flush()
  return line
}

/** The first index under its column, the last flush right, and those at the quarters where there is room. */
const axis = (cells: ReadonlyArray<GapMap.Cell>, each: number, end: number): string => {
  const width = cells.length * each
  const last = `${end}`
  const [first] = cells
  if (first === undefined || first.first === end) return last
  const start = `${first.first}`
  if (start.length + 1 + last.length > width) return `${start} to ${last}`
  let line = start
  for (const quarter of [1, 2, 3]) {
    const cell = cells[Math.floor((cells.length * quarter) / 4)]
    if (cell === undefined) continue
    const label = `${cell.first}`
    const column = Math.floor((cells.length * quarter) / 4) * each
    if (column < line.length + 3 || column + label.length + 3 > width - last.length) continue
    line = line.padEnd(column) + label
  }
  return line.padEnd(width - last.length) + last
}

/** The keys that the strip uses, never broken in the middle. */
const legend = (cells: ReadonlyArray<GapMap.Cell>, each: number, style: GapStripStyle): ReadonlyArray<string> => {
  const used = shades.filter((shade) => cells.some((cell) => shadeOf(cell) === shade))
  const sizes = cells.map(({ first, last }) => last - first + 1)
  const most = Math.max(...sizes)
  const columns = each === 1 ? "a column is" : `${each} columns are`
  const size = `${Math.min(...sizes) === most ? "" : "up to "}${most === 1 ? "1 index" : `${most} indices`}`
  const keys = [
    `${columns} ${size}`,
    ...used.map(({ ascii, meaning, unicode }) =>
      `${style.unicode ? unicode : ascii} ${meaning}`.replace(/^ /, "blank")
    ),
    ...(cells.some(({ missing }) => missing > 0) ? [`${style.unicode ? "▲" : "^"} something missing`] : [])
  ]
  return DisplayText.wrap(keys.map((key) => key.replaceAll(" ", "\u00a0")).join(", "), style.width - 2).map((line) =>
    line.replaceAll("\u00a0", " ")
  )
}

/** Narrower than this, a strip shows nothing. */
const narrowest = 24

/**
 * The strip, its marks, its axis and its legend, indented by two. Every column that lacks anything has a mark below it, so
 * that one missing index in a million is seen. Nothing where there is no room.
 */
export const render = (seen: GapMap.Seen, range: GapMap.Range, style: GapStripStyle): ReadonlyArray<string> => {
  const room = style.width - 4
  if (room < narrowest) return []
  const { cells } = GapMap.make(seen, range, room)
  const each = Math.max(1, Math.floor(room / cells.length))
  const mark = style.unicode ? "▲" : "^"
  const edges = style.unicode ? (["▕", "▏"] as const) : (["|", "|"] as const)
  const strip = painted(cells, each, (cell) => shadeOf(cell)?.[style.unicode ? "unicode" : "ascii"] ?? " ", style)
  const marks = painted(cells, each, ({ missing }) => (missing > 0 ? mark : " "), style).trimEnd()
  return [
    ` ${style.faint(edges[0])}${strip}${style.faint(edges[1])}`,
    ...(marks === "" ? [] : [`  ${marks}`]),
    `  ${style.faint(axis(cells, each, range.end))}`,
    ...legend(cells, each, style).map((line) => `  ${style.faint(line)}`)
  ]
}
