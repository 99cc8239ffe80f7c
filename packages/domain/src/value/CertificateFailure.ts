/**
 * A connection that failed because the certificate of the other side could not be verified. It does so again until something is
 * changed, so it is never tried again. Source: Node.js, "X509 certificate error codes", which stand in `code` of an error.
 */
import { Option, Predicate } from "effect"

const codes: ReadonlySet<string> = new Set([
  "CERT_CHAIN_TOO_LONG",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REJECTED",
  "CERT_REVOKED",
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "HOSTNAME_MISMATCH",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "PATH_LENGTH_EXCEEDED",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY",
  "UNABLE_TO_DECRYPT_CERT_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE"
])

/** How many causes of an error are looked at. */
const depth = 5

/** The code of such a failure (`SELF_SIGNED_CERT_IN_CHAIN`) in an error or one of its causes; none where it is another error. */
export const codeOf = (error: unknown): Option.Option<string> => {
  for (let cause = error, level = 0; level < depth && Predicate.isRecord(cause); cause = cause["cause"], level++) {
    const { code } = cause
    if (typeof code === "string" && codes.has(code)) return Option.some(code)
  }
  return Option.none()
}

const remedies: Partial<Record<string, string>> = {
  CERT_HAS_EXPIRED: "The certificate has expired, or this machine's clock is ahead",
  CERT_NOT_YET_VALID: "The certificate is not valid yet, or this machine's clock is behind",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "The certificate is another host's: check the URL, and what stands between here and there",
  HOSTNAME_MISMATCH: "The certificate is another host's: check the URL, and what stands between here and there"
}

/** The failure in words, of the other side's certificate; none where it is another error. */
export const reasonOf = (error: unknown): Option.Option<string> =>
  Option.map(codeOf(error), (code) => `its certificate cannot be verified (${code}). ${remedyOf(code)}`)

/** What to do about it. */
export const remedyOf = (code: string): string =>
  remedies[code] ??
  "Where a proxy of your network inspects traffic, have Node.js trust its authority: export NODE_EXTRA_CA_CERTS=/path/to/authority.pem"
