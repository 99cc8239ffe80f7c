/**
 * Ids in four words of 32 bits: a UUID in lower case by its value, exactly; every other text by a number that is given to it. Loads nothing.
 */

/** Words of an id. */
export const idWords = 4

/** What the words of an id begin with that is no UUID by its value; the fourth is its number, 0 for no id at all. */
const numbered = -1

const hex = new Int8Array(128).fill(-1)
for (let digit = 0; digit < 16; digit++) hex["0123456789abcdef".charCodeAt(digit)] = digit

/** Where in a UUID the digits of each of its eight groups of four stand. */
const fours = [0, 4, 9, 14, 19, 24, 28, 32]

const dash = 45

const fourAt = (text: string, at: number): number => {
  let value = 0
  for (let digit = 0; digit < 4; digit++) {
    const code = text.charCodeAt(at + digit)
    const found = code < 128 ? (hex[code] ?? -1) : -1
    if (found < 0) return -1
    value = value * 16 + found
  }
  return value
}

/** Writes a UUID in lower case; false, and nothing sure is written, for every other text, and for UUIDs that look like numbered ids. */
export const write = (words: Int32Array, at: number, id: string): boolean => {
  if (id.length !== 36) return false
  if (
    id.charCodeAt(8) !== dash ||
    id.charCodeAt(13) !== dash ||
    id.charCodeAt(18) !== dash ||
    id.charCodeAt(23) !== dash
  ) {
    return false
  }
  for (let word = 0; word < idWords; word++) {
    const high = fourAt(id, fours[2 * word] ?? 0)
    const low = fourAt(id, fours[2 * word + 1] ?? 0)
    if (high < 0 || low < 0) return false
    words[at + word] = (high << 16) | low
  }
  return !(words[at] === numbered && words[at + 1] === numbered && words[at + 2] === numbered)
}

/** Writes the id of this number; 0 is no id. */
export const writeNumber = (words: Int32Array, at: number, number: number): void => {
  words.fill(numbered, at, at + 3)
  words[at + 3] = number
}

/** Whether there is an id. */
export const isThere = (words: Int32Array, at: number): boolean =>
  !(words[at] === numbered && words[at + 1] === numbered && words[at + 2] === numbered && words[at + 3] === 0)

const eight = (word: number): string => (word >>> 0).toString(16).padStart(8, "0")

/** Gives numbers to the ids that are no UUIDs. */
export class IdNumbers {
  private readonly numbers = new Map<string, number>()
  private readonly ids: Array<string> = [""]

  /** Writes any id; null is none. */
  write(words: Int32Array, at: number, id: string | null): void {
    if (id === null) writeNumber(words, at, 0)
    else if (!write(words, at, id)) writeNumber(words, at, this.numberOf(id))
  }

  /** The id that the words stand for; null for none. */
  read(words: Int32Array, at: number): string | null {
    const [one, two, three, four] = [words[at] ?? 0, words[at + 1] ?? 0, words[at + 2] ?? 0, words[at + 3] ?? 0]
    if (one === numbered && two === numbered && three === numbered) return four === 0 ? null : (this.ids[four] ?? null)
    const text = eight(one) + eight(two) + eight(three) + eight(four)
    return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`
  }

  private numberOf(id: string): number {
    const known = this.numbers.get(id)
    if (known !== undefined) return known
    const number = this.ids.push(id) - 1
    this.numbers.set(id, number)
    return number
  }
}
