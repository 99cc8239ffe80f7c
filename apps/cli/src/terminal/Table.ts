/** Tables that fit the terminal. */
import { strip } from "./Style.js"

// A name that is cut shorter than this names nothing; the table then is wider than the terminal.
const narrowest = 16

/** A column; `right` for figures, `shrink` for the one that gives way when the table is too wide. */
export interface Column {
  readonly title: string
  readonly right?: boolean
  readonly shrink?: boolean
}

const shown = (text: string): number => strip(text).length

const cut = (text: string, width: number): string =>
  shown(text) <= width ? text : `${strip(text).slice(0, Math.max(0, width - 1))}…`

const pad = (text: string, width: number, right: boolean): string => {
  const blanks = " ".repeat(Math.max(0, width - shown(text)))
  return right ? blanks + text : text + blanks
}

/** The table as lines, two blanks between columns, at most `width` wide where a column may shrink. */
export const render = (
  columns: ReadonlyArray<Column>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  width: number
): string => {
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...rows.map((row) => shown(row[index] ?? "")))
  )
  const total = widths.reduce((sum, each) => sum + each, 0) + 2 * (columns.length - 1)
  const shrinking = columns.findIndex((column) => column.shrink === true)
  if (total > width && shrinking >= 0) {
    const full = widths[shrinking] ?? 0
    widths[shrinking] = Math.max(Math.min(full, narrowest), full - (total - width))
  }
  const line = (cells: ReadonlyArray<string>): string =>
    columns
      .map((column, index) =>
        pad(cut(cells[index] ?? "", widths[index] ?? 0), widths[index] ?? 0, column.right === true)
      )
      .join("  ")
      .trimEnd()
  return [line(columns.map(({ title }) => title)), ...rows.map(line)].join("\n")
}
