/** The fingerprint of a payload, by which audit trail and sync events name what was submitted. */
import { Context, Layer, Schema } from "effect"

/** The first 16 hex digits of SHA-256 over the payload's canonical JSON (RFC 8785). */
export const PayloadHash = Schema.String.pipe(
  Schema.pattern(/^[0-9a-f]{16}$/, { identifier: "PayloadHash", description: "16 hex digits" }),
  Schema.brand("PayloadHash")
)

/** See {@link PayloadHash}. */
export type PayloadHash = typeof PayloadHash.Type

/** How a payload is hashed, which is a JSON value; every key that it has counts. */
export type Hash = (payload: object) => PayloadHash

/**
 * Hashes payloads. The digest is a capability like the clock: this package declares it, `@genesys-replay/pipeline`
 * brings it (`PayloadDigest.layer`), so that planning stays free of everything but its inputs.
 */
export class PayloadHasher extends Context.Tag("@genesys-replay/domain/PayloadHasher")<
  PayloadHasher,
  { readonly hash: Hash }
>() {
  /** A hasher for tests: the given function. */
  static readonly layerOf = (hash: Hash): Layer.Layer<PayloadHasher> => Layer.succeed(PayloadHasher, { hash })
}
