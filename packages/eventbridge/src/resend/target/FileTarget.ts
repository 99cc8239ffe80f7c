/** A file that events are appended to, one a line. */
import { Effect, Either } from "effect"
import * as CaptureFile from "../../capture/CaptureFile.js"
import { ResendFileFailed } from "../ResendError.js"
import type { ResendEvent } from "../ResendEvent.js"
import * as ResendTarget from "./ResendTarget.js"

const batch = { entries: 1_000, bytes: 4 * 1_024 * 1_024 }

/** What is known of the file at `path` without a look at it. */
export const describe = (path: string) => ({
  name: `file ${path}`,
  location: `file:${path}`,
  batch,
  // Its lines stand in the order of the events.
  concurrency: 1,
  groupOf: undefined,
  measure: ({ text }: ResendEvent) => Either.right(ResendTarget.bytesOf(text) + 1)
})

/**
 * Appends the envelopes, one a line, to the file at `path`, for as long as the scope lives. Acknowledged is what is on the disk
 * (fsync), in the file that has this name. `ResendFileFailed` for a file that lines cannot be appended to; see
 * `CaptureFile.open`.
 */
export const make = Effect.fn("FileTarget.make")(function* (path: string) {
  const failed = ({ reason, remedy }: { readonly reason: string; readonly remedy: string }) =>
    new ResendFileFailed({ path, purpose: "target", reason, remedy })
  const file = yield* Effect.mapError(CaptureFile.open(path), failed)
  return {
    ...describe(path),
    send: (events) =>
      ResendTarget.unsent(
        events,
        file
          .append(events.map(({ text }) => text))
          .pipe(Effect.mapError(failed), Effect.as(events.map(() => ResendTarget.acknowledged)))
      )
  } satisfies ResendTarget.ResendTarget
})
