/** The entries of all events of both sides, by partition: in memory as far as there is room, beyond it in a temporary file. */
import * as EventEntries from "../threads/EventEntries.js"
import { SpillFile, type TemporaryFileFailure } from "./SpillFile.js"

/** What is compared with what. */
export type Side = "capture" | "baseline"

/** Entries of one partition, of one run. */
export interface Slice {
  /** See {@link EventEntries}. */
  readonly words: Int32Array
  /** The number of the run: see `ComparisonReading.Run`. */
  readonly run: number
  /** The group of the comparison for each group of the entries. */
  readonly groups: Int32Array
}

interface Piece {
  readonly side: Side
  readonly run: number
  readonly groups: Int32Array
}

interface Held extends Piece {
  readonly entries: EventEntries.Entries
}

interface Spilled extends Piece {
  readonly position: number
  readonly words: number
}

/** From when to when events happened, both included; in milliseconds since 1970. */
export interface Span {
  firstMs: number
  lastMs: number
}

/** See above. */
export class EventStore {
  /** Why entries could not be kept; undefined where they could. */
  failure: TemporaryFileFailure | undefined
  /** The first and the last time of each group of {@link timedSide}. */
  private readonly spans: Array<Span | undefined> = []
  private held: Array<Held> = []
  private heldBytes = 0
  private readonly spilled: ReadonlyArray<Array<Spilled>> = Array.from({ length: EventEntries.partitions }, () => [])

  constructor(
    private readonly mostBytes: number,
    private readonly file: SpillFile,
    /** Whose times are of interest. */
    private readonly timedSide: Side = "baseline"
  ) {}

  /** How many bytes stand in the temporary file. */
  get spilledBytes(): number {
    return this.file.size
  }

  /** Keeps the entries of a run. */
  add(side: Side, run: number, entries: EventEntries.Entries, groups: Int32Array): void {
    if (this.failure !== undefined || entries.words.length === 0) return
    if (side === this.timedSide) this.noteSpans(entries.spans, groups)
    this.held.push({ side, run, groups, entries })
    this.heldBytes += entries.words.byteLength + entries.offsets.byteLength
    if (this.heldBytes > this.mostBytes) this.attempt(() => this.spill())
  }

  /** How many bytes the entries of a partition take. */
  sizeOf(partition: number): number {
    const spilled = (this.spilled[partition] ?? []).reduce((sum, { words }) => sum + 4 * words, 0)
    return this.held.reduce((sum, { entries }) => {
      return sum + ((entries.offsets[partition + 1] ?? 0) - (entries.offsets[partition] ?? 0)) * EventEntries.entryBytes
    }, spilled)
  }

  /** The entries of a partition of one side. Throws what `node:fs` does. */
  *slices(side: Side, partition: number): Generator<Slice> {
    for (const piece of this.spilled[partition] ?? []) {
      if (piece.side !== side) continue
      const words = new Int32Array(piece.words)
      this.file.read(new Uint8Array(words.buffer), piece.position)
      yield { words, run: piece.run, groups: piece.groups }
    }
    for (const piece of this.held) {
      if (piece.side !== side) continue
      const words = wordsOf(piece.entries, partition)
      if (words.length > 0) yield { words, run: piece.run, groups: piece.groups }
    }
  }

  /** From when to when that side has events of a group that are looked at; undefined where none of them has a time. */
  spanOf(group: number): Span | undefined {
    return this.spans[group]
  }

  private noteSpans(spans: Float64Array, groups: Int32Array): void {
    for (let own = 0; 2 * own < spans.length; own++) {
      const [firstMs = Number.NaN, lastMs = Number.NaN] = spans.subarray(2 * own, 2 * own + 2)
      if (Number.isNaN(firstMs)) continue
      const group = groups[own] ?? 0
      const span = this.spans[group]
      if (span === undefined) this.spans[group] = { firstMs, lastMs }
      else {
        span.firstMs = Math.min(span.firstMs, firstMs)
        span.lastMs = Math.max(span.lastMs, lastMs)
      }
    }
  }

  private attempt(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.failure = SpillFile.failure(error)
    }
  }

  /** Partition after partition, so that each can be read in few long pieces. */
  private spill(): void {
    for (const [partition, segments] of this.spilled.entries()) {
      let position = this.file.size
      const pieces: Array<Uint8Array> = []
      for (const { entries, groups, run, side } of this.held) {
        const words = wordsOf(entries, partition)
        if (words.length === 0) continue
        segments.push({ side, run, groups, position, words: words.length })
        position += words.byteLength
        pieces.push(new Uint8Array(words.buffer, words.byteOffset, words.byteLength))
      }
      this.file.append(pieces)
    }
    this.held = []
    this.heldBytes = 0
  }
}

const wordsOf = ({ offsets, words }: EventEntries.Entries, partition: number): Int32Array =>
  words.subarray(
    (offsets[partition] ?? 0) * EventEntries.entryWords,
    (offsets[partition + 1] ?? 0) * EventEntries.entryWords
  )
