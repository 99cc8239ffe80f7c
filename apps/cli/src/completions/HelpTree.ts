/** The commands as a tree, out of their help: what completion offers is what the help says. */
import { CliConfig, CommandDescriptor, HelpDoc } from "@effect/cli"
import type { Span } from "@effect/cli/HelpDoc/Span"
import { HashMap } from "effect"
import * as HelpText from "../terminal/HelpText.js"
import * as Style from "../terminal/Style.js"
import type { CommandArgument, CommandOption, CommandTree } from "./CommandTree.js"

/** What is said below a heading: paragraphs, and lists of a word and what it means. */
type Part = readonly [word: string, paragraphs: ReadonlyArray<string>]

const textOf = (span: Span): string => Style.strip(HelpDoc.toAnsiText(HelpDoc.p(span))).trim()

const paragraphsOf = (doc: HelpDoc.HelpDoc): ReadonlyArray<string> => {
  if (HelpDoc.isSequence(doc)) return [...paragraphsOf(doc.left), ...paragraphsOf(doc.right)]
  return HelpDoc.isParagraph(doc) ? [textOf(doc.value)] : []
}

const blocksOf = (doc: HelpDoc.HelpDoc): ReadonlyArray<HelpDoc.HelpDoc> =>
  HelpDoc.isSequence(doc) ? [...blocksOf(doc.left), ...blocksOf(doc.right)] : [doc]

/** The lists below a heading of the help. */
const listed = (blocks: ReadonlyArray<HelpDoc.HelpDoc>, heading: string): ReadonlyArray<Part> => {
  const isHeader = (block: HelpDoc.HelpDoc) => HelpDoc.isHeader(block)
  const from = blocks.findIndex((block) => HelpDoc.isHeader(block) && textOf(block.value) === heading)
  const below = from < 0 ? [] : blocks.slice(from + 1)
  const length = below.findIndex(isHeader)
  return below
    .slice(0, length < 0 ? undefined : length)
    .flatMap((block) =>
      HelpDoc.isDescriptionList(block)
        ? block.definitions.map(([word, doc]): Part => [textOf(word), paragraphsOf(doc)])
        : []
    )
}

// Up to where it becomes more than a line; a word or two in front of a colon are not it yet.
const beginning = /^.{20,}?(?=[:;] |$)|^.*$/

/** The first thing that is said. */
const aboutOf = (paragraphs: ReadonlyArray<string>): string => {
  const [sentence = ""] = (paragraphs.find((one) => !HelpText.isFiller(one)) ?? "").split(/\.(?: |$)| \(/)
  return beginning.exec(sentence)?.[0] ?? ""
}

const repeated = /(?:\.\.\.| 1\+)$/

const optionOf = ([word, paragraphs]: Part): CommandOption => {
  const whole = word.replace(repeated, "").replaceAll(/[()]/g, "")
  const names = whole.match(/(?<=^|, )--?[a-z0-9-]+/g) ?? []
  const value = whole.slice(whole.lastIndexOf(names.at(-1) ?? "") + (names.at(-1)?.length ?? 0)).trim()
  return { names, about: aboutOf(paragraphs), value: value === "" ? null : value, repeats: repeated.test(word) }
}

const argumentOf = ([word]: Part): CommandArgument => ({
  name: word.replace(repeated, "").replaceAll(/[<>]/g, ""),
  repeats: repeated.test(word)
})

const config = CliConfig.make({ showBuiltIns: false })

/** Of every command, read before the command is. */
const everywhere: ReadonlyArray<CommandOption> = [
  { names: ["--help", "-h"], about: "Show the help of the command", value: null, repeats: false },
  {
    names: ["--log-level"],
    about: "The least important logs that are shown",
    value: "all | trace | debug | info | warning | error | fatal | none",
    repeats: false
  },
  { names: ["--log-format"], about: "The form of the logs", value: "logfmt | json", repeats: false }
]

/** Commands that have commands below them. The library answers with the commands of the one that it is asked for, and no further. */
export type Groups = Readonly<Record<string, CommandDescriptor.Command<unknown>>>

/** The tree of a command that is called `name`. */
export const of = (name: string, command: CommandDescriptor.Command<unknown>, groups: Groups = {}): CommandTree => {
  const blocks = blocksOf(CommandDescriptor.getHelp(command, config))
  const below = HashMap.toEntries(CommandDescriptor.getSubcommands(command)).filter(([word]) => word !== name)
  return {
    name,
    about: aboutOf(blocks.flatMap((block) => (HelpDoc.isParagraph(block) ? paragraphsOf(block) : []))),
    options: [
      ...listed(blocks, "OPTIONS")
        .map(optionOf)
        .filter(({ names }) => !names.includes("--log-format")),
      ...everywhere
    ],
    arguments: listed(blocks, "ARGUMENTS").map(argumentOf),
    commands: below
      .map(([word, one]) => of(word, groups[word] ?? one))
      .sort((one, other) => (one.name < other.name ? -1 : 1))
  }
}
