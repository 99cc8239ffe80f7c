/** Bytes that were compressed with gzip, any number of members one after another. */
import { createGunzip } from "node:zlib"
import { Effect, type Scope } from "effect"

/** Bytes that began like gzip and went on otherwise, or broke off. */
export interface NotGzip {
  readonly _tag: "NotGzip"
  readonly reason: string
}

const notGzip = (error: Error): Effect.Effect<never, NotGzip> =>
  Effect.fail({ _tag: "NotGzip", reason: `gzip: ${error.message}` })

/** See {@link make}. */
export interface Gunzip {
  readonly write: (bytes: Uint8Array) => Effect.Effect<void, NotGzip>
  readonly end: Effect.Effect<void, NotGzip>
}

/**
 * Decompresses, on another thread. What `write` is given comes out through `onBytes` before it returns; `end` fails where the last
 * member is cut off.
 */
export const make = (onBytes: (bytes: Uint8Array) => void): Effect.Effect<Gunzip, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const gunzip = createGunzip({ chunkSize: 524_288 })
      gunzip.on("data", onBytes)
      // Whoever waits is told; an error that nobody listens to would end the process.
      gunzip.on("error", () => undefined)
      return gunzip
    }),
    (gunzip) => Effect.sync(() => gunzip.destroy())
  ).pipe(
    Effect.map((gunzip) => {
      // A write that fails is not called back.
      const step = (start: (done: () => void) => void): Effect.Effect<void, NotGzip> =>
        Effect.async((resume) => {
          const onError = (error: Error): void => resume(notGzip(error))
          gunzip.once("error", onError)
          start(() => {
            gunzip.off("error", onError)
            resume(Effect.void)
          })
        })
      return {
        write: (bytes) => step((done) => gunzip.write(bytes, (error) => (error == null ? done() : undefined))),
        end: step((done) => gunzip.once("end", done).end())
      }
    })
  )
