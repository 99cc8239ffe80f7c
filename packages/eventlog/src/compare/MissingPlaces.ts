/** Where the missing events stand: a bit for each event of the runs that lack some. */
export class MissingPlaces {
  /** How many there are. */
  count = 0
  private readonly runs = new Map<number, Uint8Array>()

  /** Notes that the event `number` of a run of `size` events is missing. */
  add(run: number, number: number, size: number): void {
    const known = this.runs.get(run)
    const bits = known ?? new Uint8Array(Math.ceil(size / 8))
    if (known === undefined) this.runs.set(run, bits)
    bits[number >>> 3] = (bits[number >>> 3] ?? 0) | (1 << (number & 7))
    this.count++
  }

  /** The runs that lack some, in their order. */
  get lacking(): ReadonlyArray<number> {
    return [...this.runs.keys()].sort((left, right) => left - right)
  }

  /** Whether the event is missing. */
  has(run: number, number: number): boolean {
    return ((this.runs.get(run)?.[number >>> 3] ?? 0) & (1 << (number & 7))) !== 0
  }

  /** Whether an event is missing among those of a run from `from` on and before `to`. */
  hasAny(run: number, from: number, to: number): boolean {
    const bits = this.runs.get(run)
    if (bits === undefined) return false
    for (let at = from; at < to; ) {
      if ((at & 7) === 0 && bits[at >>> 3] === 0) at += 8
      else if (this.has(run, at)) return true
      else at++
    }
    return false
  }
}
