/** Why a capture ended early. Whatever it was: what is in the file stays there, and what is not was not deleted. */
import type { ProviderError } from "@genesys-replay/domain"
import { Schema } from "effect"

/** There is no queue at this URL, or not for this account. */
export class QueueNotFound extends Schema.TaggedError<QueueNotFound>()("QueueNotFound", {
  queue: Schema.String
}) {
  override get message(): string {
    return `there is no queue at ${this.queue}. Check the URL, its region, and the account: aws sqs list-queues`
  }
}

/** A FIFO queue hands out no more of a group while messages of it are taken and not deleted. */
export class MessagesNotKept extends Schema.TaggedError<MessagesNotKept>()("MessagesNotKept", {
  queue: Schema.String
}) {
  override get message(): string {
    return `${this.queue} is a FIFO queue: while messages are left in it, it shows only the first ones of each group`
  }
  /** What to do. */
  get remedy(): string {
    return "capture all messages without keeping them, each is in the file before it is deleted, and select from the file"
  }
}

/** The file cannot be opened, written, made durable, or found again. The messages that it lacks were not deleted. */
export class CaptureFileFailed extends Schema.TaggedError<CaptureFileFailed>()("CaptureFileFailed", {
  path: Schema.String,
  step: Schema.Literal("open", "write", "sync", "check"),
  /** What the system said, or what speaks against the file. */
  reason: Schema.String,
  /** What to do. */
  remedy: Schema.String
}) {
  override get message(): string {
    return `${this.path}: ${this.step} failed: ${this.reason}. Messages that are not in the file were not deleted: they come again`
  }
}

/** What the queue can fail with: no such queue, or what every call to AWS can. */
export type QueueError = QueueNotFound | ProviderError.ProviderError

/** What a capture can fail with. */
export type CaptureError = QueueError | CaptureFileFailed | MessagesNotKept
