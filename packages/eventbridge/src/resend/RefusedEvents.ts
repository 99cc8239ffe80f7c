/**
 * The events that a target did not take, each with its reason: listed, and kept in a file that can be sent again once the
 * reason is gone.
 */
import { FileSystem } from "@effect/platform"
import { Effect, Option, Ref, Schema, Scope } from "effect"
import * as CaptureFile from "../capture/CaptureFile.js"
import { ResendFileFailed } from "./ResendError.js"
import { Located, type ResendEvent, refusedKey } from "./ResendEvent.js"

/** An event that was refused. */
export const RefusedEvent = Schema.Struct({
  ...Located.fields,
  topic: Schema.String,
  reason: Schema.String
}).annotations({ identifier: "RefusedEvent" })

/** See {@link RefusedEvent}. */
export interface RefusedEvent extends Schema.Schema.Type<typeof RefusedEvent> {}

/** Where refused events are kept. */
export interface RefusedEvents {
  /** Keeps these, and returns when they are kept. */
  readonly add: (events: ReadonlyArray<readonly [ResendEvent, reason: string]>) => Effect.Effect<void, ResendFileFailed>
}

/** They are listed, and not kept. */
export const none: RefusedEvents = { add: () => Effect.void }

/** The envelope, and beside it why it was refused, and where it stood: still the same event, as `verify` and `resend` see it. */
export const lineOf = ({ line, source, text }: ResendEvent, reason: string): string =>
  `${text.slice(0, -1).trimEnd()},${JSON.stringify(refusedKey)}:${JSON.stringify({ reason, source, line })}}`

/**
 * Kept in the file at `path`, one a line, appended; the file is made with the first of them. `ResendFileFailed` where it cannot
 * be written.
 */
export const inFile = Effect.fn("RefusedEvents.inFile")(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const scope = yield* Effect.scope
  const opened = yield* Ref.make(Option.none<CaptureFile.CaptureFile>())
  const oneAtATime = yield* Effect.makeSemaphore(1)
  const open = Effect.flatMap(
    Ref.get(opened),
    Option.match({
      onSome: Effect.succeed,
      onNone: () =>
        CaptureFile.open(path).pipe(
          Scope.extend(scope),
          Effect.provideService(FileSystem.FileSystem, files),
          Effect.tap((file) => Ref.set(opened, Option.some(file)))
        )
    })
  )
  return {
    add: (events) =>
      events.length === 0
        ? Effect.void
        : open.pipe(
            Effect.flatMap((file) => file.append(events.map(([event, reason]) => lineOf(event, reason)))),
            Effect.mapError(({ reason, remedy }) => new ResendFileFailed({ path, purpose: "refused", reason, remedy })),
            oneAtATime.withPermits(1),
            Effect.asVoid
          )
  } satisfies RefusedEvents
})
