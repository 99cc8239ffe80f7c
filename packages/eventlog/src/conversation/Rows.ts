/** Rows of a fixed number of words of 32 bits, as many as there are. Loads nothing. */

/** See above. The width is even, so that doubles can stand in a row, at even places. */
export class Rows {
  /** How many there are. */
  count = 0
  words: Int32Array<ArrayBuffer>
  /** The same memory as doubles: half as many in a row. */
  doubles: Float64Array<ArrayBuffer>

  constructor(
    readonly width: number,
    room = 1_024
  ) {
    this.words = new Int32Array(width * room)
    this.doubles = new Float64Array(this.words.buffer)
  }

  /** Another row, of zeros; where in {@link words} it begins. */
  add(): number {
    const at = this.count * this.width
    if (at === this.words.length) this.grow(at + this.width)
    this.count++
    return at
  }

  /** Appends the rows of another; the number of the first of them. */
  append(words: Int32Array): number {
    const first = this.count
    const at = first * this.width
    if (at + words.length > this.words.length) this.grow(at + words.length)
    this.words.set(words, at)
    this.count += words.length / this.width
    return first
  }

  /** All rows as a piece of memory of their own; there are none afterwards. */
  take(): Int32Array<ArrayBuffer> {
    const taken = this.words.slice(0, this.count * this.width)
    this.count = 0
    this.words.fill(0, 0, taken.length)
    return taken
  }

  /** By half as much again: a table of a million rows must not be there thrice while it grows. */
  private grow(least: number): void {
    const rows = Math.ceil(Math.max(least, 1.5 * this.words.length) / this.width)
    const larger = new Int32Array(rows * this.width)
    larger.set(this.words)
    this.words = larger
    this.doubles = new Float64Array(larger.buffer)
  }
}
