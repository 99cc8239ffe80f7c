/** Help as the library writes it, made short and as wide as the terminal: an option, what it means, and the examples together. */
import * as DisplayText from "@genesys-replay/eventlog/DisplayText"
import * as Style from "./Style.js"

// What is said of every option of a kind.
const filler =
  /^ *(?:A user-defined piece of text|A true or false value|An integer|A floating point number|A directory|This (?:setting|option|argument) (?:is optional|may be repeated (?:zero|one|1) or more times)|One of the following: .*|This (?:setting|option) will default to .*)\.?$/

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

/** The help of the command that `path` names (`audit list`), coloured or not as it came, at most `width` columns wide. Other texts stay as they are. */
export const tighten = (text: string, path: string, width: number): string => {
  const heading = text.search(/^\S*USAGE/m)
  if (heading < 0) return text
  const commands = text.search(/^\S*COMMANDS/m)
  const all = (commands < 0 ? text : text.slice(0, commands)).trimEnd().split("\n")
  const lines = all.filter((line) => !filler.test(Style.strip(line)))
  const first = lines.findIndex(isExample)
  return lines
    .map((line, index) => (index === first ? usage(line, path) : line))
    .filter((line, index, whole) => line.trim() !== "" || keepsApart(whole, index))
    .flatMap((line) => (isExample(line) ? foldedExample(line, width) : folded(line, width)))
    .join("\n")
}
