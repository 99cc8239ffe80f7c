/** Tables that fit the terminal. */
import * as DisplayText from "@genesys-replay/eventlog/DisplayText"
import type { Output } from "./Screen.js"
import * as Style from "./Style.js"

// A name that is cut shorter than this names nothing; the table then is wider than the terminal.
const narrowest = 16

/** A column; `right` for figures, `shrink` for one that gives way when the table is too wide. */
export interface Column {
  readonly title: string
  readonly right?: boolean
  readonly shrink?: boolean
  /** How narrow a column that gives way may become; 16. */
  readonly least?: number
  /** Left out where the table is too wide with it, however narrow the others are; the last of several first. */
  readonly optional?: boolean
}

/** The text, its end left out where it is wider than `width`; its colours go with the end. */
export const cut = (text: string, width: number): string =>
  DisplayText.width(text) <= width ? text : DisplayText.cut(Style.strip(text), width, "…")

// How narrow a column of this width may become.
const leastOf = ({ least = narrowest, shrink }: Column, full: number): number =>
  shrink === true ? Math.min(full, least) : full

// The columns that there is room for, by their places.
const roomFor = (columns: ReadonlyArray<Column>, full: ReadonlyArray<number>, width: number): ReadonlyArray<number> => {
  let kept = columns.map((_, index) => index)
  const tooWide = () =>
    kept.reduce((sum, index) => sum + leastOf(columns[index] ?? { title: "" }, full[index] ?? 0) + 2, -2) > width
  while (tooWide()) {
    const last = kept.findLast((index) => columns[index]?.optional === true)
    if (last === undefined) break
    kept = kept.filter((index) => index !== last)
  }
  return kept
}

// The widths after the widest of the columns that may has given way, again and again, until the table fits.
const fitted = (columns: ReadonlyArray<Column>, full: ReadonlyArray<number>, width: number): ReadonlyArray<number> => {
  const widths = [...full]
  const spare = (index: number): number => {
    const now = widths[index] ?? 0
    return now - leastOf(columns[index] ?? { title: "" }, now)
  }
  let over = widths.reduce((sum, each) => sum + each, 0) + 2 * (columns.length - 1) - width
  while (over > 0) {
    const [widest] = widths.map((_, index) => index).sort((one, other) => spare(other) - spare(one))
    if (widest === undefined || spare(widest) === 0) break
    widths[widest] = (widths[widest] ?? 0) - 1
    over -= 1
  }
  return widths
}

/** The table as lines, two blanks between columns, at most `width` wide where enough columns may shrink or be left out. */
export const render = (
  all: ReadonlyArray<Column>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  width: number
): string => {
  const widest = all.map((column, index) =>
    rows.reduce((most, row) => Math.max(most, DisplayText.width(row[index] ?? "")), column.title.length)
  )
  const kept = roomFor(all, widest, width)
  const of = <A>(cells: ReadonlyArray<A>): ReadonlyArray<A> => kept.flatMap((index) => cells.slice(index, index + 1))
  const columns = of(all)
  const widths = fitted(columns, of(widest), width)
  const line = (cells: ReadonlyArray<string>): string =>
    columns
      .map((column, index) =>
        (column.right === true ? DisplayText.padStart : DisplayText.padEnd)(
          cut(cells[index] ?? "", widths[index] ?? 0),
          widths[index] ?? 0
        )
      )
      .join("  ")
      .trimEnd()
  return [line(columns.map(({ title }) => title)), ...rows.map((row) => line(of(row)))].join("\n")
}

// An ARN by its resource, which is what tells it from others; whatever is still too wide without its middle.
const shortId = (id: string, width: number): string => {
  if (DisplayText.width(id) <= width) return id
  const [resource = id] = /(?<=^arn:(?:[^:]*:){4}).+$/.exec(id) ?? []
  return DisplayText.cutMiddle(resource === id ? id : `…${resource}`, width, "…")
}

/**
 * The table with an id for each row, as its last column; an id may be empty. Where the table is too wide with them, each stands on a line of
 * its own, whole if that fits, as one that is cut names nothing.
 */
export const renderWithIds = (
  columns: ReadonlyArray<Column>,
  rows: ReadonlyArray<{ readonly cells: ReadonlyArray<string>; readonly id: string }>,
  output: Pick<Output, "colour" | "width">
): string => {
  const width = output.width()
  const whole = render(
    [...columns, { title: "ID" }],
    rows.map(({ cells, id }) => [...cells, id]),
    width
  )
  if (whole.split("\n").every((line) => DisplayText.width(line) <= width)) return whole
  const [titles = "", ...lines] = render(
    columns,
    rows.map(({ cells }) => cells),
    width
  ).split("\n")
  const style = Style.of(output)
  const below = (id: string): ReadonlyArray<string> =>
    id === "" ? [] : [`  ${style("dim", shortId(id, width - "  ".length))}`]
  return [titles, ...rows.flatMap(({ id }, index) => [lines[index] ?? "", ...below(id)])].join("\n")
}
