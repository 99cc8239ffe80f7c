/** A part of a file, read into the entries of its events. */
import { type EventOptions, type EventsRead, EventTally } from "./EventTally.js"
import { type LogPart, PartFile } from "./PartFile.js"

/** What was found in a part. */
export interface EventPartRead extends EventsRead {
  /** Events, also those that were passed over. */
  readonly count: number
  /** Lines, blank ones included. */
  readonly lines: number
  readonly bytes: number
  /** Whether the part can be read again from each of its marks. */
  readonly isLines: boolean
  /** See `PartRead`. */
  readonly goesOverLines: boolean
  /** Where the part ends in its file. */
  readonly end: number
  /** Why the part could not be read to its end; null where it was. */
  readonly failure: string | null
}

/** Reads parts, one after the other; one for each thread. */
export class EventPartReader {
  private readonly tally: EventTally
  private readonly file: PartFile

  constructor(options: EventOptions) {
    this.tally = new EventTally(options)
    this.file = new PartFile(this.tally.scanner, () => undefined)
  }

  /** The reader is used no more. */
  release(): void {
    this.file.close()
    this.tally.scanner.release()
  }

  /** Opens the file; {@link step} reads. */
  begin(part: LogPart): void {
    this.tally.restart()
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
  result(): EventPartRead {
    const { scanner } = this.tally
    return {
      ...this.tally.take(),
      count: this.tally.count,
      lines: scanner.lines,
      bytes: this.bytesRead,
      isLines: scanner.isLines,
      goesOverLines: scanner.goesOverLines,
      end: this.file.end,
      failure: this.file.failure
    }
  }
}
