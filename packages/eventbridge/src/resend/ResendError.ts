/** Why sending ended early. Whatever it was: what was acknowledged is written down, and is not sent again. */
import type { ProviderError } from "@genesys-replay/domain"
import { Schema } from "effect"
import type { QueueNotFound } from "../capture/CaptureError.js"

/** A file that sending needs cannot be opened, read or written. */
export class ResendFileFailed extends Schema.TaggedError<ResendFileFailed>()("ResendFileFailed", {
  path: Schema.String,
  /** What the file is for. */
  purpose: Schema.Literal("target", "acknowledged", "refused", "sorting"),
  reason: Schema.String,
  /** What to do. */
  remedy: Schema.String
}) {
  override get message(): string {
    const purposes = {
      target: "where the events go",
      acknowledged: "where what was acknowledged is kept",
      refused: "where refused events are kept",
      sorting: "where events wait to be sorted"
    }
    return `${this.path}, ${purposes[this.purpose]}: ${this.reason}`
  }
}

/** Events cannot be sent to this. Nothing was sent. */
export class TargetInvalid extends Schema.TaggedError<TargetInvalid>()("TargetInvalid", {
  reason: Schema.String,
  /** What to write instead. */
  remedy: Schema.String
}) {
  override get message(): string {
    return `events cannot be sent there: ${this.reason}`
  }
}

/** What sending to a target can fail with. An event that a target refuses is no failure, but a part of the summary. */
export type SendError = ProviderError.ProviderError | QueueNotFound | ResendFileFailed

/** What a resend can fail with, beside what its events fail with. */
export type ResendError = SendError
