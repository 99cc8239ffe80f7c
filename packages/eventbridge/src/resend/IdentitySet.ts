/** A set of event ids in typed arrays: some 40 bytes for each, however many there are. */

const words = 4

const leastSlots = 1_024

/** Ids are 32 hex digits; see `ResendEvent.id`. */
export class IdentitySet {
  /** How many there are. */
  size = 0
  private slots = new Uint32Array(leastSlots * words)
  // The id of zeros alone is what an empty slot looks like.
  private hasZero = false
  private readonly wanted = new Uint32Array(words)

  /** Takes the id in. False where it was there already. */
  add(id: string): boolean {
    if (!this.read(id)) {
      const isNew = !this.hasZero
      this.hasZero = true
      if (isNew) this.size++
      return isNew
    }
    const at = this.find(this.slots)
    if (this.isTaken(this.slots, at)) return false
    this.slots.set(this.wanted, at)
    this.size++
    if (this.size * 2 > this.slots.length / words) this.grow()
    return true
  }

  /** Whether it is there. */
  has(id: string): boolean {
    return this.read(id) ? this.isTaken(this.slots, this.find(this.slots)) : this.hasZero
  }

  // Answers whether it is another id than that of zeros alone.
  private read(id: string): boolean {
    let any = 0
    for (let word = 0; word < words; word++) {
      const value = Number.parseInt(id.slice(word * 8, word * 8 + 8), 16)
      this.wanted[word] = value
      any |= value
    }
    return any !== 0
  }

  private isTaken(slots: Uint32Array, at: number): boolean {
    return ((slots[at] ?? 0) | (slots[at + 1] ?? 0) | (slots[at + 2] ?? 0) | (slots[at + 3] ?? 0)) !== 0
  }

  // The slot of what is wanted, or the free one where it would stand. The digits are those of a hash: any of them spread well.
  private find(slots: Uint32Array): number {
    const { wanted } = this
    const mask = slots.length / words - 1
    for (let slot = (wanted[0] ?? 0) & mask; ; slot = (slot + 1) & mask) {
      const at = slot * words
      if (!this.isTaken(slots, at)) return at
      const isSame =
        slots[at] === wanted[0] &&
        slots[at + 1] === wanted[1] &&
        slots[at + 2] === wanted[2] &&
        slots[at + 3] === wanted[3]
      if (isSame) return at
    }
  }

  private grow(): void {
    const before = this.slots
    const after = new Uint32Array(before.length * 2)
    for (let at = 0; at < before.length; at += words) {
      if (!this.isTaken(before, at)) continue
      this.wanted.set(before.subarray(at, at + words))
      after.set(this.wanted, this.find(after))
    }
    this.slots = after
  }
}
