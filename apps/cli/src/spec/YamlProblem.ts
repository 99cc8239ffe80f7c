/** What is wrong with the writing of a spec file, in words that need no knowledge of the YAML library. */
import type { YAMLError } from "yaml"

const byCode: Record<string, string> = {
  ALIAS_PROPS: "an alias (*name) has no anchor and no tag of its own",
  BAD_ALIAS: "an anchor (&name) and an alias (*name) have a name, which does not end in a colon",
  BAD_COLLECTION_TYPE: "this tag (!…) does not fit what follows it. Leave it out",
  BAD_DIRECTIVE: "a line that begins with % is an instruction to YAML, and this is none that it knows",
  BAD_DQ_ESCAPE:
    "in double quotes a backslash begins an escape, and there is none of this kind. Write it twice, or use single quotes",
  BAD_INDENT: "the indentation does not fit the lines above",
  BAD_PROP_ORDER: "an anchor (&name) or a tag (!…) stands behind the - or : of its value, not before it",
  BAD_SCALAR_START: "a text cannot begin with this character unless it is in quotes",
  BLOCK_AS_IMPLICIT_KEY: "a second key on one line: a text with a colon and a blank in it stands in quotes",
  BLOCK_IN_FLOW: "what stands in [ ] or { } is not written as indented lines",
  DUPLICATE_KEY: "Map keys must be unique, and this one stands twice",
  KEY_OVER_1024_CHARS: "a key of more than 1,024 characters: is there a quote or a colon missing?",
  MULTILINE_IMPLICIT_KEY: "a key and its colon stand on one line",
  MULTIPLE_ANCHORS: "a value has one anchor (&name) at most",
  MULTIPLE_DOCS:
    "a second document begins here (---), and a spec is a single one. Write all windows into it, or each document into a file of its own",
  MULTIPLE_TAGS: "a value has one tag (!…) at most",
  RESOURCE_EXHAUSTION: "the values are nested too deeply",
  TAB_AS_INDENT: "a tab stands where blanks must: YAML is indented with blanks",
  TAG_RESOLVE_FAILED: "a tag (!…) that a spec has no use for. Leave it out",
  UNEXPECTED_TOKEN: "this does not belong here: is there a bracket, a quote or a colon missing, or one too many?"
}

const missing = (words: string): string => {
  if (words.startsWith("Missing , ")) return "a comma is missing between two items"
  if (words.includes("space after :")) return "a blank is missing behind the colon"
  if (words.includes("map keys")) return "a key has a colon and a value: key: value"
  if (words.includes("without - indicator")) return "an item of a list begins with - and a blank"
  return "a character is missing here: a blank, a comma or a colon"
}

/** The quote or bracket that a message says is not there. */
const closing = (words: string): string | undefined =>
  /closing (["'])quote|end with an? ([\]}])/.exec(words)?.slice(1).join("")

/** Where an error was met, from 0, and what is wrong there. */
export interface Explained {
  readonly offset: number
  readonly message: string
}

const wordEnd = /[\s,[\]"']/

/** The unquoted topic that `offset` lies in and whose `{id}` YAML takes for the beginning of a map; none where there is none. */
const bracedTopic = (text: string, offset: number): { readonly offset: number; readonly topic: string } | undefined => {
  let from = offset
  while (from > 0 && !wordEnd.test(text[from - 1] ?? " ")) from--
  let to = offset
  while (to < text.length && !wordEnd.test(text[to] ?? " ")) to++
  const topic = text.slice(from, to)
  return /^v2\.[^{}]*\{\w+\}/.test(topic) ? { offset: from, topic } : undefined
}

/** The errors that were met in `text`, in words; one for each topic whose braces are not in quotes. */
export const explainAll = (text: string, errors: ReadonlyArray<YAMLError>): ReadonlyArray<Explained> => {
  const told = new Set<number>()
  return errors.flatMap((error) => {
    const braced = bracedTopic(text, error.pos[0])
    if (braced === undefined) return [{ offset: error.pos[0], message: explain(error) }]
    const { offset, topic } = braced
    if (told.has(offset)) return []
    told.add(offset)
    return [{ offset, message: `between [ and ] a topic with {…} stands in quotes: "${topic}"` }]
  })
}

/** The error in words. */
export const explain = ({ code, message }: Pick<YAMLError, "code" | "message">): string => {
  const close = closing(message)
  if (close !== undefined) return `the closing ${close} is missing`
  return code === "MISSING_CHAR" ? missing(message) : (byCode[code] ?? "this cannot be read as YAML")
}
