/** The seed by which events are told apart: drawn anew for each run, so that nobody can prepare events that are taken for one. */
import { Effect, Random } from "effect"
import * as ReadAhead from "../threads/ReadAhead.js"

const word = Random.nextIntBetween(-2_147_483_648, 2_147_483_648)

const drawn = Effect.all([word, word, word, word])

/** Draws one; where reading has begun already, it is the one that was drawn for that. */
export const draw = Effect.suspend(() => {
  const begun = ReadAhead.seed()
  return begun === undefined ? drawn : Effect.succeed(begun)
})
