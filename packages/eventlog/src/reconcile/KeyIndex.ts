/** Finds rows by what they begin with. */
import type { Rows } from "../conversation/Rows.js"

const hashOf = (words: Int32Array, at: number, count: number): number => {
  let hash = 0x2545f491
  for (let word = 0; word < count; word++) {
    hash = Math.imul(hash ^ (words[at + word] ?? 0), 0x9e3779b1)
    hash ^= hash >>> 15
  }
  return hash >>> 0
}

/** An open-addressing table over `rows`, whose key are the first `keyWords` words. Several rows may have one key. */
export class KeyIndex {
  private slots = new Int32Array(4_096)
  private used = 0

  constructor(
    private readonly rows: Rows,
    private readonly keyWords: number
  ) {}

  /** Takes in a row. */
  add(row: number): void {
    if (2 * (this.used + 1) > this.slots.length) this.grow()
    this.used++
    this.place(row)
  }

  /** The first row with the key that stands in `words` at `at`; -1 for none. */
  find(words: Int32Array, at: number): number {
    return this.seek(words, at, hashOf(words, at, this.keyWords) % this.slots.length, -1)
  }

  /** The row with the same key behind `row`; -1 for none. */
  findNext(words: Int32Array, at: number, row: number): number {
    return this.seek(words, at, hashOf(words, at, this.keyWords) % this.slots.length, row)
  }

  private seek(words: Int32Array, at: number, from: number, behind: number): number {
    const { slots } = this
    let isBehind = behind === -1
    for (let slot = from; ; slot = slot + 1 === slots.length ? 0 : slot + 1) {
      const row = (slots[slot] ?? 0) - 1
      if (row === -1) return -1
      if (isBehind && this.isSame(row, words, at)) return row
      if (row === behind) isBehind = true
    }
  }

  private isSame(row: number, words: Int32Array, at: number): boolean {
    const { width, words: own } = this.rows
    const from = row * width
    for (let word = 0; word < this.keyWords; word++) if (own[from + word] !== words[at + word]) return false
    return true
  }

  private place(row: number): void {
    const { slots } = this
    let slot = hashOf(this.rows.words, row * this.rows.width, this.keyWords) % slots.length
    while (slots[slot] !== 0) slot = slot + 1 === slots.length ? 0 : slot + 1
    slots[slot] = row + 1
  }

  private grow(): void {
    const before = this.slots
    this.slots = new Int32Array(2 * before.length)
    for (const one of before) if (one !== 0) this.place(one - 1)
  }
}
