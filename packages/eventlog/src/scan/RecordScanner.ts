/**
 * The records of one source, found in its bytes in whatever pieces they come: objects one after another, each on a line, over many or
 * without any, and arrays of them. The kernel reads what it can prove; the rest goes through the parser, record by record, with the
 * same outcome.
 */
import { BrokenRecord } from "./BrokenRecord.js"
import * as EventRecord from "./EventRecord.js"
import { Indentation } from "./Indentation.js"
import { entrySize, foundAt, inputAt, Kernel, mostFound } from "./Kernel.js"
import * as WrappedRecord from "./WrappedRecord.js"

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
  /** The event that was told last was taken out of a wrapping, as `EventEnvelope.wrappingOf` names it. */
  unwrapped?(wrapping: string): void
}

/** Where an event stands. */
export interface Place {
  /** The line that its record begins on, from 1. */
  readonly line: number
  /** Where its record begins in the kernel's memory. */
  readonly from: number
  /** How many events of the same record came before: a wrapping may hold many. */
  readonly within: number
  /** The event as it is written, without what it is wrapped in. */
  text(): string
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
const broken = "not JSON: the array breaks off here, and goes on with the next line that begins a value"

const tooDeep = "its values are nested too deep for a record that goes over lines"
const unclosed = "not JSON: an array began above this line and was not closed"
/** The kernel knows that a record is broken, and not cut off, where so many bytes follow. */
const lookahead = 16
/** The states of an array outside of it, behind one of its values and behind a comma, as the kernel has them. */
const outside = 0
const behindValue = 2
const behindComma = 3

/** Nothing decided yet, records one after another, arrays; the lines of a broken record, to be passed. */
type Form = "unknown" | "lines" | "array" | "broken"

/**
 * So many bytes may be read in vain, in records that break behind their first line, and sixteen times as many as the source has: some
 * files were made so that every line looks like the beginning of all that follow it.
 */
const mostInVain = 16 * 1_048_576

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
  /** Where in a line what waits begins. */
  private readonly indentation = new Indentation()
  /** Whether what waits is a record that went on behind its first line. */
  private isInRecord = false
  /** See {@link mostInVain}. */
  private inVain = 0
  private passed = new BrokenRecord(0, false)
  private readonly lacksIndex: string

  constructor(
    private readonly layout: EventRecord.Layout,
    protected readonly sink: RecordSink,
    private readonly each = false,
    kernel = Kernel.acquire(layout, each)
  ) {
    this.kernel = kernel
    this.lacksIndex = EventRecord.nothingAt(layout)
  }

  /** The scanner is used no more. */
  release(): void {
    this.kernel.release()
  }

  /** Whether the source is objects one after another, so that some of it can be read again; known once its first bytes are. */
  get isLines(): boolean {
    return this.form === "lines" || (this.form === "broken" && !this.passed.isInArray)
  }

  /** Whether a record went over lines, or may go on behind the end, or an array was among them: such a source cannot be cut at line feeds. */
  get goesOverLines(): boolean {
    return this.form === "broken" || this.kernel.exports.goesOverLines() !== 0
  }

  /** The next source begins. */
  begin(options: ScanOptions): void {
    this.lines = 0
    this.offset = options.from
    this.held = 0
    this.enough = 0
    this.indentation.begin()
    this.form = "unknown"
    this.isInRecord = false
    this.inVain = 0
    this.times = options.times === "always"
    this.kernel.exports.begin()
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
    // A record that is still cut off is looked at again when its line ends, or when there is twice as much of it.
    const ends =
      this.form !== "array" &&
      !this.isInRecord &&
      this.kernel.bytes.subarray(from, inputAt + this.held).includes(lineFeed)
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
    for (let form: Form | undefined; form !== this.form; ) {
      form = this.form
      if (form === "broken") this.passBroken(isLast)
      else if (form === "array") this.scanArray(isLast)
      else if (form === "lines") this.scanLines(isLast)
    }
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
    this.indentation.begin()
    this.become(isArray ? "array" : "lines")
  }

  private become(form: "lines" | "array", state = outside): void {
    this.form = form
    if (form === "array") this.times = true
    this.kernel.exports.goOn(form === "array" || this.mayGoOverLines, state, this.lines)
  }

  private get mayGoOverLines(): boolean {
    return this.inVain <= mostInVain + 16 * this.offset
  }

  /** The first `count` bytes that wait are done with. */
  private consume(count: number): void {
    if (count === 0) return
    this.indentation.pass(this.kernel.bytes, inputAt, inputAt + count)
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
      at = exports.scanLines(at, end, isLast)
      this.drain()
    } while (exports.foundEntries() === mostFound && this.form === "lines")
    this.isInRecord = exports.isInRecord() !== 0
    if (this.form === "lines") this.lines = exports.linesPassed()
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
    if (this.form === "array") this.lines = exports.linesPassed()
    this.consume(at - inputAt)
    if (isLast && this.form === "array" && exports.isOutside() === 0) {
      this.sink.rejected(this.lines + 1, this.offset, broken)
      this.passTo(-1)
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
      else if (group === -2) this.breakOff(first + 1, from, to, number)
      else if (group === -3) this.breakOver(first + 1, from, to)
      else if (group === -5) this.sink.rejected(first + 1, this.byteOf(from), this.lacksIndex)
      else if (group < 0) {
        this.lines = first
        this.become("array")
      } else this.found(at, first, number, group, from, to)
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
  private parse(line: number, from: number, length: number): void {
    WrappedRecord.read(this.kernel.bytes.subarray(from, from + length), {
      take: (value, within, text) => this.take(value, { line, from, within, text }),
      rejected: (reason) => this.sink.rejected(line, this.byteOf(from), reason),
      unwrapped: (wrapping) => this.sink.unwrapped?.(wrapping)
    })
  }

  /** Tells of an event that was parsed; why it does not count where it doesn't. */
  protected take(value: unknown, { line }: Place): string | undefined {
    const record = EventRecord.fromValue(value, this.layout)
    if (record._tag === "Rejected") return record.reason
    const time = this.times ? record.time : undefined
    this.sink.observed(record.group, record.index, record.index, time, time, line)
    return undefined
  }

  /** A record that goes over lines, and breaks `length` bytes behind its beginning. */
  private breakOver(line: number, from: number, length: number): void {
    this.lines = line - 1
    this.inVain += length
    const { bytes } = this.kernel
    // No more than is there however the source comes in pieces, and whole characters.
    let end = Math.min(from + length + lookahead, inputAt + this.held)
    while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--
    const text = bytes.subarray(from, end)
    const feed = text.indexOf(lineFeed, length)
    const broken = feed === -1 ? text : text.subarray(0, feed)
    const record = length > longestRecord ? undefined : EventRecord.fromLine(broken, this.layout)
    const reason = record?._tag === "Rejected" ? record.reason : tooDeep
    this.sink.rejected(line, this.byteOf(from), length > longestRecord ? tooLong : reason)
    this.passTo(this.indentationOf(from))
  }

  /**
   * Outside of an array, lines may follow it. Inside, a line that begins a value goes on with it; but where an object begins a line
   * with no comma before it, these were lines all the time, and the bracket was none of an array.
   */
  private breakOff(line: number, from: number, state: number, length: number): void {
    const isInside = this.kernel.exports.isOutside() === 0
    const wasLines = state === behindValue && this.kernel.bytes[from] === brace && this.startsLine(from)
    this.lines = line - 1
    this.inVain += length
    if (isInside) this.sink.rejected(line, this.offset + from - inputAt, wasLines ? unclosed : broken)
    if (wasLines || !isInside) this.become("lines")
    else this.passTo(this.mayGoOverLines ? this.indentationOf(from) : -1)
  }

  /** What waits is a broken record, on a line that is indented so far. */
  private passTo(indentation: number): void {
    this.passed = new BrokenRecord(indentation, this.form === "array")
    this.form = "broken"
  }

  private passBroken(isLast: boolean): void {
    const { bytes } = this.kernel
    const before = this.passed.lines
    const count = this.passed.pass(bytes.subarray(inputAt, inputAt + this.held))
    this.lines += this.passed.lines - before
    const isOver = count < this.held
    this.consume(count)
    if (isLast && !isOver && !this.indentation.isAtLineStart) this.lines++
    if (!isOver) return
    if (!this.passed.isInArray) this.become("lines")
    else this.become("array", this.passed.isBehindValue ? behindValue : behindComma)
  }

  private indentationOf(from: number): number {
    return this.indentation.of(this.kernel.bytes, inputAt, from, inputAt + this.held)
  }

  private startsLine(from: number): boolean {
    return from === inputAt ? this.indentation.isAtLineStart : this.kernel.bytes[from - 1] === lineFeed
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

  /** What waits is longer than any record may be. */
  private passOver(): void {
    this.sink.rejected(this.lines + 1, this.byteOf(inputAt), tooLong)
    this.passTo(this.indentationOf(inputAt))
    this.advance(false)
  }
}
