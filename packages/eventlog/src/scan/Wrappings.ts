/** How many events came in which wrapping. */

/** More kinds of wrappings are counted as one: their names are what a source says. */
const mostKinds = 100
const others = "<others>"

/** Events that were taken out of wrappings, by what `EventEnvelope.wrappingOf` calls these. */
export class Wrappings {
  private readonly counts = new Map<string, number>()

  /** Takes in `count` events. */
  add(wrapping: string, count = 1): void {
    const known = this.counts.get(wrapping)
    const name = known === undefined && this.counts.size >= mostKinds ? others : wrapping
    this.counts.set(name, (known ?? this.counts.get(name) ?? 0) + count)
  }

  /** Takes in what another has counted. */
  addAll(entries: Iterable<readonly [string, number]>): void {
    for (const [wrapping, count] of entries) this.add(wrapping, count)
  }

  /** As reports have them. */
  listed(): ReadonlyArray<{ readonly wrapping: string; readonly events: number }> {
    return this.entries().map(([wrapping, events]) => ({ wrapping, events }))
  }

  /** The wrappings and their counts, in the order in which they were seen. */
  entries(): ReadonlyArray<readonly [string, number]> {
    return [...this.counts]
  }
}
