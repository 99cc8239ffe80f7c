/** A part of a file, read straight into a scanner's memory. */
import { closeSync, openSync, readSync } from "node:fs"
import type { RecordScanner } from "../scan/RecordScanner.js"
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

/** How much is read at a time: it stays in the processor's cache until it is scanned. */
const readSize = 512 * 1_024
const lineFeed = 10

const shorter = "it became shorter while it was read"

/** Reads parts, one after the other; `scanned` is told after each block where in the file what was scanned of it begins. */
export class PartFile {
  /** Why the part could not be read to its end; null where it could so far. */
  failure: string | null = null
  private file = -1
  private position = 0
  private first = 0
  private part: LogPart = { path: "", from: 0, to: 0, size: 0 }
  /** Whether the last byte that was read ends a line. */
  private endsLine = true

  constructor(
    private readonly scanner: RecordScanner,
    private readonly scanned: (from: number) => void
  ) {}

  /** Opens the file; {@link step} reads. */
  begin(part: LogPart): void {
    this.part = part
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
      this.scanned(from)
    })
    this.close()
    return false
  }

  /** How far the reader is. */
  get bytesRead(): number {
    return this.position - this.first
  }

  /** Where in the file the first byte stands that was not read. */
  get end(): number {
    return this.position
  }

  /** Nothing more is read. */
  close(): void {
    if (this.file !== -1) closeSync(this.file)
    this.file = -1
  }

  private attempt(read: () => void): void {
    try {
      read()
    } catch (error) {
      this.failure = SystemReason.of(error)
      this.close()
    }
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
    this.scanned(from)
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
    this.scanned(from)
    return !this.endsLine && count > 0
  }
}
