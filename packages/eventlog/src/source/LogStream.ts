/** A source that is read once, from its beginning: a stream, a pipe, a compressed file, an archive; and what it turns out to hold. */
import { Effect, type Scope } from "effect"
import type * as EventRecord from "../scan/EventRecord.js"
import { RecordScanner, type RecordSink as Sink } from "../scan/RecordScanner.js"
import { ByteReader } from "./ByteReader.js"
import * as Gunzip from "./Gunzip.js"
import * as LogForm from "./LogForm.js"
import * as LogSource from "./LogSource.js"
import * as SourceNames from "./SourceNames.js"
import * as TarReader from "./TarReader.js"

export type { Sink }

/** What is told of a source while it is read. */
export interface Listener {
  /** A log begins: the source itself, or a file in it. Its bytes come, decompressed, and then its end. */
  readonly begin: (name: string) => Effect.Effect<void>
  readonly bytes: (bytes: Uint8Array) => Effect.Effect<void>
  readonly end: Effect.Effect<void>
  /** The source, or a file in it, was not read, or not to its end. */
  readonly unread: (error: LogSource.Unread) => Effect.Effect<void>
  /** A file in an archive that was passed over. */
  readonly leftOut: (name: string) => Effect.Effect<void>
  /** So many bytes of the source itself were read. */
  readonly progress: (bytes: number) => Effect.Effect<void>
}

/** Archives and compressed files in one another, no deeper: some were made to have no bottom. */
const deepest = 5

type Failure = LogSource.UnreadableSource | Gunzip.DamagedGzip | TarReader.DamagedTar

/** Reads `source` and tells what it holds. `all` takes every file of an archive, whatever its name. */
export const read = Effect.fnUntraced(function* (
  source: LogSource.LogSource,
  { all, listener }: { readonly all: boolean; readonly listener: Listener }
) {
  let bytesRead = 0

  const contents = (
    name: string,
    bytes: ByteReader<Failure>,
    depth: number,
    outer: string
  ): Effect.Effect<void, Failure, Scope.Scope> =>
    Effect.gen(function* () {
      const beginning = yield* bytes.peek(4)
      const isKnown = LogForm.isLog(beginning) || LogForm.of(beginning) !== "whole"
      const form = LogForm.of(isKnown ? beginning : yield* bytes.peek(LogForm.headSize))
      if (typeof form === "object") {
        const inside = { ...form, name: `${form.name}${outer}` }
        return yield* listener.unread(LogSource.unsupported(name, inside, depth > 0))
      }
      if (form !== "gzip" && form !== "tar") return yield* log(name, bytes)
      if (depth === deepest) {
        const reason = "there are too many archives in one another"
        return yield* listener.unread(new LogSource.UnreadableSource({ source: name, reason, bytesRead }))
      }
      if (form === "gzip") {
        const unpacked = new ByteReader(yield* Gunzip.unpack(bytes))
        return yield* contents(name, unpacked, depth + 1, " in gzip")
      }
      yield* TarReader.read(bytes, (entry) => {
        const inner = `${name}/${entry.name.replace(/^(?:\.?\/)+/, "")}`
        if (!SourceNames.isShown(inner)) return Effect.void
        if (!all && !SourceNames.holdsEvents(inner)) return listener.leftOut(inner)
        return contents(inner, entry.contents, depth + 1, "").pipe(
          // The archive goes on behind a file in it that is damaged; one that is damaged itself does not.
          Effect.catchTags({
            DamagedGzip: ({ reason }) => unread(inner, reason),
            DamagedTar: ({ reason }) => unread(inner, reason)
          }),
          Effect.scoped
        )
      })
    })

  const log = (name: string, bytes: ByteReader<Failure>) =>
    Effect.gen(function* () {
      yield* listener.begin(name)
      for (let piece = yield* bytes.take(); piece !== undefined; piece = yield* bytes.take())
        yield* listener.bytes(piece)
    }).pipe(Effect.ensuring(listener.end))

  const unread = (name: string, reason: string) =>
    listener.unread(new LogSource.UnreadableSource({ source: name, reason, bytesRead }))

  const name = LogSource.nameOf(source)
  const pull = yield* LogSource.read(source)
  const counted = Effect.tap(pull, (piece) => {
    bytesRead += piece?.length ?? 0
    return piece === undefined ? Effect.void : listener.progress(piece.length)
  })
  yield* contents(name, new ByteReader(counted), 0, "").pipe(
    Effect.catchTags({
      DamagedGzip: ({ reason }) => unread(name, reason),
      DamagedTar: ({ reason }) => unread(name, reason)
    })
  )
}, Effect.scoped)

/** A scanner for as long as the scope is open. */
export const scannerOf = (layout: EventRecord.Layout, sink: Sink, each = false) =>
  Effect.acquireRelease(
    Effect.sync(() => new RecordScanner(layout, sink, each)),
    (scanner) => Effect.sync(() => scanner.release())
  )
