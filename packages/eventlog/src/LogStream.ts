/** A source that is read once, from its beginning: a stream, a pipe, a compressed file. */
import type { FileSystem } from "@effect/platform"
import { Effect, Scope, Stream } from "effect"
import type * as EventRecord from "./EventRecord.js"
import * as Gunzip from "./Gunzip.js"
import * as LogForm from "./LogForm.js"
import * as LogSource from "./LogSource.js"
import { RecordScanner, type RecordSink } from "./RecordScanner.js"

/** The first bytes of a source, at least two of them if it has as many, and then the rest. */
const withHead = <E, R>(bytes: Stream.Stream<Uint8Array, E, R>): Stream.Stream<Uint8Array, E, R> =>
  Stream.suspend(() => {
    let head: Uint8Array | undefined = new Uint8Array(0)
    const whole = Stream.mapConcat(bytes, (chunk) => {
      if (head === undefined) return [chunk]
      head = head.length === 0 ? chunk : Buffer.concat([head, chunk])
      if (head.length < 2) return []
      const first = head
      head = undefined
      return [first]
    })
    const rest = Stream.suspend(() => (head === undefined || head.length === 0 ? Stream.empty : Stream.make(head)))
    return Stream.concat(whole, rest)
  })

/**
 * Feeds `source` to `scanner`, decompressed where it is compressed, all but the end of it; as a stream, how many bytes of the source
 * each step has read. Fails with `UnreadableSource`.
 */
export const scan = (
  source: LogSource.LogSource,
  scanner: RecordScanner
): Stream.Stream<number, LogSource.UnreadableSource, FileSystem.FileSystem> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const scope = yield* Effect.scope
      let gunzip: Gunzip.Gunzip | undefined
      let isFirst = true
      let bytesRead = 0
      const feed = Effect.fnUntraced(function* (bytes: Uint8Array) {
        if (isFirst && LogForm.isGzip(bytes)) {
          gunzip = yield* Scope.extend(
            Gunzip.make((unpacked) => scanner.push(unpacked)),
            scope
          )
        }
        isFirst = false
        if (gunzip === undefined) scanner.push(bytes)
        else yield* gunzip.write(bytes)
        bytesRead += bytes.length
        return bytes.length
      })
      const end = Effect.suspend(() => gunzip?.end ?? Effect.void)
      const unpacked = (error: LogSource.UnreadableSource | Gunzip.NotGzip) =>
        error._tag === "UnreadableSource"
          ? error
          : new LogSource.UnreadableSource({ source: LogSource.nameOf(source), reason: error.reason, bytesRead })
      scanner.begin({ from: 0, times: "always" })
      return withHead(LogSource.read(source)).pipe(
        Stream.mapEffect(feed),
        Stream.concat(Stream.execute(end)),
        Stream.mapError(unpacked)
      )
    })
  )

/** A scanner for as long as the scope is open. */
export const scannerOf = (layout: EventRecord.Layout, sink: RecordSink, each = false) =>
  Effect.acquireRelease(
    Effect.sync(() => new RecordScanner(layout, sink, each)),
    (scanner) => Effect.sync(() => scanner.release())
  )
