/** The body of `POST /api/v2/eventstreams`: one replay, in the platform's words. */
import { Schema } from "effect"
import { RoleArn, WindowName } from "../spec/ReplayWindow.js"
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
export type EventStreamPayload = typeof EventStreamPayload.Type

/** What a window's stream says of itself when the spec does not. */
export const defaultDescription = "Automated EventBridge replay window configuration"

/** One field in which a payload and what stands on the platform differ. */
export interface Difference {
  /** The field: `replayConfig.startDate`. */
  readonly path: string
  readonly wanted: unknown
  readonly found: unknown
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const sameInstant = (left: unknown, right: unknown): boolean =>
  typeof left === "string" && typeof right === "string" && Date.parse(left) === Date.parse(right)

const compare = (path: string, wanted: unknown, found: unknown): ReadonlyArray<Difference> => {
  if (isRecord(wanted)) {
    return Object.entries(wanted).flatMap(([key, value]) =>
      compare(path === "" ? key : `${path}.${key}`, value, isRecord(found) ? found[key] : undefined)
    )
  }
  if (Array.isArray(wanted)) {
    const same = Array.isArray(found) && JSON.stringify([...wanted].sort()) === JSON.stringify([...found].sort())
    return same ? [] : [{ path, wanted, found }]
  }
  const same = wanted === found || (path === "replayConfig.startDate" && sameInstant(wanted, found))
  return same ? [] : [{ path, wanted, found }]
}

/**
 * The fields in which a stream on the platform differs from `payload`. Keys that only the platform has do not count, nor
 * does the order of the topics, nor how one instant is written.
 */
export const differences = (payload: EventStreamPayload, found: unknown): ReadonlyArray<Difference> =>
  compare("", payload, found)
