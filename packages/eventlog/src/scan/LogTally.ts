/** What was counted in a log, or in a part of one. */
import * as SequenceTracker from "@genesys-replay/domain/SequenceTracker"
import type { RecordSink } from "./RecordScanner.js"
import { Wrappings } from "./Wrappings.js"

/** A record that could not be counted. Its line is counted from the beginning of the part. */
export interface Rejection {
  readonly line: number
  readonly byte: number | undefined
  readonly reason: string
}

/** A tally as it goes from one thread to another. */
export interface Snapshot {
  readonly groups: ReadonlyArray<readonly [string | null, SequenceTracker.Snapshot]>
  readonly rejectedCount: number
  readonly rejected: ReadonlyArray<Rejection>
  readonly wrappings: ReadonlyArray<readonly [string, number]>
}

/** A log that comes in no order at all has an edge at almost every event: with so many times noted, the next ones are not. */
const mostTimes = 200_000

/** Counts records: a tracker for each group, and the first few that were rejected. */
export class LogTally implements RecordSink {
  /** What each group has seen. */
  readonly trackers = new Map<string | null, SequenceTracker.SequenceTracker>()
  /** The first of those that were rejected. */
  readonly rejections: Array<Rejection> = []
  /** How many were rejected. */
  rejectedCount = 0
  /** Events that were taken out of something. */
  readonly wrappings = new Wrappings()
  /** Whether there were times that were not noted. */
  lacksTimes = false
  private lastGroup: string | null | undefined
  private lastTracker = SequenceTracker.make()

  constructor(private readonly maxRejected: number) {}

  /** The tally that {@link LogTally.snapshot} described. */
  static restore(snapshot: Snapshot): LogTally {
    const tally = new LogTally(snapshot.rejected.length)
    for (const [group, tracker] of snapshot.groups) tally.trackers.set(group, SequenceTracker.restore(tracker))
    tally.rejections.push(...snapshot.rejected)
    tally.rejectedCount = snapshot.rejectedCount
    tally.wrappings.addAll(snapshot.wrappings)
    return tally
  }

  /** A copy for another thread. */
  snapshot(): Snapshot {
    return {
      groups: [...this.trackers].map(([group, tracker]) => [group, SequenceTracker.snapshot(tracker)] as const),
      rejectedCount: this.rejectedCount,
      rejected: this.rejections,
      wrappings: this.wrappings.entries()
    }
  }

  /** See {@link RecordSink}. */
  observed(
    group: string | null,
    first: number,
    last: number,
    firstTime: string | undefined,
    lastTime: string | undefined
  ): void {
    const tracker = this.trackerOf(group)
    const isFull = tracker.times.size >= mostTimes
    if (isFull) this.lacksTimes = true
    if (first === last) SequenceTracker.observe(tracker, first, isFull ? undefined : firstTime)
    else SequenceTracker.observeRun(tracker, first, last, isFull ? undefined : firstTime, isFull ? undefined : lastTime)
  }

  /** See {@link RecordSink}. */
  rejected(line: number, byte: number | undefined, reason: string): void {
    this.rejectedCount++
    if (this.rejections.length < this.maxRejected) this.rejections.push({ line, byte, reason })
  }

  /** See {@link RecordSink}. */
  unwrapped(wrapping: string): void {
    this.wrappings.add(wrapping)
  }

  /** The tracker of `group`, made where there is none. */
  trackerOf(group: string | null): SequenceTracker.SequenceTracker {
    if (group === this.lastGroup) return this.lastTracker
    const known = this.trackers.get(group)
    const tracker = known ?? SequenceTracker.make()
    if (known === undefined) this.trackers.set(group, tracker)
    this.lastGroup = group
    this.lastTracker = tracker
    return tracker
  }

  /** Takes in the groups of `later`, whose records come after all of these. `later` stays as it is. */
  mergeGroups(later: LogTally): void {
    for (const [group, tracker] of later.trackers) SequenceTracker.merge(this.trackerOf(group), tracker)
  }
}
