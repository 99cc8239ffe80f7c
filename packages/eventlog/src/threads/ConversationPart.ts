/** A part of a file, read into the events or the records of conversations that it holds. Loads no Effect. */
import { type EventBatch, EventTally } from "../conversation/EventBatch.js"
import { type RecordBatch, type RecordOptions, RecordTally } from "../conversation/RecordBatch.js"
import { type LogPart, PartFile } from "./PartFile.js"

/** What is read. */
export type ConversationTask =
  | { readonly _tag: "Events"; readonly maxRejected: number }
  | { readonly _tag: "Records"; readonly options: RecordOptions }

/** How much of a part was read. */
export interface PartExtent {
  /** Lines, blank ones included. */
  readonly lines: number
  readonly bytes: number
  /** Why the part could not be read to its end; null where it was. */
  readonly failure: string | null
}

/** What was found in a part. */
export type ConversationPartRead =
  | { readonly _tag: "Events"; readonly read: EventBatch; readonly extent: PartExtent }
  | { readonly _tag: "Records"; readonly read: RecordBatch; readonly extent: PartExtent }

/** What makes rows of what is read. */
export type Tally =
  | { readonly _tag: "Events"; readonly tally: EventTally }
  | { readonly _tag: "Records"; readonly tally: RecordTally }

/** The tally of a task. */
export const tallyOf = (task: ConversationTask): Tally =>
  task._tag === "Events"
    ? { _tag: "Events", tally: new EventTally(task.maxRejected) }
    : { _tag: "Records", tally: new RecordTally(task.options) }

/** Reads parts, one after the other; one for each thread. */
export class ConversationPartReader {
  private readonly tally: Tally
  private readonly file: PartFile

  constructor(task: ConversationTask) {
    this.tally = tallyOf(task)
    this.file = new PartFile(this.tally.tally.scanner, () => undefined)
  }

  /** The reader is used no more. */
  release(): void {
    this.file.close()
    this.tally.tally.scanner.release()
  }

  /** Opens the file; {@link step} reads. */
  begin(part: LogPart): void {
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
  found(): ConversationPartRead {
    const { lines } = this.tally.tally.scanner
    const extent = { lines, bytes: this.bytesRead, failure: this.file.failure }
    return this.tally._tag === "Events"
      ? { _tag: "Events", read: this.tally.tally.take(), extent }
      : { _tag: "Records", read: this.tally.tally.take(), extent }
  }
}

/** The memory of what was found that can go to another thread instead of a copy. */
export const transferOfConversations = (found: ConversationPartRead): Array<ArrayBuffer> =>
  found._tag === "Events"
    ? [found.read.events.buffer]
    : [found.read.conversations.buffer, found.read.sessions.buffer, found.read.expected.buffer]
