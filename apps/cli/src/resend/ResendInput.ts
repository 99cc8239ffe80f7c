/** What `resend` reads: captured events, and the events of `--only`. */
import { OnlyEvents, type ResendEvent } from "@genesys-replay/eventbridge"
import { LogSource, RecordTexts } from "@genesys-replay/eventlog"
import * as DisplayText from "@genesys-replay/eventlog/DisplayText"
import { Effect, Schema, Stream } from "effect"
import { standardInput } from "../verify/Source.js"

/** Captured events that cannot be read: sending stops there, and nothing behind it is sent. */
export class CapturedEventsUnread extends Schema.TaggedError<CapturedEventsUnread>()("CapturedEventsUnread", {
  source: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${DisplayText.safe(this.source, true)}: ${DisplayText.safe(this.reason, true)}`
  }
  /** What to do. */
  get remedy(): string {
    return "make it readable, or leave it out, and run the same command again: what was acknowledged is not sent twice"
  }
}

/** A line of `--only` that names no event. */
export class OnlyInvalid extends Schema.TaggedError<OnlyInvalid>()("OnlyInvalid", {
  source: Schema.String,
  line: Schema.Number,
  reason: Schema.String
}) {
  override get message(): string {
    return `${DisplayText.safe(this.source, true)}:${this.line}: ${DisplayText.safe(this.reason, true)}`
  }
  /** What to do. */
  get remedy(): string {
    return "name a file of events, one a line, as verify --missing and reconcile --missing write it"
  }
}

const sourceOf = (file: string): LogSource.LogSource =>
  file === standardInput ? LogSource.standardInput : LogSource.file(file)

/** How files are read. */
export interface Options extends RecordTexts.Options {
  /** Told of each file of a directory or an archive that is passed over for its name. */
  readonly onLeftOut?: ((name: string) => Effect.Effect<void>) | undefined
}

/** The records of these files. Fails with {@link CapturedEventsUnread}. */
export const records = (
  files: ReadonlyArray<string>,
  { onLeftOut = () => Effect.void, ...options }: Options
): Stream.Stream<ResendEvent.Input, CapturedEventsUnread> =>
  RecordTexts.stream(files.map(sourceOf), options).pipe(
    Stream.tap((element) =>
      element._tag === "NotRead"
        ? new CapturedEventsUnread({ source: element.error.source, reason: element.error.reason })
        : element._tag === "LeftOut"
          ? onLeftOut(element.source)
          : Effect.void
    ),
    Stream.filter(
      (element): element is RecordTexts.RecordText | RecordTexts.Rejected =>
        element._tag === "Record" || element._tag === "Rejected"
    )
  )

/**
 * The events that these files name. Fails with {@link OnlyInvalid} where a record of them is no event, and with {@link
 * CapturedEventsUnread}.
 */
export const only = Effect.fn("ResendInput.only")(function* (files: ReadonlyArray<string>) {
  const events = new OnlyEvents.OnlyEvents()
  yield* Stream.runForEach(records(files, {}), (input) =>
    Effect.mapError(events.add(input), (rejected) => new OnlyInvalid(rejected))
  )
  return events
})
