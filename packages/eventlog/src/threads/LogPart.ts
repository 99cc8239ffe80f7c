/** A part of a file, read straight into the scanner's memory and counted. */
import { closeSync, openSync, readSync } from "node:fs"
import type { Layout } from "../scan/EventRecord.js"
import { LogTally, type Snapshot } from "../scan/LogTally.js"
import { RecordScanner, type RecordSink } from "../scan/RecordScanner.js"
import * as FilePath from "../source/FilePath.js"
import * as SystemReason from "../source/SystemReason.js"

/** The lines of a file that begin from `from` on and before `to`; the whole file, whatever its form, from 0 to infinity. */
export interface LogPart {
  readonly path: string
  readonly from: number
  readonly to: number
  /** The size of the file when it was planned. */
  readonly size: number
}

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
  /** Why the part could not be read to its end; null where it was. */
  readonly failure: string | null
}

/** A {@link PartRead} on its way to another thread. */
export type PartReadSnapshot = Omit<PartRead, "tally"> & { readonly tally: Snapshot }

/** With fewer runs in a block, the smallest and the largest index say enough. */
const fewRuns = 16

/** How much is read at a time: it stays in the processor's cache until it is scanned. */
const readSize = 512 * 1_024
const lineFeed = 10

const shorter = "it became shorter while it was read"

/** Reads parts, one after the other; one for each thread. */
export class PartReader implements RecordSink {
  private readonly scanner: RecordScanner
  private edges: Uint32Array<ArrayBuffer> = new Uint32Array(1_024)
  private edgeCount = 0
  /** Runs in the block, and edges before it. */
  private runs = 0
  private edgesBefore = 0
  private tally: LogTally
  private blocks: Array<number> = []
  private smallest = Number.POSITIVE_INFINITY
  private largest = -1
  private file = -1
  private position = 0
  private first = 0
  private part: LogPart = { path: "", from: 0, to: 0, size: 0 }
  private failure: string | null = null
  /** Whether the last byte that was read ends a line. */
  private endsLine = true

  constructor(private readonly options: PartOptions) {
    this.tally = new LogTally(options.maxRejected)
    this.scanner = new RecordScanner(options.layout, this)
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

  /** The reader is used no more. */
  release(): void {
    this.close()
    this.scanner.release()
  }

  /** Opens the file; {@link step} reads. */
  begin(part: LogPart): void {
    this.part = part
    this.tally = new LogTally(this.options.maxRejected)
    this.blocks = []
    this.edgeCount = 0
    this.edgesBefore = 0
    this.runs = 0
    this.failure = null
    this.endsLine = true
    this.attempt(() => {
      this.file = openSync(FilePath.toSystem(part.path), "r")
      this.position = part.from === 0 ? 0 : this.firstLine()
    })
    this.first = this.position
    this.scanner.begin({ from: this.first, times: "array" })
  }

  /** Reads about `size` bytes. False where the part is at its end. */
  step(size: number): boolean {
    let more = this.file !== -1
    this.attempt(() => {
      for (let read = 0; more && read < size; read += readSize) more = this.readBlock()
    })
    if (more && this.file !== -1) return true
    this.attempt(() => {
      const from = this.scanner.offset
      this.scanner.end()
      this.noteBlock(from)
    })
    this.close()
    return false
  }

  /** How far the reader is. */
  get bytesRead(): number {
    return this.position - this.first
  }

  /** What was found, once the part is at its end. */
  result(): PartRead {
    const { failure, tally } = this
    return {
      tally,
      lines: this.scanner.lines,
      bytes: this.bytesRead,
      blocks: Float64Array.from(this.blocks),
      edges: this.edges.slice(0, this.edgesBefore),
      failure
    }
  }

  private attempt(read: () => void): void {
    try {
      read()
    } catch (error) {
      this.failure = SystemReason.of(error)
      this.close()
    }
  }

  private close(): void {
    if (this.file !== -1) closeSync(this.file)
    this.file = -1
  }

  /** Where the first line begins that does not begin before the part. */
  private firstLine(): number {
    const room = this.scanner.room(readSize)
    for (let at = this.part.from - 1; at < this.part.to; ) {
      const count = readSync(this.file, room, 0, readSize, at)
      if (count === 0) return at
      const found = room.subarray(0, count).indexOf(lineFeed)
      if (found !== -1) return at + found + 1
      at += count
    }
    return this.part.to
  }

  private readBlock(): boolean {
    const { part } = this
    if (this.position >= part.to) return !this.endsLine && this.readLastLine()
    const from = this.scanner.offset
    const room = this.scanner.room(65_536)
    const wanted = Math.min(room.length, readSize, part.to - this.position)
    const count = readSync(this.file, room, 0, wanted, this.position)
    this.position += count
    if (count === 0) {
      if (this.position < part.size) this.failure = shorter
      return false
    }
    this.endsLine = room[count - 1] === lineFeed
    this.scanner.filled(count)
    this.noteBlock(from)
    return true
  }

  /** The last line may end behind the part. */
  private readLastLine(): boolean {
    const from = this.scanner.offset
    const room = this.scanner.room(65_536)
    const count = readSync(this.file, room, 0, 65_536, this.position)
    const found = room.subarray(0, count).indexOf(lineFeed)
    const length = found === -1 ? count : found + 1
    this.position += length
    this.endsLine = found !== -1
    if (length > 0) this.scanner.filled(length)
    this.noteBlock(from)
    return !this.endsLine && count > 0
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
