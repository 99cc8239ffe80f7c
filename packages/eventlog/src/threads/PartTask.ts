/**
 * What threads do with the parts of files: count indices, read the identities of events, or read events and records of conversations. Loads
 * neither Effect nor the rest.
 */
import type { RecordOptions } from "../conversation/RecordBatch.js"
import { type ConversationPartRead, ConversationPartReader, transferOfConversations } from "./ConversationPart.js"
import { type EventPartRead, EventPartReader } from "./EventPart.js"
import type { EventOptions } from "./EventTally.js"
import { type LogPart, type PartOptions, PartReader, type PartReadSnapshot, snapshot } from "./LogPart.js"

/** What is done with every part. */
export type PartTask =
  | { readonly _tag: "Sequence"; readonly options: PartOptions }
  | { readonly _tag: "Identity"; readonly options: EventOptions }
  | { readonly _tag: "Events"; readonly maxRejected: number }
  | { readonly _tag: "Records"; readonly options: RecordOptions }

/** What was found in a part, as it goes from one thread to another. */
export type PartFound =
  | { readonly _tag: "Sequence"; readonly read: PartReadSnapshot }
  | { readonly _tag: "Identity"; readonly read: EventPartRead }
  | ConversationPartRead

/** Does a task with one part after another. */
export interface TaskReader {
  begin(part: LogPart): void
  /** Reads about `size` bytes. False where the part is at its end. */
  step(size: number): boolean
  /** How far it is in the part. */
  readonly bytesRead: number
  /** What was found, once the part is at its end. */
  found(): PartFound
  /** It is used no more. */
  release(): void
}

const sequenceReader = (options: PartOptions): TaskReader => {
  const reader = new PartReader(options)
  return {
    begin: (part) => reader.begin(part),
    step: (size) => reader.step(size),
    get bytesRead() {
      return reader.bytesRead
    },
    found: () => ({ _tag: "Sequence", read: snapshot(reader.result()) }),
    release: () => reader.release()
  }
}

const identityReader = (options: EventOptions): TaskReader => {
  const reader = new EventPartReader(options)
  return {
    begin: (part) => reader.begin(part),
    step: (size) => reader.step(size),
    get bytesRead() {
      return reader.bytesRead
    },
    found: () => ({ _tag: "Identity", read: reader.result() }),
    release: () => reader.release()
  }
}

/** A reader for `task`. */
export const readerOf = (task: PartTask): TaskReader => {
  switch (task._tag) {
    case "Sequence":
      return sequenceReader(task.options)
    case "Identity":
      return identityReader(task.options)
    default:
      return new ConversationPartReader(task)
  }
}

/** The memory of what was found that can go to another thread instead of a copy. */
export const transferOf = (found: PartFound): Array<ArrayBuffer> => {
  switch (found._tag) {
    case "Sequence":
      return [found.read.edges.buffer]
    case "Identity":
      return [found.read.events.words.buffer, found.read.events.offsets.buffer, found.read.marks.buffer]
    default:
      return transferOfConversations(found)
  }
}
