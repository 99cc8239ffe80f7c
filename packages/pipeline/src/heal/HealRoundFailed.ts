/** Why a round is not over. */
import type { ProviderMismatch } from "@genesys-replay/domain"
import { Schema } from "effect"
import type { EngineError } from "../steps/EngineError.js"
import { WindowError } from "../window/WindowError.js"

/** Replays of a round could not be submitted, or watched to their end. The round stands: the same command goes on with it. */
export class HealRoundFailed extends Schema.TaggedError<HealRoundFailed>()("HealRoundFailed", {
  round: Schema.Number,
  errors: Schema.NonEmptyArray(Schema.Struct({ replay: Schema.String, error: WindowError }))
}) {
  override get message(): string {
    return this.errors.map(({ error, replay }) => `${replay}: ${error.message}`).join("\n")
  }

  /** What to do about it. */
  get remedy(): string {
    return "mend what is said above, and run the same command again: it goes on with this round"
  }
}

/** What replaying a round fails with. */
export type ReplayingError = HealRoundFailed | ProviderMismatch.ProviderMismatch | EngineError
