/** JSON in one form only: RFC 8785, so that equal values have equal bytes and equal digests. */
import { createHash } from "node:crypto"
import canonicalize from "canonicalize"

/**
 * The canonical text of `value`: sorted keys, no blanks, numbers and strings as RFC 8785 section 3.2 writes them.
 * Throws what is no JSON: `undefined`, NaN, a lone surrogate, a cycle. Those are bugs of the caller, not inputs.
 */
export const of = (value: unknown): string => {
  const text = canonicalize(value)
  if (text === undefined) throw new TypeError("a value that is no JSON has no canonical form")
  return text
}

/** The first `digits` hex digits of SHA-256 over the canonical text of `value`, in UTF-8. */
export const digest = (value: unknown, digits: number): string =>
  createHash("sha256").update(of(value), "utf8").digest("hex").slice(0, digits)
