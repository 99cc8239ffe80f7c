/** A sink that is a function of the program that composes the pipeline. */
import { Effect, Predicate } from "effect"
import { type SyncDocument, SyncFailed, type SyncSink } from "../SyncSink.js"

const wordsOf = (error: unknown): string =>
  Predicate.hasProperty(error, "message") && typeof error.message === "string" ? error.message : String(error)

/** Calls an effect. What it fails with becomes the reason of a {@link SyncFailed}. */
export const fromEffect = <E>(
  name: string,
  callback: (document: SyncDocument, id: string) => Effect.Effect<void, E>
): SyncSink => ({
  name,
  deliver: (document, id) =>
    Effect.mapError(callback(document, id), (error) => new SyncFailed({ sink: name, id, reason: wordsOf(error) }))
})

/** Calls a plain function and waits for its promise, if it returns one. What it throws becomes the reason of a {@link SyncFailed}. */
export const fromFunction = (
  name: string,
  callback: (document: SyncDocument, id: string) => void | Promise<void>
): SyncSink => ({
  name,
  deliver: (document, id) =>
    Effect.tryPromise({
      try: async () => callback(document, id),
      catch: (error) => new SyncFailed({ sink: name, id, reason: wordsOf(error) })
    })
})
