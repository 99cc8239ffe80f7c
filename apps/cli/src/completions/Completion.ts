/** What could stand at the end of a command line: a command, an option, or a value of some kind. A rule about words alone. */
import type { CommandOption, CommandTree } from "./CommandTree.js"

/** A word, and what it means. */
export interface Suggestion {
  readonly word: string
  readonly about: string
}

/** The last word of a line, and what is expected there. */
export interface Place {
  /** The part of the last word that is a value; all of it, but for `--option=`. */
  readonly current: string
  /** The rest of it: `--option=`, or nothing. */
  readonly before: string
  /** Commands, options, and values that are always the same. */
  readonly words: ReadonlyArray<Suggestion>
  /** What else is expected, as the help calls it: `FILE`, `RUN`. */
  readonly expected: ReadonlyArray<string>
  /** The words of the command: `runs cancel`. */
  readonly command: string
  /** The words before the last one that are neither commands nor options nor values of options. */
  readonly operands: ReadonlyArray<string>
}

const optionNamed = ({ options }: CommandTree, name: string): CommandOption | undefined =>
  options.find(({ names }) => names.includes(name))

/** The values that a placeholder stands for: those that it spells out, and the names of what else it may be. */
const valuesOf = (placeholder: string): Pick<Place, "words" | "expected"> => {
  const parts = placeholder
    .split("|")
    .map((part) => part.trim())
    .filter((part) => part !== "")
  const isName = (part: string) => /^[A-Z]/.test(part)
  return {
    words: parts.filter((part) => !isName(part)).map((word) => ({ word, about: "" })),
    expected: parts.filter(isName)
  }
}

const offered = ({ options }: CommandTree, given: ReadonlySet<string>): ReadonlyArray<Suggestion> =>
  options
    .filter(({ names, repeats }) => repeats || !names.some((name) => given.has(name)))
    .map(({ about, names: [word = ""] }) => ({ word, about }))

/** What is expected where the last of `words` stands, which may be empty; the words are those behind the name of the program. */
export const at = (root: CommandTree, words: ReadonlyArray<string>): Place => {
  let command = root
  const path: Array<string> = []
  const operands: Array<string> = []
  const given = new Set<string>()
  // The option whose value comes next, and whether nothing is an option any more.
  let open: CommandOption | undefined
  let isBehind = false
  for (const word of words.slice(0, -1)) {
    if (open !== undefined) open = undefined
    else if (isBehind) operands.push(word)
    else if (word === "--") isBehind = true
    else if (word.startsWith("-") && word !== "-") {
      const [name = "", ...value] = word.split("=")
      given.add(name)
      const option = optionNamed(command, name)
      for (const other of option?.names ?? []) given.add(other)
      if (value.length === 0 && option !== undefined && option.value !== null) open = option
    } else {
      const below = operands.length === 0 ? command.commands.find(({ name }) => name === word) : undefined
      if (below === undefined) operands.push(word)
      else {
        command = below
        path.push(word)
      }
    }
  }
  const last = words.at(-1) ?? ""
  const here = { current: last, before: "", words: [], expected: [], command: path.join(" "), operands }
  if (open?.value != null) return { ...here, ...valuesOf(open.value) }
  if (!isBehind && last.startsWith("-")) {
    const equals = last.indexOf("=")
    if (equals < 0) return { ...here, words: offered(command, given) }
    const value = optionNamed(command, last.slice(0, equals))?.value ?? ""
    return { ...here, current: last.slice(equals + 1), before: last.slice(0, equals + 1), ...valuesOf(value) }
  }
  if (command.commands.length > 0) {
    const commands = command.commands.map(({ about, name }) => ({ word: name, about }))
    return { ...here, words: operands.length === 0 && !isBehind ? commands : [] }
  }
  const final = command.arguments.at(-1)
  const argument = command.arguments[operands.length] ?? (final?.repeats === true ? final : undefined)
  if (argument !== undefined) return { ...here, ...valuesOf(argument.name) }
  return { ...here, words: isBehind ? [] : offered(command, given) }
}
