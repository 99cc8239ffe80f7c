/** Refusals of SQS; each also bears the code that it had in the query protocol. */
import { AwsError } from "../AwsError.js"

const legacy = "AWS.SimpleQueueService."

const refusal = (type: string, queryCode: string) => (reason: string) =>
  new AwsError({ type: `com.amazonaws.sqs#${type}`, reason, status: 400, queryCode })

/** There is no queue of this name. */
export const queueDoesNotExist = refusal(
  "QueueDoesNotExist",
  `${legacy}NonExistentQueue`
)("The specified queue does not exist.")

/** A queue of this name has other attributes. */
export const queueNameExists = refusal(
  "QueueNameExists",
  "QueueAlreadyExists"
)("A queue already exists with the same name and a different value for some attribute")

/** The receipt handle is none. */
export const receiptHandleInvalid = (handle: string) =>
  refusal(
    "ReceiptHandleIsInvalid",
    "ReceiptHandleIsInvalid"
  )(`The input receipt handle "${handle}" is not a valid receipt handle.`)

/** The message is no longer handed out under this handle. */
export const messageNotInFlight = refusal(
  "MessageNotInflight",
  `${legacy}MessageNotInflight`
)("The specified message isn't in flight.")

/** A value is out of its range. */
export const invalidParameter = refusal("InvalidParameterValue", "InvalidParameterValue")

/** A parameter that the queue demands is not there. */
export const missingParameter = (name: string) =>
  refusal("MissingParameter", "MissingParameter")(`The request must contain the parameter ${name}.`)

/** There is no such attribute. */
export const invalidAttributeName = refusal("InvalidAttributeName", "InvalidAttributeName")

/** An attribute cannot be that. */
export const invalidAttributeValue = refusal("InvalidAttributeValue", "InvalidAttributeValue")

/** A batch without entries. */
export const emptyBatch = refusal(
  "EmptyBatchRequest",
  `${legacy}EmptyBatchRequest`
)("There should be at least one entry in the request.")

/** A batch with more than ten entries. */
export const tooManyEntries = (count: number) =>
  refusal(
    "TooManyEntriesInBatchRequest",
    `${legacy}TooManyEntriesInBatchRequest`
  )(`Maximum number of entries per request are 10. You have sent ${count}.`)

/** Two entries of a batch with one id. */
export const entryIdsNotDistinct = refusal(
  "BatchEntryIdsNotDistinct",
  `${legacy}BatchEntryIdsNotDistinct`
)("Two or more batch entries in the request have the same Id.")
