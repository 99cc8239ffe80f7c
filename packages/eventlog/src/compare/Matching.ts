/** Finds for every event of the baseline whether it came, partition after partition. */
import * as EventEntries from "../threads/EventEntries.js"
import type { EventStore, Slice } from "./EventStore.js"

/** Counts of one group; what they mean says `BaselineReport.GroupReport`. */
export interface GroupTally {
  expected: number
  observed: number
  unique: number
  unexpected: number
  /** Distinct events of the capture. */
  distinct: number
}

/** What is told of the events of the baseline that are looked at, once each, in no order. */
export interface MatchListener {
  /** `run` and `number` say where its first copy stands. */
  readonly expected: (group: number, timeMs: number, isMissing: boolean, run: number, number: number) => void
}

const { entryWords, groupAt, groupMask, numberAt, outsideBit } = EventEntries

// What is known of an event: one bit each.
const ofBaseline = 1
const isInside = 2
const came = 4
/** It was seen in the capture, inside of what is looked at. */
const wasSeen = 8

const emptyGroup = (): GroupTally => ({ expected: 0, observed: 0, unique: 0, unexpected: 0, distinct: 0 })

/** Distinct events of one partition, in a hash table by open addressing. */
class EventTable {
  count = 0
  /** The entries, one after another: see {@link EventEntries}. */
  words = new Int32Array(0)
  times = new Float64Array(0)
  runs = new Int32Array(0)
  groups = new Int32Array(0)
  flags = new Uint8Array(0)
  private slots = new Int32Array(0)
  private mask = 0

  /** Forgets everything, and makes room for `most` events; where there are more it grows. */
  clear(most: number): void {
    this.count = 0
    if (this.flags.length < most) {
      const size = Math.ceil(1.25 * most)
      this.words = new Int32Array(size * entryWords)
      this.times = new Float64Array(this.words.buffer)
      this.runs = new Int32Array(size)
      this.groups = new Int32Array(size)
      this.flags = new Uint8Array(size)
    }
    let slots = 16
    while (slots < 2 * most) slots *= 2
    if (this.slots.length < slots) this.slots = new Int32Array(slots)
    else this.slots.fill(0, 0, slots)
    this.mask = slots - 1
  }

  /** The event with the hash that stands at `at`; a new one, with `flags` 0, where there is none. */
  find(words: Int32Array, at: number): number {
    const first = words[at]
    const second = words[at + 1]
    const third = words[at + 2]
    const fourth = words[at + 3]
    let slot = (second ?? 0) & this.mask
    for (;;) {
      const event = (this.slots[slot] ?? 0) - 1
      if (event === -1) break
      const to = event * entryWords
      if (
        this.words[to + 1] === second &&
        this.words[to] === first &&
        this.words[to + 2] === third &&
        this.words[to + 3] === fourth
      ) {
        return event
      }
      slot = (slot + 1) & this.mask
    }
    if (this.count === this.flags.length || 2 * this.count > this.mask) {
      this.grow()
      return this.find(words, at)
    }
    const event = this.count++
    this.slots[slot] = event + 1
    this.flags[event] = 0
    this.put(event, words, at)
    return event
  }

  private grow(): void {
    const { count, flags, groups, runs, words } = this
    this.clear(2 * count + 16)
    this.words.set(words.subarray(0, count * entryWords))
    this.runs.set(runs.subarray(0, count))
    this.groups.set(groups.subarray(0, count))
    this.flags.set(flags.subarray(0, count))
    this.count = count
    for (let event = 0; event < count; event++) {
      let slot = (this.words[event * entryWords + 1] ?? 0) & this.mask
      while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask
      this.slots[slot] = event + 1
    }
  }

  /** Takes the time, the number and the rest of the entry at `at`. */
  put(event: number, words: Int32Array, at: number): void {
    const to = event * entryWords
    for (let word = 0; word < entryWords; word++) this.words[to + word] = words[at + word] ?? 0
  }
}

/** See above. */
export class Matching {
  /** Counts, by the number of the group. */
  readonly groups: Array<GroupTally> = []
  /** Records of the baseline that are looked at. */
  baselineEvents = 0
  private readonly table = new EventTable()

  constructor(
    private readonly store: EventStore,
    private readonly listener: MatchListener,
    private readonly mostBytes: number
  ) {}

  /** Matches one partition; what is too large for the memory in several rounds. Throws what `node:fs` does. */
  match(partition: number): void {
    let rounds = 1
    // The table takes about twice what the entries do.
    while ((2 * this.store.sizeOf(partition)) / rounds > this.mostBytes && rounds < 65_536) rounds *= 2
    for (let round = 0; round < rounds; round++) this.matchRound(partition, round, rounds - 1)
  }

  private matchRound(partition: number, round: number, mask: number): void {
    this.table.clear(Math.ceil(this.store.sizeOf(partition) / EventEntries.entryBytes / (mask + 1)))
    for (const slice of this.store.slices("baseline", partition)) this.takeBaseline(slice, round, mask)
    for (const slice of this.store.slices("capture", partition)) this.takeCapture(slice, round, mask)
    this.count()
  }

  private takeBaseline({ groups, run, words }: Slice, round: number, mask: number): void {
    const { table } = this
    for (let at = 0; at < words.length; at += entryWords) {
      if (((words[at] ?? 0) & mask) !== round) continue
      const tag = words[at + groupAt] ?? 0
      const inside = (tag & outsideBit) === 0 ? isInside : 0
      if (inside !== 0) this.baselineEvents++
      const event = table.find(words, at)
      const flags = table.flags[event] ?? 0
      const group = groups[tag & groupMask] ?? 0
      const isFirst =
        flags === 0 ||
        (inside !== 0 && ((flags & isInside) === 0 || this.isBefore(run, words[at + numberAt] ?? 0, event)))
      if (!isFirst) continue
      if (flags !== 0) table.put(event, words, at)
      table.flags[event] = ofBaseline | inside
      table.runs[event] = run
      table.groups[event] = group
    }
  }

  private isBefore(run: number, number: number, event: number): boolean {
    const other = this.table.runs[event] ?? 0
    return run < other || (run === other && number >>> 0 < (this.table.words[event * entryWords + numberAt] ?? 0) >>> 0)
  }

  private takeCapture({ groups, words }: Slice, round: number, mask: number): void {
    const { table } = this
    for (let at = 0; at < words.length; at += entryWords) {
      if (((words[at] ?? 0) & mask) !== round) continue
      const tag = words[at + groupAt] ?? 0
      const event = table.find(words, at)
      const flags = (table.flags[event] ?? 0) | came
      table.flags[event] = flags
      if ((tag & outsideBit) !== 0) continue
      const tally = this.tallyOf(groups[tag & groupMask] ?? 0)
      tally.observed++
      if ((flags & wasSeen) !== 0) continue
      table.flags[event] = flags | wasSeen
      tally.distinct++
      if ((flags & ofBaseline) === 0) tally.unexpected++
    }
  }

  private count(): void {
    const { count, flags, groups, runs, times, words } = this.table
    for (let event = 0; event < count; event++) {
      const known = flags[event] ?? 0
      if ((known & (ofBaseline | isInside)) !== (ofBaseline | isInside)) continue
      const isMissing = (known & came) === 0
      const group = groups[event] ?? 0
      const tally = this.tallyOf(group)
      tally.expected++
      if (!isMissing) tally.unique++
      const number = (words[event * entryWords + numberAt] ?? 0) >>> 0
      this.listener.expected(
        group,
        times[event * (entryWords / 2) + 2] ?? Number.NaN,
        isMissing,
        runs[event] ?? 0,
        number
      )
    }
  }

  private tallyOf(group: number): GroupTally {
    const known = this.groups[group]
    if (known !== undefined) return known
    const tally = emptyGroup()
    this.groups[group] = tally
    return tally
  }
}
