/** By which measure a window is to be proven, where its spec says so. */
import { DateTime, Schema } from "effect"
import { Instant } from "../value/Instant.js"

/**
 * What says which events must have come.
 *
 * - `sequence`: the indices that the provider numbers what it replays with. Also what is measured by where a spec says nothing;
 * - `baseline`: the events of another capture of the same time;
 * - `records`: the platform's own conversation records.
 */
export const ProofMeasure = Schema.Literal("sequence", "baseline", "records").annotations({
  identifier: "ProofMeasure",
  description: "sequence, baseline or records"
})

/** See {@link ProofMeasure}. */
export type ProofMeasure = typeof ProofMeasure.Type

/** The proof that a planned window asks for. */
export const Proof = Schema.Struct({
  by: ProofMeasure,
  /** Until when events are expected, exclusive; the instant of planning where the spec names no end. Not for `sequence`. */
  end: Instant,
  /** Whether the spec names the end. */
  endIsFixed: Schema.Boolean
}).annotations({ identifier: "Proof" })

/** See {@link Proof}. */
export type Proof = typeof Proof.Type

/** Whether two ask for the same: an end that the spec leaves open is no difference. */
export const isSame = (one: Proof | undefined, other: Proof | undefined): boolean => {
  if (one === undefined || other === undefined) return one === other
  if (one.by !== other.by || one.endIsFixed !== other.endIsFixed) return false
  return !one.endIsFixed || DateTime.Equivalence(one.end, other.end)
}
