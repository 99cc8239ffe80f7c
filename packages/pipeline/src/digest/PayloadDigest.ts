/** The `PayloadHasher` that planning needs, by SHA-256. */
import { PayloadHash } from "@genesys-replay/domain"
import { type Layer, Schema } from "effect"
import * as CanonicalJson from "./CanonicalJson.js"

const decode = Schema.decodeSync(PayloadHash.PayloadHash)

/** The first 16 hex digits of SHA-256 over the payload's canonical JSON (RFC 8785). */
export const hash: PayloadHash.Hash = (payload) => decode(CanonicalJson.digest(payload, 16))

/** Hashes payloads with {@link hash}. */
export const layer: Layer.Layer<PayloadHash.PayloadHasher> = PayloadHash.PayloadHasher.layerOf(hash)
