/** What a provider makes beside a replay, so that whoever submits can keep a record of it. */
import { Context, type Effect } from "effect"

/** Something that stays, and that somebody may have to account for. */
export interface SideEffect {
  /** What is done, as an action of the audit trail. */
  readonly action: "create_archive"
  /** What it is done to, in the provider's words; no secret. */
  readonly detail: Readonly<Record<string, unknown>>
}

/** How the doing of it ended: `exists` where it was there already. */
export type Outcome = "created" | "exists"

/** Runs `effect`, which does it. */
export type Recorder = <E, R>(what: SideEffect, effect: Effect.Effect<Outcome, E, R>) => Effect.Effect<Outcome, E, R>

/** Who keeps the record while a provider submits; by default nobody does. */
export class SideEffects extends Context.Reference<SideEffects>()("@genesys-replay/domain/SideEffects", {
  defaultValue: (): Recorder => (_, effect) => effect
}) {}
