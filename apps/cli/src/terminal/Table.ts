/** Tables that fit the terminal. */
import * as DisplayText from "@genesys-replay/eventlog/DisplayText"
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

/** The text, its end left out where it is wider than `width`; its colours go with the end. */
export const cut = (text: string, width: number): string =>
  DisplayText.width(text) <= width ? text : DisplayText.cut(strip(text), width, "…")

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
    Math.max(column.title.length, ...rows.map((row) => DisplayText.width(row[index] ?? "")))
  )
  const widths = fitted(columns, full, width)
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
  return [line(columns.map(({ title }) => title)), ...rows.map(line)].join("\n")
}
