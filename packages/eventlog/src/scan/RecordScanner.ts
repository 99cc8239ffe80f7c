/**
 * The records of one source, found in its bytes in whatever pieces they come: lines, objects one after another, or arrays. The
 * kernel reads what it can prove; the rest goes through the parser, record by record, with the same outcome.
 */
import * as EventRecord from "./EventRecord.js"
import { entrySize, foundAt, inputAt, Kernel, mostFound } from "./Kernel.js"

/** What is told of the records, in their order. */
export interface RecordSink {
  /**
   * Events with indices in a row; where each event is told apart there is one, and `line` is its line, from 1. The times are those of the
   * first and the last, where they are asked for.
   */
  observed(
    group: string | null,
    first: number,
    last: number,
    firstTime: string | undefined,
    lastTime: string | undefined,
    line: number
  ): void
  /** `byte` is where the record begins in the source; undefined where it begins the line. */
  rejected(line: number, byte: number | undefined, reason: string): void
}

/** How a source is read. */
export interface ScanOptions {
  /** Where in the source the bytes begin: 0 for all of it. Only there can be a byte order mark, or an array. */
  readonly from: number
  /** Whether times are told: always, or only where the source is an array and can't be read again in parts. */
  readonly times: "always" | "array"
}

/** A longer record is passed over: it would not fit in memory as text. In bytes; lines of 64 MiB are within it. */
export const longestRecord = 256 * 1_024 * 1_024

const byteOrderMark = [0xef, 0xbb, 0xbf]
const lineFeed = 10
const brace = 123
const bracket = 91
const quote = 34
const backslash = 92

const isSpace = (byte: number | undefined): boolean => byte === 32 || byte === 9 || byte === 13 || byte === lineFeed

const tooLong = `longer than ${longestRecord / 1_024 / 1_024} MiB`
const broken = "not JSON: the array breaks off here, and nothing behind it was read"

const unclosed = "not JSON: an array began above this line and was not closed"
/** The state of an array behind one of its values, as the kernel has it. */
const behindValue = 2

/** Nothing decided yet, lines, arrays; a line that is too long, to be skipped; an array past which nothing can be read. */
type Form = "unknown" | "lines" | "array" | "skip" | "dead"

/** Scans one source after another. */
export class RecordScanner {
  /** Lines of the source that were passed, an unfinished last one included once the source is at its end. */
  lines = 0
  /** Where in the source the first byte stands that is not read yet. */
  offset = 0
  protected readonly kernel: Kernel
  protected readonly groups: Array<string | null> = [null]
  private form: Form = "unknown"
  private times = true
  /** Bytes that wait at the beginning of the input. */
  private held = 0
  /** As many must wait before it is worth looking again. */
  private enough = 0
  /** Whether what waits begins a line. */
  private atLineStart = true

  constructor(
    private readonly layout: EventRecord.Layout,
    protected readonly sink: RecordSink,
    private readonly each = false,
    kernel = Kernel.acquire(layout, each)
  ) {
    this.kernel = kernel
  }

  /** The scanner is used no more. */
  release(): void {
    this.kernel.release()
  }

  /** Whether the source is lines, or objects one after another; known once its first bytes are. */
  get isLines(): boolean {
    return this.form === "lines" || this.form === "skip"
  }

  /** The next source begins. */
  begin(options: ScanOptions): void {
    this.lines = 0
    this.offset = options.from
    this.held = 0
    this.enough = 0
    this.atLineStart = true
    this.form = "unknown"
    this.times = options.times === "always"
    if (options.from > 0) this.become("lines")
  }

  /** Room for the next bytes, at least `size` of them. Write into it from its start, and tell {@link filled}. */
  room(size: number): Uint8Array {
    const wanted = this.held + size
    if (wanted > this.kernel.capacity)
      this.kernel.reserve(Math.max(wanted, Math.min(2 * this.held, longestRecord + 1_048_576)))
    return this.kernel.bytes.subarray(inputAt + this.held, inputAt + this.kernel.capacity)
  }

  /** So many bytes were written into {@link room}. */
  filled(count: number): void {
    const from = inputAt + this.held
    this.held += count
    // A record that is still cut off is looked at again when it ends, or when there is twice as much of it.
    const ends = this.form !== "array" && this.kernel.bytes.subarray(from, inputAt + this.held).includes(lineFeed)
    if (this.held >= this.enough || ends || this.held > longestRecord) this.advance(false)
  }

  /** The next bytes, which are copied. */
  push(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      const room = this.room(Math.min(bytes.length - from, 65_536))
      const part = bytes.subarray(from, from + room.length)
      room.set(part)
      this.filled(part.length)
      from += part.length
    }
  }

  /** The source is at its end. */
  end(): void {
    this.advance(true)
  }

  private advance(isLast: boolean): void {
    if (this.form === "unknown") this.decide(isLast)
    if (this.form === "skip") this.skipLine(isLast)
    if (this.form === "array") this.scanArray(isLast)
    if (this.form === "lines") this.scanLines(isLast)
    if (this.form === "dead") this.consume(this.held)
    this.enough = this.held === 0 ? 0 : 2 * this.held
    if (this.held > longestRecord) this.passOver()
  }

  /** An array of events begins with a bracket and a brace. All else is lines. */
  private decide(isLast: boolean): void {
    const { bytes } = this.kernel
    const end = inputAt + this.held
    const mark =
      this.offset === 0 && byteOrderMark.every((byte, at) => inputAt + at >= end || bytes[inputAt + at] === byte)
    if (mark && this.held < 3 && !isLast) return
    if (mark && this.held >= 3) this.consume(3)
    const next = (from: number): number => {
      let at = from
      while (at < inputAt + this.held && isSpace(bytes[at])) at++
      return at
    }
    const stop = inputAt + this.held
    const first = next(inputAt)
    const second = bytes[first] === bracket && first < stop ? next(first + 1) : first
    if (second >= stop && !isLast) return
    const isArray = second > first && second < stop && bytes[second] === brace
    this.atLineStart = true
    this.become(isArray ? "array" : "lines")
  }

  private become(form: "lines" | "array"): void {
    this.form = form
    if (form === "array") this.times = true
    this.kernel.exports.begin(form === "array", this.lines)
  }

  /** The first `count` bytes that wait are done with. */
  private consume(count: number): void {
    if (count === 0) return
    this.atLineStart = this.kernel.bytes[inputAt + count - 1] === lineFeed
    this.kernel.bytes.copyWithin(inputAt, inputAt + count, inputAt + this.held)
    this.held -= count
    this.offset += count
  }

  /** Zeros behind the input stop the kernel there. */
  private seal(): number {
    const end = inputAt + this.held
    this.kernel.bytes.fill(0, end, end + 16)
    return end
  }

  private scanLines(isLast: boolean): void {
    const { bytes, exports } = this.kernel
    if (isLast && this.held > 0 && bytes[inputAt + this.held - 1] !== lineFeed) {
      bytes[inputAt + this.held] = lineFeed
      this.held++
    }
    const end = this.seal()
    let at = inputAt
    do {
      at = exports.scanLines(at, end)
      this.drain()
    } while (exports.foundEntries() === mostFound)
    this.lines = exports.linesPassed()
    this.consume(at - inputAt)
  }

  private scanArray(isLast: boolean): void {
    const { exports } = this.kernel
    const end = this.seal()
    let at = inputAt
    do {
      at = exports.scanArray(at, end, isLast)
      this.drain()
    } while (exports.foundEntries() === mostFound && this.form === "array")
    this.lines = exports.linesPassed()
    this.consume(at - inputAt)
    if (isLast && this.form === "array" && exports.isOutside() === 0) {
      this.form = "dead"
      this.sink.rejected(this.lines + 1, this.offset, broken)
    }
  }

  /** Tells what the kernel found. */
  private drain(): void {
    const { exports } = this.kernel
    for (let id = this.groups.length; id < exports.groupsKnown(); id++) this.groups.push(this.kernel.groupName(id))
    const { floats, words } = this.kernel
    const count = exports.foundEntries()
    for (let at = 0; at < count; at++) {
      const entry = foundAt + at * entrySize
      const first = floats[entry / 8] ?? 0
      const number = words[entry / 4 + 2] ?? 0
      const group = words[entry / 4 + 3] ?? 0
      const from = words[entry / 4 + 4] ?? 0
      const to = words[entry / 4 + 5] ?? 0
      if (group === -1) this.handedOver(first + 1, from, to)
      else if (group < 0) this.breakOff(first + 1, from, to)
      else this.found(at, first, number, group, from, to)
    }
  }

  /** Tells of the entry `at`, which is one of records that the kernel read; the rest as `kernel/scan.ts` describes it. */
  protected found(_at: number, first: number, number: number, group: number, from: number, to: number): void {
    const name = this.groups[group] ?? null
    const firstTime = this.times ? this.textAt(from) : undefined
    const lastTime = from === to ? firstTime : this.times ? this.textAt(to) : undefined
    this.sink.observed(name, first, this.each ? first : first + number - 1, firstTime, lastTime, number + 1)
  }

  /** A record that the kernel could not read. */
  private handedOver(line: number, from: number, length: number): void {
    if (length > longestRecord) this.sink.rejected(line, this.byteOf(from), tooLong)
    else this.parse(line, from, length)
  }

  /** Reads with the parser what the kernel could not. */
  protected parse(line: number, from: number, length: number): void {
    const bytes = this.kernel.bytes.subarray(from, from + length)
    const record = EventRecord.fromLine(bytes, this.layout)
    if (record === undefined) return
    if (record._tag === "Rejected") {
      this.sink.rejected(line, this.byteOf(from), record.reason)
      return
    }
    const time = this.times ? record.time : undefined
    this.sink.observed(record.group, record.index, record.index, time, time, line)
  }

  /**
   * Outside of an array, lines may follow it. Inside, nobody can tell where the next record begins; but where an object begins a line
   * with no comma before it, these were lines all the time, and the bracket was none of an array.
   */
  private breakOff(line: number, from: number, state: number): void {
    const wasLines = state === behindValue && this.kernel.bytes[from] === brace && this.startsLine(from)
    const isOutside = this.kernel.exports.isOutside() !== 0
    if (!isOutside) this.sink.rejected(line, this.offset + from - inputAt, wasLines ? unclosed : broken)
    if (isOutside || wasLines) {
      this.lines = line - 1
      this.become("lines")
    } else this.form = "dead"
  }

  private startsLine(from: number): boolean {
    return from === inputAt ? this.atLineStart : this.kernel.bytes[from - 1] === lineFeed
  }

  protected byteOf(from: number): number | undefined {
    return this.startsLine(from) && this.form === "lines" ? undefined : this.placeOf(from)
  }

  /** Where in the source the byte at `from` stands. */
  protected placeOf(from: number): number {
    return this.offset + from - inputAt
  }

  /** The text whose first byte stands at `from`; undefined where that is 0. */
  protected textAt(from: number): string | undefined {
    if (from === 0) return undefined
    const { bytes } = this.kernel
    let end = from
    while (bytes[end] !== quote) end += bytes[end] === backslash ? 2 : 1
    const text = bytes.toString("utf8", from, end)
    if (!text.includes("\\")) return text
    const parsed: unknown = JSON.parse(`"${text}"`)
    return typeof parsed === "string" ? parsed : undefined
  }

  private passOver(): void {
    const line = this.lines + 1
    this.sink.rejected(line, this.byteOf(inputAt), tooLong)
    this.form = this.form === "array" ? "dead" : "skip"
    this.advance(false)
  }

  private skipLine(isLast: boolean): void {
    const at = this.kernel.bytes.subarray(inputAt, inputAt + this.held).indexOf(lineFeed)
    this.consume(at === -1 ? this.held : at)
    if (at !== -1) this.become("lines")
    else if (isLast) this.lines++
  }
}
