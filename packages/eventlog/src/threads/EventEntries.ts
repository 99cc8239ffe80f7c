/**
 * Events as entries of 32 bytes, sorted into partitions by their hash, so that equal events of all sources meet in one partition, and one
 * partition after another can be compared. Loads nothing.
 *
 * An entry is eight words of 32 bits: four of the hash; the event time in milliseconds since 1970, as a double; the number of the event in
 * its source, from 0; and its group, with the highest bit set where it lies outside of what is looked at.
 */

/** Words of an entry. */
export const entryWords = 8
/** Bytes of an entry. */
export const entryBytes = 4 * entryWords
/** Where in an entry the number of the event stands. */
export const numberAt = 6
/** Where in an entry its group stands. */
export const groupAt = 7
/** The bits of the group. */
export const groupMask = 0xff_ffff
/** The bit of what lies outside. */
export const outsideBit = 0x8000_0000 | 0

/** How many partitions there are. */
export const partitions = 256

/** The partition of an entry by the first word of its hash. */
export const partitionOf = (word: number): number => word >>> 24

/** Entries, partition after partition; in a partition, in the order in which they came. */
export interface Entries {
  readonly words: Int32Array<ArrayBuffer>
  /** Where each partition begins, in entries; and the end. */
  readonly offsets: Uint32Array<ArrayBuffer>
  /** The first and the last time of each group, of the events that are looked at: two numbers a group, NaN where it has no time. */
  readonly spans: Float64Array<ArrayBuffer>
}

/** Takes entries and sorts them. */
export class Builder {
  /** How many there are. */
  count = 0
  private words: Int32Array<ArrayBuffer> = new Int32Array(1_024 * entryWords)
  private times = new Float64Array(this.words.buffer)
  private readonly counts = new Uint32Array(partitions)
  private spans: Array<number> = []

  /** Adds an entry. */
  add(hash: Int32Array, timeMs: number, number: number, group: number, isOutside: boolean): void {
    const at = this.count * entryWords
    if (at === this.words.length) this.grow()
    const { words } = this
    const first = hash[0] ?? 0
    words[at] = first
    words[at + 1] = hash[1] ?? 0
    words[at + 2] = hash[2] ?? 0
    words[at + 3] = hash[3] ?? 0
    this.times[at / 2 + 2] = timeMs
    words[at + numberAt] = number
    words[at + groupAt] = isOutside ? group | outsideBit : group
    const partition = partitionOf(first)
    this.counts[partition] = (this.counts[partition] ?? 0) + 1
    this.count++
    if (!isOutside && !Number.isNaN(timeMs)) this.noteTime(group, timeMs)
  }

  private noteTime(group: number, timeMs: number): void {
    const { spans } = this
    while (spans.length <= 2 * group + 1) spans.push(Number.NaN)
    // Nothing is less or greater than what is not there yet.
    if (!(timeMs >= (spans[2 * group] ?? Number.NaN))) spans[2 * group] = timeMs
    if (!(timeMs <= (spans[2 * group + 1] ?? Number.NaN))) spans[2 * group + 1] = timeMs
  }

  /** All entries; there are none afterwards. */
  take(): Entries {
    const offsets = new Uint32Array(partitions + 1)
    for (let at = 0; at < partitions; at++) offsets[at + 1] = (offsets[at] ?? 0) + (this.counts[at] ?? 0)
    const next = offsets.slice()
    const sorted = new Int32Array(this.count * entryWords)
    const { words } = this
    for (let at = 0; at < this.count * entryWords; at += entryWords) {
      const partition = partitionOf(words[at] ?? 0)
      const entry = next[partition] ?? 0
      next[partition] = entry + 1
      const to = entry * entryWords
      for (let word = 0; word < entryWords; word++) sorted[to + word] = words[at + word] ?? 0
    }
    this.count = 0
    this.counts.fill(0)
    const spans = Float64Array.from(this.spans)
    this.spans = []
    return { words: sorted, offsets, spans }
  }

  private grow(): void {
    const larger = new Int32Array(2 * this.words.length)
    larger.set(this.words)
    this.words = larger
    this.times = new Float64Array(larger.buffer)
  }
}
