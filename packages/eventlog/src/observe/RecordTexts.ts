/** The records of captures as they are written, with their places: for what hands events on, and not only counts them. */
import { Chunk, Effect, Queue, Stream, Take } from "effect"
import { RecordSplitter } from "../scan/RecordSplitter.js"
import type * as LogHead from "../source/LogHead.js"
import type * as LogSource from "../source/LogSource.js"
import * as LogStream from "../source/LogStream.js"
import * as SourceNames from "../source/SourceNames.js"
import * as SourcePlan from "./SourcePlan.js"

/** A record. */
export interface RecordText {
  readonly _tag: "Record"
  readonly source: string
  /** The line that it begins on, from 1. */
  readonly line: number
  /** From its brace to its brace; whether it is JSON was not looked at. */
  readonly text: string
}

/** What is no record. */
export interface Rejected {
  readonly _tag: "Rejected"
  readonly source: string
  readonly line: number
  readonly reason: string
}

/** A source, or a file in one, that was not read, or not to its end. */
export interface NotRead {
  readonly _tag: "NotRead"
  readonly error: LogSource.Unread
}

/** A file of a directory or an archive that was passed over for its name. */
export interface LeftOut {
  readonly _tag: "LeftOut"
  readonly source: string
  readonly reason: string
}

/** See {@link RecordText}, {@link Rejected}, {@link NotRead} and {@link LeftOut}. */
export type Element = RecordText | Rejected | NotRead | LeftOut

/** How far reading is: bytes of the files themselves, compressed or not. */
export interface Progress {
  readonly bytesRead: number
  /** Null where a stream is among the sources. */
  readonly bytesTotal: number | null
}

/** How sources are read. */
export interface Options {
  /** Whether directories and archives are read with every file in them, whatever its name. */
  readonly all?: boolean | undefined
  /** Told after every piece. */
  readonly onProgress?: ((progress: Progress) => Effect.Effect<void>) | undefined
}

// As many pieces wait for who reads them.
const ahead = 2

/**
 * The records of all sources, one source after the other, in the order in which they stand there: lines, objects over many
 * lines or one after another, arrays; compressed, or in an archive. What is no record, and what could not be read, are elements
 * too, never the end. Nothing is read ahead of who takes them, but for a few pieces.
 */
export const stream = (
  sources: ReadonlyArray<LogSource.LogSource>,
  { all = false, onProgress }: Options = {}
): Stream.Stream<Element> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const pieces = yield* Queue.bounded<Take.Take<Element>>(ahead)
      let source = ""
      let found: Array<Element> = []
      const splitter = new RecordSplitter({
        record: (line, text) => found.push({ _tag: "Record", source, line, text }),
        rejected: (line, reason) => found.push({ _tag: "Rejected", source, line, reason })
      })
      const handOver = Effect.suspend(() => {
        if (found.length === 0) return Effect.void
        const piece = Take.chunk(Chunk.unsafeFromArray(found))
        found = []
        return Queue.offer(pieces, piece)
      })
      const tell = (element: Element) => Effect.sync(() => found.push(element))
      const { leftOut, planned, unreadable } = yield* SourcePlan.make(sources, { all })
      for (const error of unreadable) found.push({ _tag: "NotRead", error })
      for (const one of leftOut) found.push({ _tag: "LeftOut", ...one })
      const bytesTotal = planned.reduce<number | null>(
        (sum, { size }) => (sum === null || size === null ? null : sum + size),
        0
      )
      let bytesRead = 0
      const listener: LogStream.Listener = {
        begin: (name) =>
          Effect.sync(() => {
            source = name
            splitter.begin()
          }),
        bytes: (bytes) =>
          Effect.zipRight(
            Effect.sync(() => splitter.push(bytes)),
            handOver
          ),
        end: Effect.zipRight(
          Effect.sync(() => splitter.end()),
          handOver
        ),
        unread: (error) => tell({ _tag: "NotRead", error }),
        leftOut: (name) => tell({ _tag: "LeftOut", source: name, reason: SourceNames.unlikely }),
        progress: (bytes) => {
          bytesRead += bytes
          return onProgress?.({ bytesRead, bytesTotal }) ?? Effect.void
        }
      }
      const readOne = ({ source: one }: LogHead.Planned) =>
        LogStream.read(one, { all, listener }).pipe(
          Effect.catchAll((error) => tell({ _tag: "NotRead", error })),
          Effect.zipRight(handOver)
        )
      yield* Effect.forEach(planned, readOne, { discard: true }).pipe(
        Effect.zipRight(handOver),
        Effect.zipRight(Queue.offer(pieces, Take.end)),
        // A defect of the reader is one of who waits for it.
        Effect.catchAllCause((cause) => Queue.offer(pieces, Take.failCause(cause))),
        Effect.forkScoped
      )
      return Stream.flattenTake(Stream.fromQueue(pieces))
    })
  )
