/**
 * Which indices of one sequence were seen, kept exactly while events arrive in any order, more than once, or not at all.
 *
 * A tracker is mutable: it takes tens of millions of indices a second and grows with the number of runs of indices, never
 * with the number of events. {@link snapshot} and {@link restore} carry it over a restart, {@link merge} puts two together
 * that watched one log in two parts.
 *
 * Nothing but the sets is imported here, so that a thread that only counts has little to load.
 */
import * as IndexSet from "./IndexSet.js"

/** One past the largest index. */
const beyond = Number.MAX_SAFE_INTEGER + 1

/** The state. Its fields are this module's own; read it through `SequenceVerification.report`. */
export interface SequenceTracker {
  /** Events with a valid index, those of the open run aside. */
  observed: number
  /** Events that came behind a larger index, those of the open run aside. */
  outOfOrder: number
  /** The largest index; −1 before there is one. An open run that leads is not in it yet. */
  maximum: number
  /** How often `maximum` came again while it was the largest. */
  maximumRepeats: number
  /** The run that is being extended goes from here to `next − 1`. */
  runStart: number
  /** The index that extends the open run. */
  next: number
  /** The open run ends before this index: none for a run that leads, `maximum` for one behind it; −1 where no run is open. */
  limit: number
  /** Event times of the open run's two ends. */
  startTime: string | undefined
  endTime: string | undefined
  /** Every index that was seen. */
  readonly indices: IndexSet.IndexSet
  /** The indices that were larger than all before them. */
  readonly records: IndexSet.IndexSet
  /** How often a record came again while it was the largest, in binary: the set at place k holds the records whose bit k is one. */
  readonly repeats: Array<IndexSet.IndexSet>
  /** Event times at the edges of runs; entries inside a run are left over and swept now and then. */
  readonly times: Map<number, string>
  /** The size of `times` at which it is swept. */
  sweepAt: number
}

/** A tracker that has seen nothing. */
export const make = (): SequenceTracker => ({
  observed: 0,
  outOfOrder: 0,
  maximum: -1,
  maximumRepeats: 0,
  runStart: -1,
  next: -1,
  limit: -1,
  startTime: undefined,
  endTime: undefined,
  indices: new IndexSet.IndexSet(),
  records: new IndexSet.IndexSet(),
  repeats: [],
  times: new Map(),
  sweepAt: 1_024
})

/**
 * Takes note of one event. False, and nothing noted, where `index` is not a whole number from 0 to 2^53 − 1.
 *
 * `time` is the event's time, as text. It is kept only while the index stands at the edge of a run; of an index that came
 * more than once, the first event that has a time gives it.
 */
export const observe = (tracker: SequenceTracker, index: number, time?: string): boolean => {
  if (index === tracker.next && index < tracker.limit) {
    tracker.next = index + 1
    tracker.endTime = time
    return true
  }
  return observeElsewhere(tracker, index, time)
}

const observeElsewhere = (tracker: SequenceTracker, index: number, time: string | undefined): boolean => {
  if (!Number.isSafeInteger(index) || index < 0) return false
  close(tracker)
  if (index === tracker.maximum) {
    tracker.observed++
    tracker.maximumRepeats++
    noteTime(tracker, index, time)
    return true
  }
  const leads = index > tracker.maximum
  if (leads) storeRepeats(tracker)
  // Adding zero turns −0 into 0.
  tracker.runStart = index + 0
  tracker.next = index + 1
  tracker.limit = leads ? beyond : tracker.maximum
  tracker.startTime = time
  tracker.endTime = time
  return true
}

/**
 * Takes note of events that came one after the other, from index `first` to `last`, as {@link observe} would of each. The times are
 * those of the two ends: the indices between them are at no edge. False, and nothing noted, where an end is no index or `last`
 * comes before `first`.
 */
export const observeRun = (
  tracker: SequenceTracker,
  first: number,
  last: number,
  firstTime?: string,
  lastTime?: string
): boolean => {
  if (!Number.isSafeInteger(last) || first > last || !observe(tracker, first, firstTime)) return false
  for (let next = first + 1; next <= last; next++) {
    // The run that was opened takes all that is left, up to the largest index so far if that stands in its way.
    const end = next === tracker.next ? Math.min(last, tracker.limit - 1) : -1
    if (end < next) observe(tracker, next, next === last ? lastTime : undefined)
    else {
      tracker.next = end + 1
      tracker.endTime = end === last ? lastTime : undefined
      next = end
    }
  }
  return true
}

/** Moves the open run into the sets. Nothing that a caller can see changes. */
const close = (tracker: SequenceTracker): void => {
  if (tracker.limit === -1) return
  const low = tracker.runStart
  const high = tracker.next - 1
  tracker.observed += high - low + 1
  add(tracker.indices, low, high)
  if (tracker.limit === beyond) {
    add(tracker.records, low, high)
    tracker.maximum = high
  } else {
    tracker.outOfOrder += high - low + 1
  }
  tracker.limit = -1
  tracker.next = -1
  noteTime(tracker, low, tracker.startTime)
  if (high !== low) noteTime(tracker, high, tracker.endTime)
}

const add = (set: IndexSet.IndexSet, low: number, high: number): void => {
  if (low === high) set.add(low)
  else set.addRange(low, high)
}

const noteTime = (tracker: SequenceTracker, index: number, time: string | undefined): void => {
  if (time === undefined || tracker.times.has(index) || isInside(tracker.indices, index)) return
  tracker.times.set(index, time)
  if (tracker.times.size < tracker.sweepAt) return
  for (const noted of tracker.times.keys()) if (isInside(tracker.indices, noted)) tracker.times.delete(noted)
  tracker.sweepAt = Math.max(1_024, 2 * tracker.times.size)
}

/** Whether both neighbours were seen: then no gap will ever begin or end at `index`. */
const isInside = (indices: IndexSet.IndexSet, index: number): boolean =>
  indices.has(index - 1) && indices.has(index + 1)

const storeRepeats = (tracker: SequenceTracker): void => {
  for (let rest = tracker.maximumRepeats, place = 0; rest > 0; rest = Math.floor(rest / 2), place++) {
    if (rest % 2 === 1) repeatsAt(tracker, place).add(tracker.maximum)
  }
  tracker.maximumRepeats = 0
}

const repeatsAt = (tracker: SequenceTracker, place: number): IndexSet.IndexSet => {
  while (tracker.repeats.length <= place) tracker.repeats.push(new IndexSet.IndexSet())
  return tracker.repeats[place] ?? new IndexSet.IndexSet()
}

/**
 * Takes everything that `later` has seen into `tracker`, which is then as if it had seen its own events first and those
 * of `later` after them; the result is exact to the last count. `later` stays as it is.
 *
 * An event of `later` that was in order there is out of order now if its index is below the largest of `tracker`. Such events
 * are the records of `later` and their repeats, which is why a tracker keeps both.
 */
export const merge = (tracker: SequenceTracker, later: SequenceTracker): SequenceTracker => {
  close(tracker)
  close(later)
  if (later.maximum === -1) return tracker
  const maximum = tracker.maximum
  tracker.observed += later.observed
  tracker.outOfOrder += later.outOfOrder + inOrderBelow(later, maximum)
  if (later.records.has(maximum)) tracker.maximumRepeats += 1 + repeatsOf(later, maximum)
  if (later.maximum > maximum) {
    storeRepeats(tracker)
    addAbove(tracker.records, later.records, maximum)
    for (const [place, set] of later.repeats.entries()) {
      // Looked at first: a place that holds nothing would tell two equal trackers apart when they are stored.
      if (set.rank(later.maximum + 1) > set.rank(maximum + 1)) addAbove(repeatsAt(tracker, place), set, maximum)
    }
    tracker.maximum = later.maximum
    tracker.maximumRepeats = later.maximumRepeats
  }
  tracker.indices.merge(later.indices)
  for (const [index, time] of later.times) noteTime(tracker, index, time)
  return tracker
}

/** How many events of `tracker` that were not out of order have an index below `index`. */
const inOrderBelow = (tracker: SequenceTracker, index: number): number =>
  tracker.repeats.reduce(
    (sum, set, place) => sum + 2 ** place * set.rank(index),
    tracker.records.rank(index) + (tracker.maximum < index ? tracker.maximumRepeats : 0)
  )

const repeatsOf = (tracker: SequenceTracker, record: number): number =>
  record === tracker.maximum
    ? tracker.maximumRepeats
    : tracker.repeats.reduce((sum, set, place) => sum + (set.has(record) ? 2 ** place : 0), 0)

const addAbove = (set: IndexSet.IndexSet, that: IndexSet.IndexSet, bound: number): void =>
  that.forEachRun((low, high) => {
    if (high > bound) add(set, Math.max(low, bound + 1), high)
  })

/** What a tracker has seen, in figures. */
export interface Observed {
  /** All events with a valid index. */
  readonly observed: number
  /** Events whose index is smaller than the largest index before them. The largest index again is a duplicate, but in order. */
  readonly outOfOrder: number
  /** The smallest and the largest index; null before there is one. */
  readonly bounds: { readonly first: number; readonly last: number } | null
  /** The distinct indices. Read only. */
  readonly indices: IndexSet.IndexSet
  /** The event time of an index at the edge of a run; undefined where the event had none. */
  readonly timeOf: (index: number) => string | undefined
}

/** What `tracker` has seen so far. A view: it is right until the next {@link observe} or {@link merge}. */
export const observed = (tracker: SequenceTracker): Observed => {
  close(tracker)
  const first = tracker.indices.first()
  return {
    observed: tracker.observed,
    outOfOrder: tracker.outOfOrder,
    bounds: first === undefined ? null : { first, last: tracker.maximum },
    indices: tracker.indices,
    timeOf: (index) => tracker.times.get(index)
  }
}

/** A tracker as it goes to another thread, or is stored. */
export interface Snapshot {
  readonly observed: number
  readonly outOfOrder: number
  /** The largest index; null before there is one. */
  readonly maximum: number | null
  readonly maximumRepeats: number
  readonly indices: IndexSet.Snapshot
  readonly records: IndexSet.Snapshot
  readonly repeats: ReadonlyArray<IndexSet.Snapshot>
  readonly times: ReadonlyArray<readonly [number, string]>
}

/** A copy of the state for handing to another thread, or for storing. */
export const snapshot = (tracker: SequenceTracker): Snapshot => {
  close(tracker)
  const times: Array<Snapshot["times"][number]> = []
  for (const [index, time] of tracker.times) {
    if (!isInside(tracker.indices, index)) times.push([index, time])
  }
  return {
    observed: tracker.observed,
    outOfOrder: tracker.outOfOrder,
    maximum: tracker.maximum === -1 ? null : tracker.maximum,
    maximumRepeats: tracker.maximumRepeats,
    indices: tracker.indices.snapshot(),
    records: tracker.records.snapshot(),
    repeats: tracker.repeats.map((set) => set.snapshot()),
    times
  }
}

/** A tracker that goes on where the stored one stopped. */
export const restore = (snapshot: Snapshot): SequenceTracker => ({
  ...make(),
  observed: snapshot.observed,
  outOfOrder: snapshot.outOfOrder,
  maximum: snapshot.maximum ?? -1,
  maximumRepeats: snapshot.maximumRepeats,
  indices: IndexSet.IndexSet.restore(snapshot.indices),
  records: IndexSet.IndexSet.restore(snapshot.records),
  repeats: snapshot.repeats.map((set) => IndexSet.IndexSet.restore(set)),
  times: new Map(snapshot.times),
  sweepAt: Math.max(1_024, 2 * snapshot.times.length)
})
