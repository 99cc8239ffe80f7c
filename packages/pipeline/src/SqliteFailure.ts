/** Why SQLite refused, in words that tell what to do. Knows SQLite's result codes, not its driver. */
import { Predicate } from "effect"

/** A refusal, explained. */
export interface SqliteFailure {
  readonly reason: string
  readonly remedy: string
  /** Whether another program holds the database, so that a moment later it may go well. */
  readonly busy: boolean
}

// The driver's error is the cause of Effect's; the code stands on one or the other, the text in any of them.
const chain = (error: unknown): ReadonlyArray<unknown> =>
  Predicate.hasProperty(error, "cause") && error.cause !== undefined ? [error, ...chain(error.cause)] : [error]

const codeOf = (error: unknown): string =>
  chain(error)
    .map((link) => (Predicate.hasProperty(link, "code") && typeof link.code === "string" ? link.code : ""))
    .find((code) => code.startsWith("SQLITE_")) ?? ""

const textOf = (error: unknown): string =>
  chain(error)
    .map((link) => (Predicate.hasProperty(link, "message") && typeof link.message === "string" ? link.message : ""))
    .filter((text) => text !== "")
    .at(-1) ?? String(error)

const elsewhere = "name another file in GENESYS_REPLAY_DATABASE_URL (file:PATH)"

const known: ReadonlyArray<readonly [prefix: string, failure: SqliteFailure]> = [
  [
    "SQLITE_BUSY",
    {
      reason: "it is locked by another program",
      remedy: "Wait until that program ends, and run the same command again",
      busy: true
    }
  ],
  [
    "SQLITE_LOCKED",
    {
      reason: "it is locked by another program",
      remedy: "Wait until that program ends, and run the same command again",
      busy: true
    }
  ],
  ["SQLITE_NOTADB", { reason: "the file is not a database", remedy: `Move it away, or ${elsewhere}`, busy: false }],
  [
    "SQLITE_CORRUPT",
    { reason: "the database is damaged", remedy: `Restore it from a backup, or ${elsewhere}`, busy: false }
  ],
  [
    "SQLITE_READONLY",
    {
      reason: "it may only be read",
      remedy: `Give yourself the right to write the file and its directory, or ${elsewhere}`,
      busy: false
    }
  ],
  ["SQLITE_FULL", { reason: "the disk is full", remedy: `Free some space, or ${elsewhere}`, busy: false }],
  [
    "SQLITE_CANTOPEN",
    {
      reason: "the file cannot be opened",
      remedy: `Give yourself the right to read and write it, or ${elsewhere}`,
      busy: false
    }
  ]
]

/** Explains what the SQL client failed with. */
export const explain = (error: unknown): SqliteFailure => {
  const code = codeOf(error)
  return (
    known.find(([prefix]) => code.startsWith(prefix))?.[1] ?? {
      reason: textOf(error),
      remedy: `Check the file, or ${elsewhere}`,
      busy: false
    }
  )
}

/** Whether a moment later it may go well. */
export const isBusy = (error: unknown): boolean => explain(error).busy
