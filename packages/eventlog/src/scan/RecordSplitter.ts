/**
 * The records of one source as they are written: objects a line each, over many lines, one after another, or in arrays. Where only
 * counts are wanted the kernel is faster; this is for what needs the text of every record.
 */
import { isUtf8 } from "node:buffer"
import { longestRecord } from "./RecordScanner.js"

/** What is told of the records, in their order. */
export interface TextSink {
  /**
   * A record, from its brace to its brace, and the line that it begins on, from 1. Whether what is between them is JSON is not
   * looked at.
   */
  record(line: number, text: string): void
  /** What is no record. */
  rejected(line: number, reason: string): void
}

const lineFeed = 10
const quote = 34
const bracketOpen = 91
const backslash = 92
const bracketClose = 93
const braceOpen = 123
const braceClose = 125

// White space, commas and brackets between records, and a byte order mark.
const nothing = new Set([32, 9, 13, lineFeed, 44, bracketOpen, bracketClose, 0xef, 0xbb, 0xbf])

const tooLong = `longer than ${longestRecord / 1_024 / 1_024} MiB`
const brokenOff = "not JSON: the record breaks off"
const quoteLength = 40

/** Between records; in one; in what is none, to the end of its line; behind a record that is too long, to where the next one begins. */
type Place = "between" | "record" | "other" | "skipped"

/** Splits one source after another. */
export class RecordSplitter {
  /** Lines that were passed. */
  lines = 0
  private place: Place = "between"
  /** Where in the bytes at hand the record, or what is none, begins; what stands before them is in `held`. */
  private start = 0
  private held: Array<Uint8Array> = []
  private heldLength = 0
  private line = 1
  private depth = 0
  private inText = false
  private isEscaped = false
  private last = lineFeed

  constructor(private readonly sink: TextSink) {}

  /** The next source begins. */
  begin(): void {
    this.lines = 0
    this.last = lineFeed
    this.leave()
  }

  /** The next bytes. What is kept of them is copied. */
  push(bytes: Uint8Array): void {
    this.start = 0
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0
      if (this.place === "record") this.inside(bytes, at, byte)
      else if (this.place === "between") this.between(at, byte)
      else if (this.place === "other" && byte === lineFeed) this.other(bytes.subarray(this.start, at))
      else if (this.place === "skipped" && byte === braceOpen && this.last === lineFeed) this.open(at)
      if (byte === lineFeed) this.lines++
      this.last = byte
    }
    if (this.place === "record" || this.place === "other") this.hold(bytes.slice(this.start))
  }

  /** The source is at its end. */
  end(): void {
    if (this.place === "record") this.sink.rejected(this.line, brokenOff)
    if (this.place === "other") this.other(new Uint8Array(0))
    if (this.last !== lineFeed) this.lines++
    this.leave()
  }

  private between(at: number, byte: number): void {
    if (byte === braceOpen) this.open(at)
    else if (!nothing.has(byte)) this.enter("other", at)
  }

  private enter(place: Place, at: number): void {
    this.place = place
    this.start = at
    this.line = this.lines + 1
    this.held = []
    this.heldLength = 0
  }

  private leave(): void {
    this.enter("between", 0)
  }

  private open(at: number): void {
    this.enter("record", at)
    this.depth = 1
    this.inText = false
    this.isEscaped = false
  }

  private inside(bytes: Uint8Array, at: number, byte: number): void {
    if (byte === braceOpen && this.last === lineFeed) {
      // What stands inside of a record and is written over several lines is indented: here the next record begins.
      this.sink.rejected(this.line, brokenOff)
      this.open(at)
    } else if (this.isEscaped) this.isEscaped = false
    else if (this.inText) {
      if (byte === quote) this.inText = false
      else if (byte === backslash) this.isEscaped = true
    } else if (byte === quote) this.inText = true
    else if (byte === braceOpen || byte === bracketOpen) this.depth++
    else if (byte === braceClose || byte === bracketClose) {
      this.depth--
      if (this.depth === 0) this.close(bytes.subarray(this.start, at + 1))
    }
  }

  private hold(bytes: Uint8Array): void {
    this.held.push(bytes)
    this.heldLength += bytes.length
    if (this.heldLength <= longestRecord) return
    this.sink.rejected(this.line, tooLong)
    this.enter("skipped", 0)
  }

  private whole(last: Uint8Array): Uint8Array {
    return this.held.length === 0 ? last : Buffer.concat([...this.held, last])
  }

  private close(last: Uint8Array): void {
    const bytes = this.whole(last)
    if (isUtf8(bytes)) this.sink.record(this.line, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString())
    else this.sink.rejected(this.line, "not UTF-8")
    this.leave()
  }

  private other(last: Uint8Array): void {
    const text = Buffer.from(this.whole(last)).toString().trim()
    const quoted = text.length <= quoteLength ? text : `${text.slice(0, quoteLength)}...`
    this.sink.rejected(this.line, `no JSON object: ${quoted}`)
    this.leave()
  }
}
