/** Refusals in AWS's words: the type that SDKs turn into an exception, and the sentence. */
import { Data } from "effect"

/** An operation was refused. */
export class AwsError extends Data.TaggedError("AwsError")<{
  /** The exception's name, as it is documented: `ResourceNotFoundException`. */
  readonly type: string
  readonly reason: string
  readonly status: number
  /** How the query protocol of before called it; SQS still sends that along. */
  readonly queryCode?: string
}> {
  override get message(): string {
    return this.reason
  }
}

const refusal =
  (type: string, status = 400) =>
  (reason: string): AwsError =>
    new AwsError({ type, reason, status })

/** What was named does not exist. */
export const resourceNotFound = refusal("ResourceNotFoundException")

/** What should be made exists already. */
export const resourceAlreadyExists = refusal("ResourceAlreadyExistsException")

/** The request breaks a rule. */
export const validation = refusal("ValidationException")

/** The event pattern is none. */
export const invalidEventPattern = refusal("InvalidEventPatternException")

/** More of them than an account may have. */
export const tooMany = refusal("LimitExceededException")("The requested resource exceeds the maximum number allowed.")

/** Not in the state that it is in. */
export const illegalStatus = refusal("IllegalStatusException")

/** The body is no JSON, or a value is of another type. */
export const serialization = refusal("SerializationException")

/** There is no such operation. */
export const unknownOperation = refusal("UnknownOperationException")

/** The sandbox has a bug, or is told to behave as if. */
export const internal = refusal("InternalException", 500)
