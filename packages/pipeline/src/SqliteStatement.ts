/** One statement on a connection of the native driver: values in, rows out. Whole numbers are 64 bits wide both ways. */
import type { LibsqlClientConfig } from "@effect/sql-libsql/LibsqlClient"
import type Sqlite from "libsql"

type Client = LibsqlClientConfig.Live["liveClient"]

/** A statement and its values. */
export type Input = Parameters<Client["execute"]>[0]

/** What comes back: rows are read by name or by number. */
export type Result = Awaited<ReturnType<Client["execute"]>>

type Row = Result["rows"][number]

const widest = 2n ** 63n

// The driver ends the process on a value that it does not know.
const bind = (value: unknown): null | string | number | bigint | Uint8Array => {
  if (value === null || typeof value === "string") return value
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new RangeError(`${value} is no number that a database keeps`)
    // A number binds as a float, which a column of text would keep as 3.0.
    return Number.isSafeInteger(value) ? BigInt(value) : value
  }
  if (typeof value === "bigint") {
    if (value < -widest || value >= widest) throw new RangeError(`${value} does not fit 64 bits`)
    return value
  }
  if (typeof value === "boolean") return value ? 1n : 0n
  if (value instanceof Uint8Array) return value
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  if (value instanceof Date) return BigInt(value.valueOf())
  throw new TypeError(`a database keeps no ${typeof value}`)
}

const valueOf = (value: unknown): Row[string] => {
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") return value
  return value instanceof Uint8Array ? Uint8Array.from(value).buffer : null
}

const rowOf = (columns: ReadonlyArray<string>, values: ReadonlyArray<unknown>): Row => {
  const row: Row = { length: values.length }
  Object.defineProperty(row, "length", { enumerable: false })
  values.forEach((each, index) => {
    const value = valueOf(each)
    Object.defineProperty(row, index, { value })
    const name = columns[index]
    if (name !== undefined && !Object.hasOwn(row, name)) row[name] = value
  })
  return row
}

const resultOf = (
  columns: Array<string>,
  rows: Array<Row>,
  rowsAffected: number,
  last: bigint | undefined
): Result => ({
  columns,
  columnTypes: columns.map(() => ""),
  rows,
  rowsAffected,
  lastInsertRowid: last,
  toJSON: () => ({ columns, rows, rowsAffected })
})

/** What a statement answers that had nothing to do. */
export const nothing = (): Result => resultOf([], [], 0, undefined)

// The driver knows only by trying whether a statement has rows.
const answersRows = (statement: { readonly raw: () => unknown }): boolean => {
  try {
    statement.raw()
    return true
  } catch {
    return false
  }
}

/** Runs it, here and now. Throws the driver's error, with SQLite's code, and a `TypeError` or `RangeError` for a value that no database keeps. */
export const run = (db: Sqlite.Database, input: Input): Result => {
  const { args, sql } = typeof input === "string" ? { sql: input, args: [] } : input
  const values = Array.isArray(args)
    ? args.map(bind)
    : Object.fromEntries(Object.entries(args).map(([name, value]) => [name, bind(value)]))
  const statement = db.prepare(sql)
  statement.safeIntegers(true)
  if (answersRows(statement)) {
    const columns = statement.columns().map(({ name }) => name)
    const rows = statement.all(values).filter(Array.isArray)
    return resultOf(
      columns,
      rows.map((row) => rowOf(columns, row)),
      0,
      undefined
    )
  }
  const { changes, lastInsertRowid } = statement.run(values)
  return resultOf([], [], changes, BigInt(lastInsertRowid))
}
