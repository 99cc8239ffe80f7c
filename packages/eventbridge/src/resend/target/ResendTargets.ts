/** Targets as people write them, with clients by the environment. */
import type { FileSystem, HttpClient } from "@effect/platform"
import type { RetryPolicy } from "@genesys-replay/domain"
import { type Duration, Effect, Either, Layer, type Redacted, type Scope } from "effect"
import { EventBridgeClients } from "../../aws/EventBridgeClients.js"
import { type AwsMisconfigured, checkEndpoints, EventBridgeConfig } from "../../aws/EventBridgeConfig.js"
import * as CaptureQueueUrl from "../../capture/CaptureQueueUrl.js"
import { type ResendFileFailed, TargetInvalid } from "../ResendError.js"
import * as EventBusTarget from "./EventBusTarget.js"
import * as FileTarget from "./FileTarget.js"
import * as QueueTarget from "./QueueTarget.js"
import type { ResendTarget } from "./ResendTarget.js"
import * as WebhookTarget from "./WebhookTarget.js"

/** Where a text leads. */
export type Address =
  | { readonly _tag: "Queue"; readonly url: CaptureQueueUrl.CaptureQueueUrl }
  | { readonly _tag: "EventBus"; readonly arn: string }
  | { readonly _tag: "Webhook"; readonly url: string }
  | { readonly _tag: "File"; readonly path: string }

// Account and name: what the path of every queue's URL is, and that of a webhook hardly ever.
const queuePath = /^\/(?:queue\/[a-z0-9-]+\/)?\d{12}\/[A-Za-z0-9_-]{1,80}(?:\.fifo)?$/

const invalid = (reason: string, remedy: string) => Either.left(new TargetInvalid({ reason, remedy }))

const anyTarget = "write the URL of a queue or of a webhook, the ARN of an event bus, or the path of a file"

/**
 * Reads a target: the URL of an SQS queue (by its host, or by its path of an account and a name), any other `https` URL as a
 * webhook, an ARN as that of an event bus, anything else as the path of a file.
 */
export const parse = (text: string): Either.Either<Address, TargetInvalid> => {
  if (text.trim() === "") return invalid("it is empty", anyTarget)
  if (text.startsWith("arn:")) {
    return /^arn:[^:]*:(?:events|eventbridge):/.test(text)
      ? Either.right({ _tag: "EventBus", arn: text })
      : invalid(`${JSON.stringify(text)} is the ARN of no event bus`, `of a queue, write the URL; or ${anyTarget}`)
  }
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return Either.right({ _tag: "File", path: text })
  if (!/^https?:/i.test(text) || !URL.canParse(text)) {
    return invalid(`${JSON.stringify(text.replace(/\/\/[^/]*@/, "//…@"))} is no URL of a queue or a webhook`, anyTarget)
  }
  const { hostname, pathname } = new URL(text)
  return CaptureQueueUrl.isQueueHost(hostname) || queuePath.test(pathname)
    ? Either.mapBoth(CaptureQueueUrl.parse(text), {
        onLeft: ({ message: reason }) => new TargetInvalid({ reason, remedy: anyTarget }),
        onRight: (url): Address => ({ _tag: "Queue", url })
      })
    : Either.right({ _tag: "Webhook", url: text })
}

/** How a target is made. */
export interface Options {
  /** For an event bus: see `EventBusTarget.Options`. */
  readonly source?: string | undefined
  /** For a webhook, which cannot be without it. */
  readonly secret?: Redacted.Redacted | undefined
  /** For a webhook: for one attempt; 10 seconds. */
  readonly timeout?: Duration.DurationInput | undefined
  /** How requests are tried again; three times, from one second on. */
  readonly retry?: RetryPolicy.RetryPolicy | undefined
}

/** What making a target can fail with. Nothing was sent. */
export type TargetError = TargetInvalid | AwsMisconfigured | ResendFileFailed

const withoutSecret = new TargetInvalid({
  reason: "a webhook needs the secret that deliveries are signed with",
  remedy: "give the secret that the receiver gave you: whsec_ and base64"
})

/**
 * The target at this address, for as long as the scope lives; credentials, region and endpoint of AWS by the AWS SDK's standard
 * chain. `TargetInvalid` where it cannot be one, `AwsMisconfigured` where the environment does not do, `ResendFileFailed` for a
 * file that lines cannot be appended to. Sends nothing.
 */
export const fromEnvironment = (
  address: Address,
  { retry, secret, source, timeout }: Options = {}
): Effect.Effect<ResendTarget, TargetError, FileSystem.FileSystem | HttpClient.HttpClient | Scope.Scope> => {
  switch (address._tag) {
    case "Queue":
      return Effect.flatMap(Layer.build(QueueTarget.SendClient.layer(address.url)), (services) =>
        Effect.provide(QueueTarget.make({ url: address.url, retry }), services)
      )
    case "EventBus":
      return Effect.gen(function* () {
        yield* checkEndpoints
        const config = EventBridgeConfig.layerOf(retry === undefined ? {} : { retry })
        const services = yield* Layer.build(Layer.merge(EventBridgeClients.layer, config))
        return yield* Effect.provide(EventBusTarget.make({ arn: address.arn, source }), services)
      })
    case "Webhook":
      return secret === undefined ? withoutSecret : WebhookTarget.make({ url: address.url, secret, timeout, retry })
    case "File":
      return FileTarget.make(address.path)
  }
}
