/** Tables that fit the terminal. */
import { strip } from "./Style.js"

// A name that is cut shorter than this names nothing; the table then is wider than the terminal.
const narrowest = 16

/** A column; `right` for figures, `shrink` for one that gives way when the table is too wide. */
export interface Column {
  readonly title: string
  readonly right?: boolean
  readonly shrink?: boolean
  /** How narrow a column that gives way may become; 16. */
  readonly least?: number
}

const shown = (text: string): number => strip(text).length

/** The text, its end left out where it is wider than `width`. */
export const cut = (text: string, width: number): string =>
  shown(text) <= width ? text : `${strip(text).slice(0, Math.max(0, width - 1))}…`

const pad = (text: string, width: number, right: boolean): string => {
  const blanks = " ".repeat(Math.max(0, width - shown(text)))
  return right ? blanks + text : text + blanks
}

// The widths after the widest of the columns that may has given way, again and again, until the table fits.
const fitted = (columns: ReadonlyArray<Column>, full: ReadonlyArray<number>, width: number): ReadonlyArray<number> => {
  const widths = [...full]
  const spare = (index: number): number => {
    const { least = narrowest, shrink } = columns[index] ?? { title: "" }
    return shrink === true ? Math.max(0, (widths[index] ?? 0) - least) : 0
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

/** The table as lines, two blanks between columns, at most `width` wide where columns may shrink. */
export const render = (
  columns: ReadonlyArray<Column>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  width: number
): string => {
  const full = columns.map((column, index) =>
    Math.max(column.title.length, ...rows.map((row) => shown(row[index] ?? "")))
  )
  const widths = fitted(columns, full, width)
  const line = (cells: ReadonlyArray<string>): string =>
    columns
      .map((column, index) =>
        pad(cut(cells[index] ?? "", widths[index] ?? 0), widths[index] ?? 0, column.right === true)
      )
      .join("  ")
      .trimEnd()
  return [line(columns.map(({ title }) => title)), ...rows.map(line)].join("\n")
}
