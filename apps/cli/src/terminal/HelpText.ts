/** Help as the library writes it, made short and as wide as the terminal: an option, what it means, and the examples together. */
import * as DisplayText from "@genesys-replay/eventlog/DisplayText"
import * as Style from "./Style.js"

// What is said of every option of a kind.
const filler =
  /^ *(?:A user-defined piece of text|A true or false value|An integer|A floating point number|A directory|This (?:setting|option|argument) (?:is optional|may be repeated (?:zero|one|1) or more times|must be repeated at least \d+ times)|One of the following: .*|This (?:setting|option) will default to .*)\.?$/

/** Whether a line says what is said of every option of a kind. */
export const isFiller = (line: string): boolean => filler.test(Style.strip(line))

const isExample = (line: string | undefined): boolean => line !== undefined && Style.strip(line).startsWith("$ ")

// The library spells out every option, and leaves out what a subcommand belongs to.
const usage = (line: string, path: string): string => {
  const positional = Style.strip(line).match(/\[?<[^>]+>(?:\.\.\.)?\]?/g) ?? []
  return ["$ genesys-replay", path, "[OPTIONS]", ...positional].join(" ")
}

const keepsApart = (lines: ReadonlyArray<string>, index: number): boolean => {
  const previous = lines[index - 1]
  const next = lines.slice(index + 1).find((line) => line.trim() !== "")
  const before = previous === undefined || previous.trim() === ""
  const belongs = next !== undefined && /^ {2}\S/.test(Style.strip(next))
  return !(before || belongs || (isExample(previous) && isExample(next)))
}

// In lines of at most `width`; what continues a line stands below its beginning.
const folded = (line: string, width: number): ReadonlyArray<string> => {
  if (DisplayText.width(line) <= width) return [line]
  const margin = /^ */.exec(line)?.[0] ?? ""
  return DisplayText.wrap(line.slice(margin.length), width - margin.length).map((part) => margin + part)
}

// A command is folded in front of its options, so that a shell reads it as one; what it means then stands below it.
const foldedExample = (line: string, width: number): ReadonlyArray<string> => {
  if (DisplayText.width(line) <= width) return [line]
  const [command = "", meaning] = line.split(/ {2,}(?=# )/)
  const parts = DisplayText.wrap(command.replaceAll(/ (?!--)/g, "\u00a0"), width - "    ".length - " \\".length)
  const whole = DisplayText.width(command) <= width ? command : parts.join(" \\\n    ").replaceAll("\u00a0", " ")
  return [whole, ...(meaning === undefined ? [] : folded(`    ${meaning}`, width))]
}

// The library has these for every command: a wizard that asks for each option, and completion without the names of the state.
const leftOut = /^(?:--wizard|--completions .*)$/

/** The lines without these options; what is said of one is indented below it. */
const withoutLeftOut = (lines: ReadonlyArray<string>): ReadonlyArray<string> => {
  let isOut = false
  return lines.filter((line) => {
    const plain = Style.strip(line)
    if (/^\S/.test(plain)) isOut = leftOut.test(plain)
    return !isOut
  })
}

/** What stands below a heading; nothing where there is no such heading. */
const section = (lines: ReadonlyArray<string>, heading: string): ReadonlyArray<string> => {
  const from = lines.findIndex((line) => Style.strip(line) === heading)
  if (from < 0) return []
  const length = lines.slice(from + 1).findIndex((line) => /^[A-Z]+$/.test(Style.strip(line)))
  return lines.slice(from + 1, length < 0 ? undefined : from + 1 + length)
}

/** What stands below a heading, with the heading as it came; nothing where that is empty. */
const titled = (
  lines: ReadonlyArray<string>,
  heading: string,
  below = section(lines, heading)
): ReadonlyArray<string> =>
  below.every((line) => line.trim() === "")
    ? []
    : [...lines.filter((line) => Style.strip(line) === heading), "", ...below]

// Repeated is repeated, and an option with two names needs no brackets; around it may stand its colour.
const plainer = (line: string): string =>
  line.replace(/(?<=\S) 1\+(?=\S*$)/, "...").replace(/^([^(-]*)\((-[^)]*)\)/, "$1$2")

/** A part of the page: no two empty lines after another, at most `width` columns wide. */
const part = (lines: ReadonlyArray<string>, width: number): string =>
  lines
    .map(plainer)
    .filter((line, index, whole) => line.trim() !== "" || keepsApart(whole, index))
    .flatMap((line) => (isExample(line) ? foldedExample(line, width) : folded(line, width)))
    .join("\n")
    .replaceAll(/^\n+|\s+$/g, "")

/**
 * The help of the command that `path` names (`audit list`), coloured or not as it came, at most `width` columns wide: what it is for, how
 * it is typed, examples, arguments, options. Other texts stay as they are.
 */
export const tighten = (text: string, path: string, width: number): string => {
  const heading = text.search(/^\S*USAGE/m)
  if (heading < 0) return text
  const commands = text.search(/^\S*COMMANDS/m)
  const all = (commands < 0 ? text : text.slice(0, commands)).trimEnd().split("\n")
  const lines = all.filter((line) => !isFiller(line))
  const description = section(lines, "DESCRIPTION")
  const beyond = description.findIndex((line) => /^(?: {2}|\$ )/.test(Style.strip(line)))
  const purpose = beyond < 0 ? description : description.slice(0, beyond)
  const typed = section(lines, "USAGE").map((line) => (isExample(line) ? usage(line, path) : line))
  return [
    purpose,
    titled(lines, "USAGE", typed),
    description.slice(purpose.length),
    titled(lines, "ARGUMENTS"),
    titled(lines, "OPTIONS", withoutLeftOut(section(lines, "OPTIONS")))
  ]
    .map((each) => part(each, width))
    .filter((each) => each !== "")
    .join("\n\n")
}
