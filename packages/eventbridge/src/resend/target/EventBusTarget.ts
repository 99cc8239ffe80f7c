/** An event bus that events are put on. */
import type { PutEventsResultEntry } from "@aws-sdk/client-eventbridge"
import { EventEnvelope, Instant } from "@genesys-replay/domain"
import { DateTime, Effect, Option, Predicate } from "effect"
import * as AwsCall from "../../aws/AwsCall.js"
import * as AwsFailure from "../../aws/AwsFailure.js"
import { EventBridgeClients } from "../../aws/EventBridgeClients.js"
import { EventBridgeConfig } from "../../aws/EventBridgeConfig.js"
import * as PuttableBus from "../PuttableBus.js"
import { TargetInvalid } from "../ResendError.js"
import type { ResendEvent } from "../ResendEvent.js"
import * as PartialSend from "./PartialSend.js"
import * as ResendTarget from "./ResendTarget.js"

/** The `source` of events whose own AWS refuses. */
export const defaultSource = "genesys-replay"

/** An event bus. */
export interface Options {
  /** `arn:<partition>:events:<region>:<account>:event-bus/<bus>`. Its region wins over the environment's. */
  readonly arn: string
  /** The `source` of events whose own begins with `aws.`, which AWS refuses; {@link defaultSource} unless told. */
  readonly source?: string | undefined
}

// Source: AWS, EventBridge API reference, PutEvents, and "Calculating Amazon EventBridge event entry size".
const batch = { entries: 10, bytes: 262_144 }
const bytesOfTime = 14

/** What an entry is made of, without its bus. */
export type Entry = {
  readonly Source: string
  readonly DetailType: string
  readonly Detail: string
  readonly Resources: Array<string>
  readonly Time?: Date
}

const unquoted = (json: string | undefined): unknown => (json === undefined ? undefined : JSON.parse(json))

const textOf = (json: string | undefined): string => {
  const value = unquoted(json)
  return Predicate.isString(value) ? value : ""
}

/**
 * The entry for an event: `DetailType`, `Detail` (as it is written) and `Time` stay; a `Source` that begins with `aws.` becomes
 * `source`, and the original stands first among the `Resources`.
 */
export const entryOf = ({ text }: ResendEvent, source: string): Entry => {
  const members = EventEnvelope.members(text)
  const original = textOf(members.get("source"))
  const isReserved = original.startsWith("aws.")
  const resources = unquoted(members.get("resources"))
  const time = Instant.parse(textOf(members.get("time")))
  return {
    Source: isReserved ? source : original,
    DetailType: textOf(members.get("detail-type")),
    Detail: members.get("detail") ?? "{}",
    Resources: [
      ...(isReserved ? [original] : []),
      ...(Array.isArray(resources) ? resources.filter(Predicate.isString) : [])
    ],
    ...Option.match(time, { onNone: () => ({}), onSome: (at) => ({ Time: DateTime.toDateUtc(at) }) })
  }
}

/** The size of an entry as AWS counts it. */
export const sizeOf = ({ Detail, DetailType, Resources, Source, Time }: Entry): number =>
  [Source, DetailType, Detail, ...Resources].reduce(
    (size, text) => size + ResendTarget.bytesOf(text),
    Time === undefined ? 0 : bytesOfTime
  )

const answerOf = ({ ErrorCode, ErrorMessage, EventId }: PutEventsResultEntry): PartialSend.Answer => {
  if (EventId !== undefined) return ResendTarget.acknowledged
  const reason = [ErrorCode, ErrorMessage].filter(Predicate.isNotUndefined).join(": ") || "EventBridge did not take it"
  if (AwsFailure.isThrottling(ErrorCode)) return { _tag: "Again", kind: "limited", reason }
  return ErrorCode === undefined || /^Internal(?:Failure|Exception|Error)$|Unavailable/.test(ErrorCode)
    ? { _tag: "Again", kind: "passing", reason }
    : ResendTarget.refused(reason)
}

/**
 * Puts the events on the bus, ten, or 256 KiB, a request; see {@link entryOf}. {@link TargetInvalid} where `arn` is none, or a
 * partner's, and where `source` is one that AWS refuses. It needs the IAM action `events:PutEvents`. A bus that is not there
 * refuses each entry.
 */
export const make = Effect.fn("EventBusTarget.make")(function* ({ arn: text, source = defaultSource }: Options) {
  const remedy = "write the ARN of a bus of your own: arn:aws:events:REGION:ACCOUNT:event-bus/NAME"
  const arn = yield* Effect.mapError(PuttableBus.parse(text), (reason) => new TargetInvalid({ reason, remedy }))
  if (source === "" || source.startsWith("aws.")) {
    return yield* new TargetInvalid({
      reason: `AWS refuses events whose source is ${JSON.stringify(source)}`,
      remedy: "choose a source that does not begin with aws."
    })
  }
  const clients = yield* EventBridgeClients
  const config = yield* EventBridgeConfig
  const request = (events: ReadonlyArray<ResendEvent>) =>
    Effect.gen(function* () {
      const client = yield* clients.of(
        yield* Option.match(arn.region, { onNone: () => clients.home, onSome: Effect.succeed })
      )
      const Entries = events.map((event) => ({ EventBusName: arn.canonical, ...entryOf(event, source) }))
      const { Entries: answers = [] } = yield* AwsCall.once(config, "PutEvents", client.putEvents({ Entries })).pipe(
        Effect.catchTag("AwsException", (exception) => Effect.fail(AwsFailure.rejected(exception)))
      )
      return answers.map(answerOf)
    })
  return {
    name: `event bus ${arn.canonical}`,
    location: arn.canonical,
    batch,
    concurrency: 8,
    groupOf: undefined,
    measure: (event) => ResendTarget.within(sizeOf(entryOf(event, source)), batch.bytes, "an event bus"),
    send: (events) => PartialSend.send(events, { policy: config.retry, operation: "events:PutEvents", request })
  } satisfies ResendTarget.ResendTarget
})
