/** PostgreSQL's SQLSTATE codes and those of the network on the way to it, in words that tell what to do. */
import type { Explanation } from "./SqliteFailure.js"

const again = "and run the same command again"
const url = "GENESYS_REPLAY_DATABASE_URL"

const unreachable: Explanation = {
  reason: "the server cannot be reached",
  remedy: `Check that it runs and that this machine may connect to it, ${again}`
}
const lost: Explanation = { reason: "the connection broke", remedy: `Check that the server runs, ${again}` }
const refusedUser: Explanation = {
  reason: "the server refuses the user or the password",
  remedy: `Correct them in ${url}, ${again}`
}
const stopping: Explanation = {
  reason: "the server is starting or stopping",
  remedy: `Wait until it runs, ${again}`
}
const conflict: Explanation = {
  reason: "other programs were in the way of this change, time and again",
  remedy: "Run the same command again"
}

// A class of SQLSTATE is its first two characters; the longest prefix that fits stands first.
const known: ReadonlyArray<readonly [prefix: string, explanation: Explanation]> = [
  ["ECONNREFUSED", unreachable],
  ["ENOTFOUND", { reason: "no server has that name", remedy: `Correct the host in ${url}, ${again}` }],
  ["EAI_AGAIN", { reason: "the name of the server cannot be looked up", remedy: `Check the network, ${again}` }],
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
    { reason: "the server has no connection left", remedy: `Close some, or raise its max_connections, ${again}` }
  ],
  ["53", { reason: "the server has no room left", remedy: `Free some space on it, ${again}` }],
  ["57P", stopping],
  ["XX", { reason: "the database is damaged", remedy: "Restore it from a backup" }],
  ["58", { reason: "the disk of the server does not read or write as it should", remedy: "Check the server" }]
]

// What the driver says without a code.
const spoken: ReadonlyArray<readonly [text: RegExp, explanation: Explanation]> = [
  [/^Connection timed out$|timeout exceeded when trying to connect|timeout expired/, unreachable],
  [/^Connection (?:terminated|ended)|Client has encountered a connection error|not queryable/, lost],
  [/^SASL|password must be a string/, refusedUser],
  [
    /does not support SSL/,
    { reason: "the server takes no encrypted connections", remedy: `Leave sslmode out of ${url}, ${again}` }
  ]
]

/** What a SQLSTATE, a code of the network, or the driver's own text means; nothing for every other one. */
export const explain = (code: string, text: string): Explanation | undefined =>
  (/^[0-9A-Z]{5}$|^E[A-Z_]+$/.test(code) ? known.find(([prefix]) => code.startsWith(prefix))?.[1] : undefined) ??
  spoken.find(([pattern]) => pattern.test(text))?.[1]

/** Whether it says that two transactions were in each other's way, so that the same one, made again, may go well. */
export const isConflict = (code: string): boolean => /^40(?:001|P01)$|^55P03$/.test(code)
