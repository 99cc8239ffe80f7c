/**
 * The operations of Amazon SQS that the sandbox has, each declared once by what it takes and what it answers.
 * Source: AWS, Amazon SQS API Reference, 2012-11-05.
 */
import { Schema } from "effect"
import { contract } from "../AwsJson.js"
import * as Constraint from "../Constraint.js"

const optional = Schema.optional

const Attributes = Schema.Record({ key: Schema.String, value: Schema.String })
const Names = optional(Schema.Array(Schema.String))
const ofQueue = { QueueUrl: Schema.String }

const MessageAttributes = optional(
  Schema.Record({
    key: Schema.String,
    value: Schema.Struct({
      DataType: Schema.String,
      StringValue: optional(Schema.String),
      BinaryValue: optional(Schema.String)
    })
  })
)

const sending = {
  MessageBody: Schema.String,
  DelaySeconds: optional(Schema.Number),
  MessageAttributes,
  MessageGroupId: optional(Schema.String),
  MessageDeduplicationId: optional(Schema.String)
}

const sent = {
  MessageId: Schema.String,
  MD5OfMessageBody: Schema.String,
  SequenceNumber: optional(Schema.String)
}

const Failed = Schema.Array(
  Schema.Struct({ Id: Schema.String, SenderFault: Schema.Boolean, Code: Schema.String, Message: Schema.String })
)

const done = { Successful: Schema.Array(Schema.Struct({ Id: Schema.String })), Failed }

export const CreateQueue = contract(
  "CreateQueue",
  { QueueName: Constraint.pattern(1, 80, "[A-Za-z0-9_-]+([.]fifo)?"), Attributes: optional(Attributes) },
  ofQueue
)

export const GetQueueUrl = contract("GetQueueUrl", { QueueName: Schema.String }, ofQueue)

export const ListQueues = contract(
  "ListQueues",
  { QueueNamePrefix: optional(Schema.String) },
  { QueueUrls: optional(Schema.Array(Schema.String)) }
)

export const DeleteQueue = contract("DeleteQueue", ofQueue, {})

export const PurgeQueue = contract("PurgeQueue", ofQueue, {})

export const GetQueueAttributes = contract(
  "GetQueueAttributes",
  { ...ofQueue, AttributeNames: Names },
  { Attributes: optional(Attributes) }
)

export const SetQueueAttributes = contract("SetQueueAttributes", { ...ofQueue, Attributes }, {})

export const SendMessage = contract("SendMessage", { ...ofQueue, ...sending }, sent)

export const SendMessageBatch = contract(
  "SendMessageBatch",
  { ...ofQueue, Entries: Schema.Array(Schema.Struct({ Id: Schema.String, ...sending })) },
  { Successful: Schema.Array(Schema.Struct({ Id: Schema.String, ...sent })), Failed }
)

export const ReceiveMessage = contract(
  "ReceiveMessage",
  {
    ...ofQueue,
    AttributeNames: Names,
    MessageSystemAttributeNames: Names,
    MessageAttributeNames: Names,
    MaxNumberOfMessages: optional(Schema.Number),
    VisibilityTimeout: optional(Schema.Number),
    WaitTimeSeconds: optional(Schema.Number)
  },
  {
    Messages: optional(
      Schema.Array(
        Schema.Struct({
          MessageId: Schema.String,
          ReceiptHandle: Schema.String,
          MD5OfBody: Schema.String,
          Body: Schema.String,
          Attributes: optional(Attributes),
          MessageAttributes
        })
      )
    )
  }
)

export const DeleteMessage = contract("DeleteMessage", { ...ofQueue, ReceiptHandle: Schema.String }, {})

export const DeleteMessageBatch = contract(
  "DeleteMessageBatch",
  { ...ofQueue, Entries: Schema.Array(Schema.Struct({ Id: Schema.String, ReceiptHandle: Schema.String })) },
  done
)

const hiding = { ReceiptHandle: Schema.String, VisibilityTimeout: Schema.Number }

export const ChangeMessageVisibility = contract("ChangeMessageVisibility", { ...ofQueue, ...hiding }, {})

export const ChangeMessageVisibilityBatch = contract(
  "ChangeMessageVisibilityBatch",
  { ...ofQueue, Entries: Schema.Array(Schema.Struct({ Id: Schema.String, ...hiding })) },
  done
)
