/**
 * The times of events at the edges of gaps. Files are counted without a look at times; once it is known between which events
 * something is missing, those few are looked up again.
 */
import { closeSync, openSync, readSync } from "node:fs"
import { type SequenceReport, SequenceTracker } from "@genesys-replay/domain"
import type { Layout } from "../scan/EventRecord.js"
import { RecordScanner } from "../scan/RecordScanner.js"
import * as FilePath from "../source/FilePath.js"
import type { LogSource } from "../source/LogSource.js"
import { blockSize } from "../threads/LogPart.js"

/**
 * Where events of a log were: in blocks of a file, in a source that was read once, with the times that were noted then, or in a file that
 * has to be read again as a whole.
 */
export type Segment =
  | { readonly _tag: "Blocks"; readonly path: string; readonly blocks: Float64Array; readonly edges: Uint32Array }
  | { readonly _tag: "Times"; readonly group: string | null; readonly times: ReadonlyMap<number, string> }
  | { readonly _tag: "Whole"; readonly source: LogSource }

/** Indices whose times are asked for, by group. */
export type Wanted = ReadonlyMap<string | null, ReadonlySet<number>>

/** The indices on both sides of every gap that a report lists. */
export const ofListed = (reports: ReadonlyArray<SequenceReport.GroupReport>): Wanted =>
  new Map(
    reports
      .filter(({ missing }) => missing.length > 0)
      .map(({ group, missing }) => [group, new Set(missing.flatMap(({ end, start }) => [start - 1, end + 1]))])
  )

/** In a log that lacks something in more places, these are enough to say when. */
const mostRuns = 10_000

/** The first and last index of every run of indices that came, of each group the first ten thousand runs and the last. */
export const ofAll = (trackers: ReadonlyMap<string | null, SequenceTracker.SequenceTracker>): Wanted =>
  new Map(
    [...trackers].map(([group, tracker]) => {
      const ends: Array<number> = []
      const { bounds, indices } = SequenceTracker.observed(tracker)
      indices.forEachRun((first, last) => {
        if (ends.length < 2 * mostRuns) ends.push(first, last)
      })
      return [group, new Set(bounds === null ? ends : [...ends, bounds.last])]
    })
  )

const lastHash = 0xffff

/** How much is read at a time. */
const readSize = 524_288

/** Looks for times, segment by segment in the order of the log: the first event of an index that has one gives it. */
export class EdgeTimes {
  /** What was found: the time of each index, by group. */
  readonly found = new Map<string | null, Map<number, string>>()
  /** Takes the bytes of a {@link Segment} that is whole. */
  readonly scanner: RecordScanner
  private readonly sorted: Float64Array
  private readonly hashes = new Uint8Array(lastHash + 1)

  constructor(
    layout: Layout,
    private readonly wanted: Wanted
  ) {
    this.sorted = Float64Array.from([...wanted.values()].flatMap((indices) => [...indices])).sort()
    for (const index of this.sorted) this.hashes[index % (lastHash + 1)] = 1
    this.scanner = new RecordScanner(
      layout,
      {
        observed: (group, index, _, time) => this.note(group, index, time),
        rejected: () => undefined
      },
      true
    )
  }

  /** Nothing more is looked for. */
  release(): void {
    this.scanner.release()
  }

  /** Looks through one segment, unless it is whole; each step reads about a block. A file that can't be read any more has no times. */
  *search(segment: Segment): Generator<void> {
    if (segment._tag === "Times") {
      for (const index of this.wanted.get(segment.group) ?? [])
        this.note(segment.group, index, segment.times.get(index))
      return
    }
    if (segment._tag === "Whole") return
    const { blocks, edges, path } = segment
    for (let at = 0; at < blocks.length; at += blockSize) {
      if (!this.mayHold(blocks[at + 2] ?? 0, blocks[at + 3] ?? 0)) continue
      const listed = edges.subarray(blocks[at + 4], blocks[at + 5])
      if (listed.length > 0 && !this.isAmong(listed)) continue
      this.searchBlock(path, blocks[at] ?? 0, blocks[at + 1] ?? 0)
      yield
    }
  }

  private note(group: string | null, index: number, time: string | undefined): void {
    if (time === undefined || this.wanted.get(group)?.has(index) !== true) return
    const times = this.found.get(group) ?? new Map<number, string>()
    if (!times.has(index)) times.set(index, time)
    this.found.set(group, times)
  }

  /** Whether an index between the two is looked for. */
  private mayHold(smallest: number, largest: number): boolean {
    let low = 0
    let high = this.sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.sorted[middle] ?? 0) < smallest) low = middle + 1
      else high = middle
    }
    return (this.sorted[low] ?? Number.POSITIVE_INFINITY) <= largest
  }

  /** Whether one of `edges` is looked for. A quick look first: most edges of a scattered log are not. */
  private isAmong(edges: Uint32Array): boolean {
    for (let at = 0; at < edges.length; at++) {
      const edge = edges[at] ?? 0
      if (this.hashes[edge & lastHash] === 1 && this.mayHold(edge, edge)) return true
    }
    return false
  }

  private searchBlock(path: string, from: number, to: number): void {
    try {
      const file = openSync(FilePath.toSystem(path), "r")
      try {
        this.scanner.begin({ from, times: "always" })
        for (let at = from; at < to; ) {
          const room = this.scanner.room(65_536)
          const count = readSync(file, room, 0, Math.min(room.length, readSize, to - at), at)
          if (count === 0) break
          this.scanner.filled(count)
          at += count
        }
        this.scanner.end()
      } finally {
        closeSync(file)
      }
    } catch {
      // The gap stays without a time.
    }
  }
}
