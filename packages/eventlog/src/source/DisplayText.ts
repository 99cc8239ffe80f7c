/** Text from input on its way to a reader: harmless, as wide as it says, cut where it must be. */
import stringWidth from "fast-string-width"

/** Control, format and private characters, line and paragraph separators, lone surrogates: a terminal might obey them, a reader be misled. */
const unsafe = /[\p{C}\p{Zl}\p{Zp}]/gu
const beyondAscii = /[^\x20-\x7e]/gu

const escaped = (character: string): string => {
  const code = (character.codePointAt(0) ?? 0).toString(16)
  return code.length <= 4 ? `\\u${code.padStart(4, "0")}` : `\\u{${code}}`
}

/** `text` with everything that a terminal might obey written as an escape, and everything beyond ASCII too unless `unicode`. */
export const safe = (text: string, unicode: boolean): string => {
  const harmless = text.replace(unsafe, escaped)
  return unicode ? harmless : harmless.replace(beyondAscii, escaped)
}

/** How many columns `text` takes. East Asian characters and pictographs take two, combining marks and colours none. */
export const width = (text: string): number => stringWidth(text)

/** How much of a text can fill so many columns: segmenting takes time with the square of the length, and a name from input may have millions. */
const reach = (columns: number): number => 64 + 16 * columns

/** What a reader takes for one character each. The segmenter takes 10 ms to make: most texts are never cut. */
const segmentsOf = (text: string): ReadonlyArray<string> =>
  Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment)

/** As many of `segments` as fit `columns`, one after another. */
const fitting = (segments: ReadonlyArray<string>, columns: number): ReadonlyArray<string> => {
  const kept: Array<string> = []
  let used = 0
  for (const segment of segments) {
    used += width(segment)
    if (used > columns) break
    kept.push(segment)
  }
  return kept
}

/** The beginning of `text` that fits `columns`. */
const beginning = (text: string, columns: number): string =>
  fitting(segmentsOf(text.slice(0, reach(columns))), columns).join("")

/** The end of `text` that fits `columns`. */
const ending = (text: string, columns: number): string =>
  fitting(segmentsOf(text.slice(-reach(columns))).toReversed(), columns)
    .toReversed()
    .join("")

/** `text` in at most `columns` columns; where it is cut, `mark` says so. */
export const cut = (text: string, columns: number, mark: string): string => {
  if (width(text) <= columns) return text
  return width(mark) <= columns ? beginning(text, columns - width(mark)) + mark : ""
}

/** `text` in at most `columns` columns, cut in the middle: for names that differ at their ends. */
export const cutMiddle = (text: string, columns: number, mark: string): string => {
  if (width(text) <= columns) return text
  const room = columns - width(mark)
  if (room < 2) return cut(text, columns, mark)
  const head = beginning(text, Math.ceil(room / 2))
  return head + mark + ending(text, room - width(head))
}

/** `text` with spaces behind it up to `columns`. */
export const padEnd = (text: string, columns: number): string => text + " ".repeat(Math.max(0, columns - width(text)))

/** `text` with spaces before it up to `columns`. */
export const padStart = (text: string, columns: number): string => " ".repeat(Math.max(0, columns - width(text))) + text

/** `text` in lines of at most `columns` columns, broken between words; a word that is longer stands alone. */
export const wrap = (text: string, columns: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const word of text.split(" ")) {
    const last = lines.pop()
    if (last === undefined) lines.push(word)
    else if (width(last) + 1 + width(word) > columns) lines.push(last, word)
    else lines.push(`${last} ${word}`)
  }
  return lines
}

/** `1,500,000`: a whole number that a reader takes in at a glance. */
export const grouped = (count: number): string => `${count}`.replace(/\B(?=(?:\d{3})+$)/g, ",")
