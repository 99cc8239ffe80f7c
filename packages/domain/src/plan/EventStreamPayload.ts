/** The body of `POST /api/v2/eventstreams`: one replay, in the platform's words. */
import { type DateTime, type Effect, ParseResult, Schema } from "effect"
import * as Destination from "../spec/Destination.js"
import { RoleArn, WindowName } from "../spec/ReplayWindow.js"
import * as Difference from "../value/Difference.js"
import * as EventBusArn from "../value/EventBusArn.js"
import * as Instant from "../value/Instant.js"
import { RetentionDays } from "../value/RetentionDays.js"
import { TopicIds } from "../value/TopicId.js"

const arnShape = /^arn:aws[a-z-]*:(?:events|eventbridge):[a-z0-9-]*:\d{12}:event-bus\/[A-Za-z0-9._/-]{1,256}$/

/** The payload, exactly these keys. A value of this type keeps the platform's limits. Source: contract of the Event Streams API. */
export const EventStreamPayload = Schema.Struct({
  name: WindowName,
  description: Schema.String.pipe(Schema.maxLength(1_000)),
  enabled: Schema.Boolean,
  retentionDays: RetentionDays,
  destination: Schema.Struct({
    type: Schema.Literal("eventbridge"),
    eventBridgeConfig: Schema.Struct({
      arn: Schema.String.pipe(Schema.pattern(arnShape)),
      roleArn: RoleArn,
      region: Schema.NonEmptyString
    })
  }),
  filters: Schema.Struct({ topics: TopicIds }),
  replayConfig: Schema.Struct({
    enabled: Schema.Boolean,
    startDate: Instant.UtcText,
    sequenceIndexTrigger: Schema.Literal("automatic")
  })
}).annotations({ identifier: "EventStreamPayload" })

/** See {@link EventStreamPayload}. */
export interface EventStreamPayload extends Schema.Schema.Type<typeof EventStreamPayload> {}

/** What a window's stream says of itself when the spec does not. */
export const defaultDescription = "Automated EventBridge replay window configuration"

/** What a payload is made of: a planned window into an event bus, as far as the platform is told of it. */
export interface Values {
  readonly name: WindowName
  readonly description: string
  readonly retentionDays: RetentionDays
  readonly destination: Destination.EventBus
  readonly topics: TopicIds
  readonly start: DateTime.Utc
}

/** The payload of these values. */
export const of = ({ description, destination, name, retentionDays, start, topics }: Values): EventStreamPayload => ({
  name,
  description,
  enabled: true,
  retentionDays,
  destination: {
    type: "eventbridge",
    eventBridgeConfig: {
      arn: destination.arn.text,
      roleArn: destination.roleArn,
      region: destination.region
    }
  },
  filters: { topics },
  replayConfig: { enabled: true, startDate: Instant.format(start), sequenceIndexTrigger: "automatic" }
})

const parsed = Schema.decode(Schema.Struct({ arn: EventBusArn.FromString, start: Instant.Instant }))

/** The values that a payload was made of: {@link of} gives it again, but for one that is not enabled. */
export const read = (payload: EventStreamPayload): Effect.Effect<Values, ParseResult.ParseIssue> => {
  const { arn: text, region, roleArn } = payload.destination.eventBridgeConfig
  return ParseResult.mapBoth(parsed({ arn: text, start: payload.replayConfig.startDate }), {
    onFailure: ({ issue }) => issue,
    onSuccess: ({ arn, start }): Values => ({
      name: payload.name,
      description: payload.description,
      retentionDays: payload.retentionDays,
      destination: Destination.EventBus.make({ arn, region, roleArn }),
      topics: payload.filters.topics,
      start
    })
  })
}

const sameInstant: Difference.Same = (path, wanted, found) =>
  path === "replayConfig.startDate" &&
  typeof wanted === "string" &&
  typeof found === "string" &&
  Date.parse(wanted) === Date.parse(found)

/**
 * The fields in which a stream on the platform differs from `payload`. Keys that only the platform has do not count, nor
 * does the order of the topics, nor how one instant is written.
 */
export const differences = (payload: EventStreamPayload, found: unknown): ReadonlyArray<Difference.Difference> =>
  Difference.between(payload, found, sameInstant)
