/** What completion tells a shell: a suggestion a line, and for files a line that lets the shell find them. */
import { Effect } from "effect"
import * as BashLine from "./BashLine.js"
import type { CommandTree } from "./CommandTree.js"
import * as Completion from "./Completion.js"
import * as KnownValues from "./KnownValues.js"

const most = 500

/** What may stand at the end of the words, each suggestion with the whole last word; and which files. */
const suggestions = (tree: CommandTree, words: ReadonlyArray<string>) => {
  const place = Completion.at(tree, words)
  return Effect.map(KnownValues.at(place), ({ files, names }) => ({
    files,
    found: [...place.words, ...names.map((word) => ({ word, about: "" }))]
      .slice(0, most)
      .map(({ about, word }) => ({ about, word: place.before + word }))
  }))
}

const line = {
  zsh: ({ about, word }: Completion.Suggestion) =>
    [word, ...(about === "" ? [] : [about])].map((part) => part.replaceAll(/[\\:]/g, "\\$&")).join(":"),
  fish: ({ about, word }: Completion.Suggestion) => (about === "" ? word : `${word}\t${about}`)
}

const withFiles = (lines: ReadonlyArray<string>, files: KnownValues.KnownValues["files"]): ReadonlyArray<string> => [
  ...lines,
  ...(files === "none" ? [] : [`:${files}`])
]

const toOther = (shell: keyof typeof line, tree: CommandTree, given: ReadonlyArray<string>) =>
  Effect.map(suggestions(tree, given), ({ files, found }) => withFiles(found.map(line[shell]), files))

const toBash = (tree: CommandTree, breaks: string, typed: string) => {
  const { isQuoted, words } = BashLine.read(typed)
  const last = words.at(-1) ?? ""
  const kept = isQuoted ? 0 : BashLine.kept(last, breaks)
  return Effect.map(suggestions(tree, words.slice(1)), ({ files, found }) =>
    withFiles(
      found
        .filter(({ word }) => word.startsWith(last))
        .map(({ word }) => (isQuoted ? word : BashLine.escaped(word.slice(kept)))),
      files
    )
  )
}

/**
 * The lines for a shell. bash gives `COMP_WORDBREAKS` and the line up to the cursor; the others give the words behind the name of the
 * program, the last one up to the cursor. A line that begins with `:` says that files may stand there too.
 */
export const lines = Effect.fn("Answer.lines")(function* (
  tree: CommandTree,
  [shell = "", ...given]: ReadonlyArray<string>
) {
  if (shell === "bash") return yield* toBash(tree, given[0] ?? "", given[1] ?? "")
  return shell === "zsh" || shell === "fish" ? yield* toOther(shell, tree, given) : []
})
