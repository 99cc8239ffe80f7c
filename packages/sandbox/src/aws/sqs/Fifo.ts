/**
 * What SQS demands where a queue is FIFO, and where it is not. Source: AWS, Amazon SQS API Reference, CreateQueue, SetQueueAttributes and
 * SendMessage; Developer Guide, FIFO queues.
 */
import { createHash } from "node:crypto"
import { Effect } from "effect"
import type { AwsError } from "../AwsError.js"
import type { NewMessage } from "./MessageQueue.js"
import type { Attributes } from "./Queues.js"
import * as SqsError from "./SqsError.js"

/** Attributes of FIFO queues only, and what they may be. */
export const attributes: { readonly [name: string]: ReadonlyArray<string> } = {
  FifoQueue: ["true"],
  ContentBasedDeduplication: ["true", "false"]
}

/** Whether a queue of this name is FIFO. */
export const isFifo = (name: string): boolean => name.endsWith(".fifo")

/** A queue is FIFO by its name and by its attribute, or by neither. */
export const checkQueue = (
  name: string,
  { ContentBasedDeduplication, FifoQueue }: Attributes
): Effect.Effect<void, AwsError> => {
  if (isFifo(name) !== (FifoQueue === "true")) {
    return SqsError.invalidParameter(
      isFifo(name)
        ? "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
        : "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length."
    )
  }
  return ContentBasedDeduplication !== undefined && !isFifo(name)
    ? SqsError.invalidAttributeName("Unknown Attribute ContentBasedDeduplication.")
    : Effect.void
}

/** The parameters of a message that count here. */
export interface Sending {
  readonly MessageBody: string
  readonly DelaySeconds?: number | undefined
  readonly MessageGroupId?: string | undefined
  readonly MessageDeduplicationId?: string | undefined
}

const shape = /^[!-~]{1,128}$/

const unsuitable = (name: string, value: string | number) =>
  SqsError.invalidParameter(
    `Value ${value} for parameter ${name} is invalid. Reason: The request include parameter that is not valid for this queue type.`
  )

const malformed = (name: string, value: string) =>
  SqsError.invalidParameter(
    `Value ${value} for parameter ${name} is invalid. Reason: ${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`
  )

/** Group and deduplication id of a message; none on a standard queue, where a group is for fair queues and means nothing here. */
export const of = (
  name: string,
  { ContentBasedDeduplication }: Attributes,
  sending: Sending
): Effect.Effect<NewMessage["fifo"], AwsError> => {
  const { DelaySeconds, MessageBody, MessageDeduplicationId, MessageGroupId } = sending
  if (!isFifo(name)) {
    return MessageDeduplicationId === undefined
      ? Effect.succeed(undefined)
      : unsuitable("MessageDeduplicationId", MessageDeduplicationId)
  }
  if (DelaySeconds !== undefined && DelaySeconds !== 0) return unsuitable("DelaySeconds", DelaySeconds)
  if (MessageGroupId === undefined) return SqsError.missingParameter("MessageGroupId")
  if (!shape.test(MessageGroupId)) return malformed("MessageGroupId", MessageGroupId)
  if (MessageDeduplicationId !== undefined) {
    return shape.test(MessageDeduplicationId)
      ? Effect.succeed({ groupId: MessageGroupId, deduplicationId: MessageDeduplicationId })
      : malformed("MessageDeduplicationId", MessageDeduplicationId)
  }
  return ContentBasedDeduplication === "true"
    ? Effect.succeed({
        groupId: MessageGroupId,
        deduplicationId: createHash("sha256").update(MessageBody).digest("hex")
      })
    : SqsError.invalidParameter(
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
      )
}
