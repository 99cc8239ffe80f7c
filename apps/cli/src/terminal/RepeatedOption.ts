/** Options that may be given more than once, each time with a value. */
import { Options } from "@effect/cli"
import { Effect } from "effect"
import * as Operand from "./Operand.js"
import { UsageError } from "./UsageError.js"

/** What their values are called in the help. */
const values = {
  against: "BASELINE",
  captured: "FILE",
  conversation: "CONVERSATION",
  expect: "FILE|ID",
  only: "FILE",
  records: "FILE",
  topic: "TOPIC"
} as const

const names = Object.keys(values)

/** An option of this name, with a text as its value. */
export const text = (name: keyof typeof values, description: string): Options.Options<Array<string>> =>
  Options.text(name).pipe(Options.withPseudoName(values[name]), Options.withDescription(description), Options.repeated)

/**
 * Fails with {@link UsageError} where one of them has no value, or an empty one. The library leaves such an option out without a word, and a
 * filter whose variable is not set would let everything pass.
 */
export const check = (words: ReadonlyArray<string>): Effect.Effect<void, UsageError> => {
  const options = Operand.optionsIn(words)
  const name = names.find((name) =>
    options.some((word, at) => {
      if (word === `--${name}=`) return true
      const value = options[at + 1] ?? ""
      return word === `--${name}` && (value === "" || value.startsWith("--"))
    })
  )
  if (name === undefined || options.includes("--help")) return Effect.void
  return Effect.fail(
    new UsageError({
      problem: `--${name} has no value: is a variable not set?`,
      remedy: `give --${name} a value, or leave it out`
    })
  )
}
