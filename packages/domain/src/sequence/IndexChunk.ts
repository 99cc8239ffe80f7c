/** Which of 65,536 neighbouring indices were seen: as runs while they are few, as a bitmap when they are many. */

/** How many indices one chunk spans. */
export const span = 65_536

/** Runs are kept up to this many (1 KiB); past it the bitmap (8 KiB) is the faster form, and still small. */
const mostRuns = 256
const bitmapBytes = span / 8

const bitsIn = new Uint8Array(256)
for (let byte = 1; byte < 256; byte++) bitsIn[byte] = (bitsIn[byte >> 1] ?? 0) + (byte & 1)

/**
 * A set of offsets from 0 to 65,535, mutable. The container format is that of Roaring bitmaps: it never takes more than
 * about 8 KiB, and a single run takes a few bytes.
 */
export class IndexChunk {
  /** How many offsets are in it. */
  count = 0
  /** First and last offset of each run, in order; runs never touch. Unused once there is a bitmap. */
  private runs = new Uint16Array(8)
  private runCount = 0
  private bits: Uint8Array | undefined

  /** A chunk from the bitmap that {@link IndexChunk.bitmap} gave; the bytes are copied. */
  static fromBitmap(bytes: Uint8Array): IndexChunk {
    const chunk = new IndexChunk()
    const bits = new Uint8Array(bitmapBytes)
    bits.set(bytes.subarray(0, bitmapBytes))
    chunk.bits = bits
    chunk.recount(bits)
    return chunk
  }

  /** The bitmap itself, offset 0 in the lowest bit of the first byte; undefined while the chunk is kept as runs. */
  get bitmap(): Uint8Array | undefined {
    return this.bits
  }

  /** Whether `offset` is in the set. */
  has(offset: number): boolean {
    if (this.bits !== undefined) return (((this.bits[offset >> 3] ?? 0) >> (offset & 7)) & 1) === 1
    const at = this.firstRunEndingAt(offset)
    return at < this.runCount && (this.runs[2 * at] ?? 0) <= offset
  }

  /** Adds one offset. False where it was there already. */
  add(offset: number): boolean {
    const bits = this.bits
    if (bits === undefined) {
      const before = this.count
      this.addRange(offset, offset)
      return this.count !== before
    }
    const byte = bits[offset >> 3] ?? 0
    const bit = 1 << (offset & 7)
    if ((byte & bit) !== 0) return false
    bits[offset >> 3] = byte | bit
    this.count++
    return true
  }

  /** Adds every offset from `low` to `high`, both included. */
  addRange(low: number, high: number): void {
    if (this.bits === undefined) this.addRun(low, high)
    else this.fill(this.bits, low, high)
  }

  /** How many offsets below `offset` are in the set. */
  rank(offset: number): number {
    let below = 0
    if (this.bits !== undefined) {
      const whole = offset >> 3
      for (let at = 0; at < whole; at++) below += bitsIn[this.bits[at] ?? 0] ?? 0
      return below + (bitsIn[(this.bits[whole] ?? 0) & ((1 << (offset & 7)) - 1)] ?? 0)
    }
    for (let at = 0; at < this.runCount; at++) {
      const start = this.runs[2 * at] ?? 0
      if (start >= offset) break
      below += Math.min(this.runs[2 * at + 1] ?? 0, offset - 1) - start + 1
    }
    return below
  }

  /** Calls `visit` with the first and last index of each run, in order; `base` is the index of offset 0. */
  forEachRun(base: number, visit: (low: number, high: number) => void): void {
    if (this.bits === undefined) {
      for (let at = 0; at < this.runCount; at++) {
        visit(base + (this.runs[2 * at] ?? 0), base + (this.runs[2 * at + 1] ?? 0))
      }
      return
    }
    let low = -1
    for (let at = 0; at < bitmapBytes; at++) {
      const byte = this.bits[at] ?? 0
      // A byte that only continues what the one before it was needs no look at its bits.
      if (byte === (low === -1 ? 0 : 255)) continue
      for (let bit = 0; bit < 8; bit++) {
        const seen = ((byte >> bit) & 1) === 1
        if (seen && low === -1) low = at * 8 + bit
        if (!seen && low !== -1) {
          visit(base + low, base + at * 8 + bit - 1)
          low = -1
        }
      }
    }
    if (low !== -1) visit(base + low, base + span - 1)
  }

  /** Adds everything that is in `that`. */
  merge(that: IndexChunk): void {
    if (that.bits === undefined) {
      that.forEachRun(0, (low, high) => this.addRange(low, high))
      return
    }
    const bits = this.bits ?? this.toBitmap()
    for (let at = 0; at < bitmapBytes; at++) bits[at] = (bits[at] ?? 0) | (that.bits[at] ?? 0)
    this.recount(bits)
  }

  private addRun(low: number, high: number): void {
    // Runs from `first` up to, not including, `last` overlap or touch the new one: they become one run with it.
    const first = this.firstRunEndingAt(low - 1)
    let last = first
    let from = low
    let to = high
    let absorbed = 0
    while (last < this.runCount && (this.runs[2 * last] ?? 0) <= high + 1) {
      const start = this.runs[2 * last] ?? 0
      const end = this.runs[2 * last + 1] ?? 0
      from = Math.min(from, start)
      to = Math.max(to, end)
      absorbed += end - start + 1
      last++
    }
    this.count += to - from + 1 - absorbed
    this.replaceRuns(first, last, from, to)
  }

  /** The place of the first run whose end is `offset` or more. */
  private firstRunEndingAt(offset: number): number {
    let low = 0
    let high = this.runCount
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.runs[2 * middle + 1] ?? 0) < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  private replaceRuns(first: number, last: number, from: number, to: number): void {
    const runCount = this.runCount + 1 - (last - first)
    if (2 * runCount > this.runs.length) {
      if (runCount > mostRuns) {
        this.fill(this.toBitmap(from, to), from, to)
        return
      }
      const larger = new Uint16Array(2 * this.runs.length)
      larger.set(this.runs)
      this.runs = larger
    }
    if (last !== first + 1) this.runs.copyWithin(2 * (first + 1), 2 * last, 2 * this.runCount)
    this.runs[2 * first] = from
    this.runs[2 * first + 1] = to
    this.runCount = runCount
  }

  /** Turns the runs into a bitmap; a run that was counted but is not among them yet is taken off the count again. */
  private toBitmap(from = 0, to = -1): Uint8Array {
    const bits = new Uint8Array(bitmapBytes)
    this.count -= to - from + 1
    const count = this.count
    this.forEachRun(0, (low, high) => this.fill(bits, low, high))
    this.count = count
    this.bits = bits
    this.runs = new Uint16Array(0)
    this.runCount = 0
    return bits
  }

  private fill(bits: Uint8Array, low: number, high: number): void {
    for (let at = low >> 3; at <= high >> 3; at++) {
      const byte = bits[at] ?? 0
      let mask = 255
      if (at === low >> 3) mask &= 255 << (low & 7)
      if (at === high >> 3) mask &= 255 >> (7 - (high & 7))
      const filled = (byte | mask) & 255
      this.count += (bitsIn[filled] ?? 0) - (bitsIn[byte] ?? 0)
      bits[at] = filled
    }
  }

  private recount(bits: Uint8Array): void {
    let count = 0
    for (let at = 0; at < bitmapBytes; at++) count += bitsIn[bits[at] ?? 0] ?? 0
    this.count = count
  }
}
