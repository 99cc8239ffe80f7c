/** Lines of a log, found in bytes that come in chunks of any size. */

const lineFeed = 10
const byteOrderMark = [0xef, 0xbb, 0xbf]

/** A longer line is passed over: it would not fit in memory as text. In bytes; lines of 64 MiB are within it. */
export const longestLine = 256 * 1_024 * 1_024

/** Takes one line, without its line feed, and its number from 1; undefined for a line longer than {@link longestLine}. */
export type OnLine = (line: Uint8Array | undefined, number: number) => void

/** Finds the lines of one source. Holds at most one line, and only while it is spread over chunks. */
export class LogLines {
  /** How many lines are complete. */
  count = 0
  private parts: Array<Uint8Array> = []
  private held = 0

  constructor(private readonly onLine: OnLine) {}

  /** The next bytes of the source. They must not change afterwards. */
  push(chunk: Uint8Array): void {
    let from = 0
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, from)) {
      this.complete(chunk.subarray(from, end))
      from = end + 1
    }
    if (from < chunk.length) this.hold(chunk.subarray(from))
  }

  /** The source is at its end: what is held is its last line. */
  end(): void {
    if (this.held > 0) this.complete(new Uint8Array(0))
  }

  private hold(part: Uint8Array): void {
    this.held += part.length
    if (this.held > longestLine) this.parts = []
    else this.parts.push(part)
  }

  private complete(rest: Uint8Array): void {
    this.count++
    if (this.held === 0) {
      this.onLine(this.count === 1 ? unmarked(rest) : rest, this.count)
      return
    }
    this.hold(rest)
    const line = this.held > longestLine ? undefined : joined(this.parts, this.held)
    this.parts = []
    this.held = 0
    this.onLine(this.count === 1 && line !== undefined ? unmarked(line) : line, this.count)
  }
}

const joined = (parts: ReadonlyArray<Uint8Array>, length: number): Uint8Array => {
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** The first line without the mark that some editors put before it. */
const unmarked = (line: Uint8Array): Uint8Array =>
  byteOrderMark.every((byte, at) => line[at] === byte) ? line.subarray(byteOrderMark.length) : line
