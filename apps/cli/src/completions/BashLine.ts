/** A command line as bash has it while it is typed: the words, and what readline replaces of the last one. */

/** The line, read. */
export interface BashLine {
  /** Without quotes and escapes; the last one may be empty. */
  readonly words: ReadonlyArray<string>
  /** Whether the last word stands in a quote that is not closed. */
  readonly isQuoted: boolean
}

const tokens =
  /\\(?<escaped>[\s\S]?)|'(?<single>[^']*)(?<singleEnd>'?)|"(?<double>(?:\\[\s\S]|[^"\\])*)(?<doubleEnd>"?)|(?<blank>\s+)|(?<plain>[^\s\\'"]+)/g

/** Reads the line up to where the cursor is. */
export const read = (line: string): BashLine => {
  const words = [""]
  let isQuoted = false
  const add = (text: string) => words.push((words.pop() ?? "") + text)
  for (const { groups = {} } of line.matchAll(tokens)) {
    const { blank, double, doubleEnd, escaped, plain, single, singleEnd } = groups
    isQuoted = (single !== undefined && singleEnd === "") || (double !== undefined && doubleEnd === "")
    if (blank !== undefined) words.push("")
    else add(plain ?? single ?? double?.replaceAll(/\\([$`"\\\n])/g, "$1") ?? escaped ?? "")
  }
  return { words: words[0] === "" && words.length > 1 ? words.slice(1) : words, isQuoted }
}

/**
 * How much of the word at the cursor readline keeps: it replaces what stands behind the last of `breaks` (`COMP_WORDBREAKS`), among which
 * are `=` and `:`.
 */
export const kept = (word: string, breaks: string): number =>
  Math.max(0, ...["=", ":"].filter((one) => breaks.includes(one)).map((one) => word.lastIndexOf(one) + 1))

/** The word as bash reads it back, whatever is in it. */
export const escaped = (word: string): string => word.replaceAll(/[^\p{L}\p{N}_@%+=:,./-]/gu, "\\$&")
