/** A set of sequence indices that grows with the number of runs in it, never with the number of indices. */
import { IndexChunk, span } from "./IndexChunk.js"

/** The number of no chunk, nor of the neighbour of one. */
const none = -2

/** The set as it is stored: whole chunks of 65,536 as ranges of their numbers, the others as runs or as a bitmap. */
export interface Snapshot {
  /** First and last number of chunks in a row of which every index is in the set. */
  readonly full: ReadonlyArray<readonly [number, number]>
  readonly chunks: ReadonlyArray<{
    /** The chunk's number: its first index divided by 65,536. */
    readonly key: number
    /** First and last offset of each run. */
    readonly runs?: ReadonlyArray<readonly [number, number]> | undefined
    /** One bit for each offset, 8 KiB. */
    readonly bits?: Uint8Array | undefined
  }>
}

/**
 * Indices from 0 to 2^53 − 1, mutable. Chunks that are full are kept as ranges of chunks, the others as an
 * {@link IndexChunk} each: a hundred million indices in any order stay under 20 MiB.
 */
export class IndexSet {
  /** How many indices are in it. */
  size = 0
  private readonly chunks = new Map<number, IndexChunk>()
  /** First and last number of full chunks in a row, in order; ranges never touch. */
  private readonly full: Array<number> = []
  /** The chunk that was used last: neighbours come together. */
  private lastKey = none
  private lastChunk = new IndexChunk()

  /** The set that {@link IndexSet.snapshot} described. */
  static restore(snapshot: Snapshot): IndexSet {
    const set = new IndexSet()
    for (const [first, last] of snapshot.full) set.addFull(first, last)
    for (const { bits, key, runs } of snapshot.chunks) {
      if (bits !== undefined) set.mergeChunk(key, IndexChunk.fromBitmap(bits))
      for (const [low, high] of runs ?? []) set.addRange(key * span + low, key * span + high)
    }
    return set
  }

  /** A copy for storing. */
  snapshot(): Snapshot {
    const full: Array<readonly [number, number]> = []
    for (let at = 0; at < this.full.length; at += 2) full.push([this.full[at] ?? 0, this.full[at + 1] ?? 0])
    const chunks = this.sortedKeys().map((key) => {
      const chunk = this.chunks.get(key) ?? new IndexChunk()
      if (chunk.bitmap !== undefined) return { key, bits: chunk.bitmap.slice() }
      const runs: Array<readonly [number, number]> = []
      chunk.forEachRun(0, (low, high) => runs.push([low, high]))
      return { key, runs }
    })
    return { full, chunks }
  }

  /** Whether `index` is in the set. */
  has(index: number): boolean {
    const key = Math.floor(index / span)
    const chunk = this.chunkAt(key)
    return chunk === undefined ? this.isFull(key) : chunk.has(index - key * span)
  }

  /** Adds one index. False where it was there already. */
  add(index: number): boolean {
    const key = Math.floor(index / span)
    const chunk = this.openChunk(key)
    if (chunk?.add(index - key * span) !== true) return false
    this.size++
    if (chunk.count === span) this.addFull(key, key)
    return true
  }

  /** Adds every index from `low` to `high`, both included. */
  addRange(low: number, high: number): void {
    const lowest = Math.floor(low / span)
    const highest = Math.floor(high / span)
    if (lowest === highest) {
      this.addWithin(lowest, low - lowest * span, high - lowest * span)
      return
    }
    const first = low === lowest * span ? lowest : lowest + 1
    const last = high === highest * span + span - 1 ? highest : highest - 1
    if (first !== lowest) this.addWithin(lowest, low - lowest * span, span - 1)
    if (last !== highest) this.addWithin(highest, 0, high - highest * span)
    if (first <= last) this.addFull(first, last)
  }

  /** The smallest index; undefined where the set is empty. */
  first(): number | undefined {
    let key = this.full[0] ?? Number.POSITIVE_INFINITY
    for (const other of this.chunks.keys()) key = Math.min(key, other)
    if (key === Number.POSITIVE_INFINITY) return undefined
    let first: number | undefined
    this.chunks.get(key)?.forEachRun(key * span, (low) => {
      first ??= low
    })
    return first ?? key * span
  }

  /** How many indices below `index` are in the set. */
  rank(index: number): number {
    if (index <= 0) return 0
    const key = Math.floor(index / span)
    let below = 0
    for (const [other, chunk] of this.chunks) {
      if (other < key) below += chunk.count
      else if (other === key) below += chunk.rank(index - key * span)
    }
    for (let at = 0; at < this.full.length; at += 2) {
      const low = (this.full[at] ?? 0) * span
      if (low < index) below += Math.min(((this.full[at + 1] ?? 0) + 1) * span, index) - low
    }
    return below
  }

  /** Calls `visit` with the first and last index of each run, in order; runs never touch. */
  forEachRun(visit: (low: number, high: number) => void): void {
    let from = -1
    let to = -2
    const extend = (low: number, high: number): void => {
      if (low !== to + 1) {
        if (from !== -1) visit(from, to)
        from = low
      }
      to = high
    }
    let at = 0
    const extendFull = (before: number): void => {
      for (; at < this.full.length && (this.full[at] ?? 0) < before; at += 2) {
        extend((this.full[at] ?? 0) * span, ((this.full[at + 1] ?? 0) + 1) * span - 1)
      }
    }
    for (const key of this.sortedKeys()) {
      extendFull(key)
      this.chunks.get(key)?.forEachRun(key * span, extend)
    }
    extendFull(Number.POSITIVE_INFINITY)
    if (from !== -1) visit(from, to)
  }

  /** Adds everything that is in `that`, which stays as it is. */
  merge(that: IndexSet): void {
    for (let at = 0; at < that.full.length; at += 2) this.addFull(that.full[at] ?? 0, that.full[at + 1] ?? 0)
    for (const [key, chunk] of that.chunks) this.mergeChunk(key, chunk)
  }

  private mergeChunk(key: number, that: IndexChunk): void {
    const chunk = this.openChunk(key)
    if (chunk === undefined) return
    const before = chunk.count
    chunk.merge(that)
    this.grown(key, chunk, before)
  }

  private addWithin(key: number, low: number, high: number): void {
    const chunk = this.openChunk(key)
    if (chunk === undefined) return
    const before = chunk.count
    chunk.addRange(low, high)
    this.grown(key, chunk, before)
  }

  private grown(key: number, chunk: IndexChunk, before: number): void {
    this.size += chunk.count - before
    if (chunk.count === span) this.addFull(key, key)
    else if (chunk.count === 0) this.drop(key)
  }

  /** Makes every index of the chunks from `first` to `last` a member. */
  private addFull(first: number, last: number): void {
    if (last - first < this.chunks.size) for (let key = first; key <= last; key++) this.drop(key)
    else for (const key of this.chunks.keys()) if (key >= first && key <= last) this.drop(key)
    const at = this.firstFullEndingAt(first - 1)
    let end = at
    let from = first
    let to = last
    while (end < this.full.length && (this.full[end] ?? 0) <= last + 1) {
      const start = this.full[end] ?? 0
      const stop = this.full[end + 1] ?? 0
      from = Math.min(from, start)
      to = Math.max(to, stop)
      this.size -= (stop - start + 1) * span
      end += 2
    }
    this.size += (to - from + 1) * span
    this.full.splice(at, end - at, from, to)
  }

  private drop(key: number): void {
    const chunk = this.chunks.get(key)
    if (chunk === undefined) return
    this.size -= chunk.count
    this.chunks.delete(key)
    if (key === this.lastKey) this.lastKey = none
  }

  private chunkAt(key: number): IndexChunk | undefined {
    if (key === this.lastKey) return this.lastChunk
    const chunk = this.chunks.get(key)
    if (chunk !== undefined) {
      this.lastKey = key
      this.lastChunk = chunk
    }
    return chunk
  }

  /** The chunk, made where there is none; undefined where it is full already. */
  private openChunk(key: number): IndexChunk | undefined {
    const known = this.chunkAt(key)
    if (known !== undefined) return known
    if (this.isFull(key)) return undefined
    const chunk = new IndexChunk()
    this.chunks.set(key, chunk)
    this.lastKey = key
    this.lastChunk = chunk
    return chunk
  }

  private isFull(key: number): boolean {
    return (this.full[this.firstFullEndingAt(key)] ?? Number.POSITIVE_INFINITY) <= key
  }

  /** Where in `full` the first range stands whose last chunk is `key` or more. */
  private firstFullEndingAt(key: number): number {
    let low = 0
    let high = this.full.length / 2
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.full[2 * middle + 1] ?? 0) < key) low = middle + 1
      else high = middle
    }
    return 2 * low
  }

  private sortedKeys(): Array<number> {
    return [...this.chunks.keys()].sort((left, right) => left - right)
  }
}
