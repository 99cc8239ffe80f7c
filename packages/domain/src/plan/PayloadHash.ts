/** The fingerprint of a payload, by which audit trail and sync events name what was submitted. */
import { Context, Layer, Schema } from "effect"
import * as CanonicalJson from "../value/CanonicalJson.js"
import * as Sha256 from "../value/Sha256.js"

/** The first 16 hex digits of SHA-256 over the payload's canonical JSON (RFC 8785). */
export const PayloadHash = Schema.String.pipe(
  Schema.pattern(/^[0-9a-f]{16}$/, { identifier: "PayloadHash", description: "16 hex digits" }),
  Schema.brand("PayloadHash")
)

/** See {@link PayloadHash}. */
export type PayloadHash = typeof PayloadHash.Type

/** How a payload is hashed, which is a JSON value; every key that it has counts. */
export type Hash = (payload: object) => PayloadHash

/** The hash of a payload: its {@link PayloadHash}. */
export const hash: Hash = (payload) => PayloadHash.make(Sha256.hex(CanonicalJson.of(payload)).slice(0, 16))

/** What planning hashes payloads by: {@link hash}, unless a layer brings another. */
export class PayloadHasher extends Context.Reference<PayloadHasher>()("@genesys-replay/domain/PayloadHasher", {
  defaultValue: (): { readonly hash: Hash } => ({ hash })
}) {
  /** A hasher for tests: the given function. */
  static readonly layerOf = (hash: Hash): Layer.Layer<PayloadHasher> => Layer.succeed(PayloadHasher, { hash })
}
