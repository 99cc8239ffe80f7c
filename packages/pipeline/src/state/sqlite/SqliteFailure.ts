/** SQLite's result codes, in words that tell what to do. */

/** A refusal, explained. */
export interface Explanation {
  readonly reason: string
  readonly remedy: string
  /** Whether it may pass by itself. */
  readonly isTransient?: true
}

const elsewhere = "name another file in GENESYS_REPLAY_DATABASE_URL (file:PATH)"

const locked: Explanation = {
  reason: "it is locked by another program",
  remedy: "Wait until that program ends, and run the same command again"
}

const known: ReadonlyArray<readonly [prefix: string, explanation: Explanation]> = [
  ["SQLITE_BUSY", locked],
  ["SQLITE_LOCKED", locked],
  ["SQLITE_NOTADB", { reason: "the file is not a database", remedy: `Move it away, or ${elsewhere}` }],
  ["SQLITE_CORRUPT", { reason: "the database is damaged", remedy: `Restore it from a backup, or ${elsewhere}` }],
  [
    "SQLITE_READONLY",
    {
      reason: "it may only be read",
      remedy: `Give yourself the right to write the file and its directory, or ${elsewhere}`
    }
  ],
  [
    "SQLITE_FULL",
    { reason: "the disk is full", remedy: `Free some space and run the same command again, or ${elsewhere}` }
  ],
  [
    "SQLITE_IOERR",
    { reason: "the disk does not read or write as it should", remedy: `Check the disk and its space, or ${elsewhere}` }
  ],
  [
    "SQLITE_CANTOPEN",
    { reason: "the file cannot be opened", remedy: `Give yourself the right to read and write it, or ${elsewhere}` }
  ]
]

/** What a result code of SQLite means; nothing for every other one. */
export const explain = (code: string): Explanation | undefined => known.find(([prefix]) => code.startsWith(prefix))?.[1]

/** Whether it says that another program holds the database, so that a moment later it may go well. */
export const isBusy = (code: string): boolean => explain(code) === locked
