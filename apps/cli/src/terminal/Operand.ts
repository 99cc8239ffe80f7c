/** Words of the command line that are no options: files, ids, names. */
import { HelpDoc } from "@effect/cli"
import { Effect } from "effect"

/** No word that a program is given can begin with it. */
const mark = "\u0000"

/** The words in front of `--`: only these are looked through for options. */
export const optionsIn = (words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const end = words.indexOf("--")
  return end === -1 ? words : words.slice(0, end)
}

/**
 * The words with `option` before each value that follows it: `--against a b` is `--against a --against b`, as a shell makes it of
 * `--against *.ndjson`. Values go up to the next option, or to `--`.
 */
export const repeated = (option: string, words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const options = optionsIn(words)
  let hasValue = false
  let isOpen = false
  const spread = options.flatMap((word) => {
    const isValue = isOpen && !word.startsWith("-")
    const found = isValue && hasValue ? [option, word] : [word]
    if (!isValue) isOpen = word === option || word.startsWith(`${option}=`)
    hasValue = isValue || (isOpen && word !== option)
    return found
  })
  return [...spread, ...words.slice(options.length)]
}

/**
 * The words without their `--`, behind which nothing is an option: what looks like one is marked there, so that no parser takes it for one,
 * and {@link operand} takes the mark off.
 */
export const marked = (words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const options = optionsIn(words)
  return [...options, ...words.slice(options.length + 1).map((word) => (word.startsWith("-") ? mark + word : word))]
}

/** A word as it was given. Fails where it is empty, or looks like an option that the command does not have. */
export const operand = (word: string): Effect.Effect<string, HelpDoc.HelpDoc> => {
  if (word === "") return Effect.fail(HelpDoc.p("One of the words is empty: is a variable not set?"))
  if (word.startsWith(mark)) return Effect.succeed(word.slice(mark.length))
  return word.startsWith("-") && word !== "-"
    ? Effect.fail(
        HelpDoc.p(
          `Unknown option ${word}. Add --help to see the options of the command, or -- in front of it where it is none`
        )
      )
    : Effect.succeed(word)
}
