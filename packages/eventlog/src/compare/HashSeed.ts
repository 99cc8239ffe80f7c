/** The seed by which events are told apart: drawn anew for each run, so that nobody can prepare events that are taken for one. */
import { Effect, Random } from "effect"

const word = Random.nextIntBetween(-2_147_483_648, 2_147_483_648)

/** Draws one. */
export const draw = Effect.all([word, word, word, word])
