/** How far lines are indented, in bytes, told of bytes that come in pieces. */

const lineFeed = 10

const isSpace = (byte: number | undefined): boolean => byte === 32 || byte === 9 || byte === 13

/** The place of the first byte from `from` on that is no space; `end` where there is none before it. */
const pastSpace = (bytes: Uint8Array, from: number, end: number): number => {
  let at = from
  while (at < end && isSpace(bytes[at])) at++
  return at
}

/** Where a reader stands in a line. */
export class Indentation {
  /** Spaces that the line begins with, as far as it was passed. */
  private size = 0
  /** Whether nothing else was passed of it. */
  private isOpen = true

  /** Whether the reader stands at the beginning of a line. */
  get isAtLineStart(): boolean {
    return this.isOpen && this.size === 0
  }

  /** A line begins, whatever came before. */
  begin(): void {
    this.size = 0
    this.isOpen = true
  }

  /** The bytes from `from` to `end` are passed. */
  pass(bytes: Uint8Array, from: number, end: number): void {
    const lastFeed = bytes.subarray(from, end).lastIndexOf(lineFeed)
    if (lastFeed !== -1) this.begin()
    if (!this.isOpen) return
    const line = lastFeed === -1 ? from : from + lastFeed + 1
    const first = pastSpace(bytes, line, end)
    this.size += first - line
    this.isOpen = first === end
  }

  /** How far the line is indented that the byte at `at` stands on, where the reader stands at `from`; `bytes` end at `end`. */
  of(bytes: Uint8Array, from: number, at: number, end: number): number {
    const feed = bytes.subarray(from, at).lastIndexOf(lineFeed)
    const line = from + feed + 1
    const here = pastSpace(bytes, line, end) - line
    if (feed !== -1) return here
    return this.size + (this.isOpen ? here : 0)
  }
}
