/** PostgreSQL's SQLSTATE codes and those of the network on the way to it, in words that tell what to do. */
import type { Explanation } from "../sqlite/SqliteFailure.js"

const again = "and run the same command again"
const url = "GENESYS_REPLAY_DATABASE_URL"

const unreachable: Explanation = {
  reason: "the server cannot be reached",
  remedy: `Check that it runs and that this machine may connect to it, ${again}`,
  isTransient: true
}
const silent: Explanation = {
  reason: "the server does not answer",
  remedy: `Check that it runs, and the network on the way to it, ${again}`,
  isTransient: true
}
const lost: Explanation = {
  reason: "the connection broke",
  remedy: `Check that the server runs, ${again}`,
  isTransient: true
}
const refusedUser: Explanation = {
  reason: "the server refuses the user or the password",
  remedy: `Correct them in ${url}, ${again}`
}
const stopping: Explanation = {
  reason: "the server is starting or stopping",
  remedy: `Wait until it runs, ${again}`,
  isTransient: true
}
const conflict: Explanation = {
  reason: "other programs were in the way of this change, time and again",
  remedy: "Run the same command again",
  isTransient: true
}
const tooLong: Explanation = {
  reason: "the server ended a statement that took longer than it may (statement_timeout)",
  remedy: "Run the same command again; if it happens again, pg_stat_activity and pg_locks show what it waits for",
  isTransient: true
}
const cancelled: Explanation = {
  reason: "a statement was cancelled on the server (SQLSTATE 57014)",
  remedy: "Run the same command again: what was begun is undone",
  isTransient: true
}
const idle: Explanation = {
  reason: "this process stood still in the middle of a transaction, and the server ended it",
  remedy: "Run the same command again",
  isTransient: true
}

// A class of SQLSTATE is its first two characters; the longest prefix that fits stands first.
const known: ReadonlyArray<readonly [prefix: string, explanation: Explanation]> = [
  ["ECONNREFUSED", unreachable],
  ["ENOTFOUND", { reason: "no server has that name", remedy: `Correct the host in ${url}, ${again}` }],
  [
    "EAI_AGAIN",
    {
      reason: "the name of the server cannot be looked up",
      remedy: `Check the network, ${again}`,
      isTransient: true
    }
  ],
  ["ETIMEDOUT", unreachable],
  ["EHOSTUNREACH", unreachable],
  ["ENETUNREACH", unreachable],
  ["ENOENT", unreachable],
  ["ECONNRESET", lost],
  ["EPIPE", lost],
  ["08", lost],
  ["28", refusedUser],
  ["3D", { reason: "the server has no such database", remedy: `Create it, or correct its name in ${url}, ${again}` }],
  [
    "42501",
    {
      reason: "the user may not do this in the database",
      remedy: `Grant it the right to create and change tables, ${again}`
    }
  ],
  ["25006", { reason: "it may only be read", remedy: `Name the server that takes writes in ${url}, ${again}` }],
  ["40", conflict],
  ["55P03", conflict],
  [
    "53300",
    {
      reason: "the server has no connection left",
      remedy: `Close some, or raise its max_connections, ${again}`,
      isTransient: true
    }
  ],
  ["53", { reason: "the server has no room left", remedy: `Free some space on it, ${again}` }],
  ["25P03", idle],
  ["57014", cancelled],
  ["57P", stopping],
  ["XX", { reason: "the database is damaged", remedy: "Restore it from a backup" }],
  ["58", { reason: "the disk of the server does not read or write as it should", remedy: "Check the server" }]
]

// What the driver says without a code.
const spoken: ReadonlyArray<readonly [text: RegExp, explanation: Explanation]> = [
  [/^Query read timeout$|due to connection timeout$/, silent],
  [/^Connection timed out$|timeout exceeded when trying to connect|timeout expired/, unreachable],
  [/^Connection (?:terminated|ended)|Client has encountered a connection error|not queryable/, lost],
  [/^SASL|password must be a string/, refusedUser],
  [
    /does not support SSL/,
    { reason: "the server takes no encrypted connections", remedy: `Leave sslmode out of ${url}, ${again}` }
  ]
]

const isSqlState = (code: string): boolean => /^(?=.*\d)[0-9A-Z]{5}$/.test(code)

// The classes of SQLSTATE that tell of the moment, not of the statement: connections, transactions, resources, an operator's hand.
const ofTheMoment = /^(?:08|25|40|53|55|57)/

/** What a SQLSTATE, a code of the network, or the driver's own text means; nothing for every other one. */
export const explain = (code: string, text: string): Explanation | undefined => {
  if (code === "57014" && /statement timeout/.test(text)) return tooLong
  return (
    (isSqlState(code) || /^E[A-Z_]+$/.test(code)
      ? known.find(([prefix]) => code.startsWith(prefix))?.[1]
      : undefined) ?? spoken.find(([pattern]) => pattern.test(text))?.[1]
  )
}

/** A SQLSTATE that {@link explain} does not know, in the server's own words; nothing where the code is no SQLSTATE. */
export const quote = (code: string, text: string): Explanation | undefined => {
  if (!isSqlState(code)) return undefined
  const reason = `the server says "${text}" (SQLSTATE ${code})`
  return ofTheMoment.test(code)
    ? {
        reason,
        remedy: "Run the same command again, and if it happens again look into the server's log",
        isTransient: true
      }
    : {
        reason,
        remedy: `Check that the database is one of this version of genesys-replay, or name another one in ${url}`
      }
}

/** Whether the server is not there for the moment: nobody listens, it starts or stops, or the connection broke. */
export const isAway = (code: string, text: string): boolean => {
  const explanation = explain(code, text)
  return explanation === unreachable || explanation === lost || explanation === stopping
}

/** Whether it says that two transactions were in each other's way, so that the same one, made again, may go well. */
export const isConflict = (code: string): boolean => /^40(?:001|P01)$|^55P03$/.test(code)
