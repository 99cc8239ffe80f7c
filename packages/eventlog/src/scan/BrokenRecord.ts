/**
 * A record that is not JSON, and the lines that belong to it: where it ends nobody can prove, but people and programs write each record
 * from the beginning of a line on, and what is inside of it deeper.
 */

const lineFeed = 10
const comma = 44
const quote = 34
const closingBracket = 93
const closingBrace = 125

const isSpace = (byte: number): boolean => byte === 32 || byte === 9 || byte === 13

/**
 * To a broken record belong the rest of its first line and all lines behind it that are blank, are indented deeper than it, or begin with
 * what closes an object or names a member. The next line begins the next record.
 */
export class BrokenRecord {
  /** Lines that were passed. */
  lines = 0
  /** Whether what follows, in an array, is no value but what stands behind one. */
  isBehindValue = false
  /** How far the line is indented whose beginning was passed; −1 further on in a line. */
  private indentation = -1

  /**
   * `deepest` is how far the line is indented that the record begins on; −1 where it goes on to the end of the source, whatever follows. In
   * an array the brackets and commas of the array end it too.
   */
  constructor(
    private readonly deepest: number,
    readonly isInArray: boolean
  ) {}

  /** How many of `bytes`, which come next, belong to it. */
  pass(bytes: Uint8Array): number {
    for (let at = 0; at < bytes.length; at++) {
      if (this.indentation === -1) {
        const end = bytes.indexOf(lineFeed, at)
        if (end === -1) break
        at = end
      }
      const byte = bytes[at] ?? lineFeed
      if (byte === lineFeed) {
        this.lines++
        this.indentation = 0
      } else if (isSpace(byte)) this.indentation++
      else if (this.endsBefore(byte)) return at
      else this.indentation = -1
    }
    return bytes.length
  }

  private endsBefore(byte: number): boolean {
    if (this.indentation > this.deepest || byte === closingBrace || byte === quote) return false
    this.isBehindValue = byte === closingBracket || byte === comma
    return this.isInArray || !this.isBehindValue
  }
}
