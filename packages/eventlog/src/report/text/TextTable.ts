/** A table for a terminal, which becomes a list where it has no room. */
import * as DisplayText from "../../source/DisplayText.js"
import type { TextStyle } from "./TextStyle.js"

/** A column of figures, flush right. */
export interface Column<A> {
  readonly title: string
  readonly cell: (row: A) => string
}

/** What a table is made of. */
export interface TextTable<A> {
  /** What the first column is called. */
  readonly title: string
  readonly rows: ReadonlyArray<A>
  readonly name: (row: A) => string
  /** A name in so many columns. */
  readonly cut: (name: string, columns: number) => string
  readonly columns: ReadonlyArray<Column<A>>
  readonly paint: (row: A, line: string) => string
  /** Lines that stand above a row. */
  readonly above?: ((row: A) => ReadonlyArray<string>) | undefined
}

/** Narrower than this, a name says nothing any more. */
const narrowestName = 12

const asTable = <A>(table: TextTable<A>, style: TextStyle): ReadonlyArray<string> | undefined => {
  const { columns, rows } = table
  const widths = columns.map(({ cell, title }) =>
    Math.max(title.length, ...rows.map((row) => DisplayText.width(cell(row))))
  )
  const room = style.width - widths.reduce((sum, width) => sum + width + 2, 0)
  const longestName = Math.max(table.title.length, ...rows.map((row) => DisplayText.width(table.name(row))))
  if (room < Math.min(narrowestName, longestName)) return undefined
  const nameWidth = Math.min(room, longestName)
  const line = (name: string, cells: ReadonlyArray<string>) =>
    [DisplayText.padEnd(name, nameWidth), ...cells.map((cell, at) => DisplayText.padStart(cell, widths[at] ?? 0))]
      .join("  ")
      .trimEnd()
  const titles = columns.map(({ title }) => title)
  return [
    style.faint(line(table.title, titles)),
    ...rows.flatMap((row) => [
      ...(table.above?.(row) ?? []),
      table.paint(
        row,
        line(
          table.cut(table.name(row), nameWidth),
          columns.map(({ cell }) => cell(row))
        )
      )
    ])
  ]
}

const asLists = <A>(table: TextTable<A>, style: TextStyle): ReadonlyArray<string> => {
  const width = Math.max(10, ...table.columns.map(({ title }) => title.length))
  return table.rows.flatMap((row) => [
    ...(table.above?.(row) ?? []),
    style.strong(table.cut(table.name(row), style.width)),
    ...table.columns.map(({ cell, title }) => `  ${DisplayText.padEnd(title, width)}  ${cell(row)}`)
  ])
}

/** A row for each; a few lines for each where the figures leave no room for the names. */
export const render = <A>(table: TextTable<A>, style: TextStyle): ReadonlyArray<string> =>
  asTable(table, style) ?? asLists(table, style)
