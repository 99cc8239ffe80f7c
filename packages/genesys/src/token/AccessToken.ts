/** A bearer token and how long it is good for. */
import type { Redacted } from "effect"

/** A token. Instants in milliseconds since the epoch. */
export interface AccessToken {
  readonly value: Redacted.Redacted
  /** When it was asked for. */
  readonly issuedAt: number
  /** From then on it is not handed out any more. */
  readonly expiresAt: number
}

/**
 * When the next token is fetched: after 90 % of the lifetime, or 60 s before its end, whichever is later. So a token of a
 * day is renewed a minute early, one of ten seconds a second early.
 */
export const renewAt = ({ expiresAt, issuedAt }: AccessToken): number =>
  Math.max(issuedAt + 0.9 * (expiresAt - issuedAt), expiresAt - 60_000)
