/** The URL of an SQS queue: where messages are taken from. */
import { SecureUrl } from "@genesys-replay/domain"
import { Either, Option, Schema } from "effect"

/** This is no URL that messages, and credentials with them, can be asked from. */
export class QueueUrlInvalid extends Schema.TaggedError<QueueUrlInvalid>()("QueueUrlInvalid", {
  /** The URL as it was given. */
  url: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${JSON.stringify(this.url)} ${this.reason}. A queue's URL is what aws sqs get-queue-url --queue-name NAME answers`
  }
}

/** A queue's URL, and the region that it names. */
export interface CaptureQueueUrl {
  readonly url: string
  /** None where the URL does not tell: a queue of a local stand-in. */
  readonly region: Option.Option<string>
  /** Whether it is on this machine. */
  readonly isLocal: boolean
}

// sqs.eu-west-1.amazonaws.com, sqs.cn-north-1.amazonaws.com.cn, vpce-1a2b.sqs.eu-west-1.vpce.amazonaws.com,
// sqs.eu-west-1.api.aws, sqs-fips.us-east-1.amazonaws.com; of old, eu-west-1.queue.amazonaws.com, and queue.amazonaws.com.
const hosts: ReadonlyArray<RegExp> = [
  /(?:^|\.)sqs(?:-fips)?\.([a-z0-9-]+)\.(?:vpce\.)?(?:amazonaws\.com(?:\.cn)?|api\.aws)$/,
  /^([a-z0-9-]+)\.queue\.amazonaws\.com$/
]

/** The region in the name of a host of SQS. */
const regionOf = (host: string): Option.Option<string> => {
  if (host === "queue.amazonaws.com") return Option.some("us-east-1")
  return Option.firstSomeOf(hosts.map((shape) => Option.fromNullable(shape.exec(host)?.[1])))
}

/** Whether the host is one of SQS. */
export const isQueueHost = (host: string): boolean => Option.isSome(regionOf(host))

/**
 * Reads a queue's URL: https, or http on a loopback host, with the account and the queue's name in its path. Left with
 * {@link QueueUrlInvalid} for anything else; an ARN and a bare name are something else.
 */
export const parse = (text: string): Either.Either<CaptureQueueUrl, QueueUrlInvalid> => {
  const refuse = (reason: string) => Either.left(new QueueUrlInvalid({ url: text, reason }))
  if (!URL.canParse(text) || text.startsWith("arn:")) return refuse("is no URL")
  const url = new URL(text)
  const isLocal = SecureUrl.isLoopback(url.hostname)
  if (url.username !== "" || url.password !== "") {
    return Either.left(
      new QueueUrlInvalid({ url: url.origin, reason: "has a user or a password in it: leave them out" })
    )
  }
  if (!SecureUrl.isSecure(url)) {
    return refuse("is refused, it is not https: plain http is for loopback hosts only")
  }
  if (url.pathname.length < 2) return refuse("names no queue")
  return Either.right({ url: text, region: regionOf(url.hostname), isLocal })
}
