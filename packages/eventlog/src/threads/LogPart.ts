/** A part of a file, counted. */
import type { Layout } from "../scan/EventRecord.js"
import { LogTally, type Snapshot } from "../scan/LogTally.js"
import { RecordScanner, type RecordSink } from "../scan/RecordScanner.js"
import { type LogPart, PartFile } from "./PartFile.js"

export type { LogPart }

/** What the reader of parts is told. */
export interface PartOptions {
  readonly layout: Layout
  readonly maxRejected: number
  /** How long the list of edges may become. */
  readonly maxEdges: number
}

/**
 * Numbers for each block: where it begins and ends in the file, the smallest and the largest index in it, and from where to where its
 * indices stand in `edges`; twice the same where they are not listed.
 */
export const blockSize = 6

/** What was found in a part. */
export interface PartRead {
  readonly tally: LogTally
  /** Lines, blank ones included. */
  readonly lines: number
  readonly bytes: number
  /** Where to look for the times of events: see {@link blockSize}. Empty where the tally has them. */
  readonly blocks: Float64Array
  /** First and last index of the runs in blocks whose indices are scattered: in such a log the smallest and largest tell nothing. */
  readonly edges: Uint32Array<ArrayBuffer>
  /** Whether a record went over lines: a file of such records is not to be cut at line feeds, and what was found of it may be wrong. */
  readonly goesOverLines: boolean
  /** Why the part could not be read to its end; null where it was. */
  readonly failure: string | null
}

/** A {@link PartRead} on its way to another thread. */
export type PartReadSnapshot = Omit<PartRead, "tally"> & { readonly tally: Snapshot }

/** With fewer runs in a block, the smallest and the largest index say enough. */
const fewRuns = 16

/** Reads parts, one after the other; one for each thread. */
export class PartReader implements RecordSink {
  private readonly scanner: RecordScanner
  private readonly file: PartFile
  private edges: Uint32Array<ArrayBuffer> = new Uint32Array(1_024)
  private edgeCount = 0
  /** Runs in the block, and edges before it. */
  private runs = 0
  private edgesBefore = 0
  private tally: LogTally
  private blocks: Array<number> = []
  private smallest = Number.POSITIVE_INFINITY
  private largest = -1

  constructor(private readonly options: PartOptions) {
    this.tally = new LogTally(options.maxRejected)
    this.scanner = new RecordScanner(options.layout, this)
    this.file = new PartFile(this.scanner, (from) => this.noteBlock(from))
  }

  /** See {@link RecordSink}. */
  observed(
    group: string | null,
    first: number,
    last: number,
    firstTime: string | undefined,
    lastTime: string | undefined
  ): void {
    if (first < this.smallest) this.smallest = first
    if (last > this.largest) this.largest = last
    this.runs++
    if (this.edgeCount + 2 > this.edges.length) this.growEdges()
    this.edges[this.edgeCount++] = first
    if (first !== last) this.edges[this.edgeCount++] = last
    this.tally.observed(group, first, last, firstTime, lastTime)
  }

  /** See {@link RecordSink}. */
  rejected(line: number, byte: number | undefined, reason: string): void {
    this.tally.rejected(line, byte, reason)
  }

  /** See {@link RecordSink}. */
  unwrapped(wrapping: string): void {
    this.tally.unwrapped(wrapping)
  }

  /** The reader is used no more. */
  release(): void {
    this.file.close()
    this.scanner.release()
  }

  /** Opens the file; {@link step} reads. */
  begin(part: LogPart): void {
    this.tally = new LogTally(this.options.maxRejected)
    this.blocks = []
    this.edgeCount = 0
    this.edgesBefore = 0
    this.runs = 0
    this.file.begin(part)
  }

  /** Reads about `size` bytes. False where the part is at its end. */
  step(size: number): boolean {
    return this.file.step(size)
  }

  /** How far the reader is. */
  get bytesRead(): number {
    return this.file.bytesRead
  }

  /** What was found, once the part is at its end. */
  result(): PartRead {
    return {
      tally: this.tally,
      lines: this.scanner.lines,
      bytes: this.bytesRead,
      blocks: Float64Array.from(this.blocks),
      edges: this.edges.slice(0, this.edgesBefore),
      goesOverLines: this.scanner.goesOverLines,
      failure: this.file.failure
    }
  }

  private noteBlock(from: number): void {
    if (this.scanner.isLines && this.largest !== -1) {
      const isScattered = this.runs > fewRuns && this.largest <= 0xffff_ffff && this.edgeCount <= this.options.maxEdges
      const edges = isScattered ? this.edgeCount : this.edgesBefore
      this.blocks.push(from, this.scanner.offset, this.smallest, this.largest, this.edgesBefore, edges)
      this.edgesBefore = edges
    }
    this.edgeCount = this.edgesBefore
    this.runs = 0
    this.smallest = Number.POSITIVE_INFINITY
    this.largest = -1
  }

  private growEdges(): void {
    const larger = new Uint32Array(2 * this.edges.length)
    larger.set(this.edges)
    this.edges = larger
  }
}

/** The part as another thread can take it. */
export const snapshot = (read: PartRead): PartReadSnapshot => ({ ...read, tally: read.tally.snapshot() })

/** What another thread has read. */
export const restore = (read: PartReadSnapshot): PartRead => ({ ...read, tally: LogTally.restore(read.tally) })
