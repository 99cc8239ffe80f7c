/** The vocabulary of faults: which deliveries and which requests go wrong, and how. */
import { Schema } from "effect"

const Rate = Schema.Number.pipe(Schema.between(0, 1))
const Index = Schema.NonNegativeInt

/** Some deliveries: by chance, by sequence index, or both. `[120, 140]` is a range with both ends. */
export const Selection = Schema.Struct({
  rate: Schema.optional(Rate),
  indices: Schema.optional(Schema.Array(Schema.Union(Index, Schema.Tuple(Index, Index))))
}).annotations({ identifier: "Selection" })

/** See {@link Selection}. */
export interface Selection extends Schema.Schema.Type<typeof Selection> {}

/** Whether a selection takes a delivery; `roll` is a draw from 0 to 1. */
export const selects = (selection: Selection | undefined, index: number, roll: number): boolean =>
  selection !== undefined &&
  (roll < (selection.rate ?? 0) ||
    (selection.indices ?? []).some((wanted) =>
      typeof wanted === "number" ? wanted === index : wanted[0] <= index && index <= wanted[1]
    ))

/**
 * What goes wrong on the last part of the way: between the bus and the targets of its rules; of a replay of an event stream, between
 * the platform and the bus. An archive has everything, and the platform believes that everything was delivered.
 */
export const DeliveryFaults = Schema.Struct({
  /** Never delivered. */
  drop: Schema.optional(Selection),
  /** Delivered twice, the second time a few events later. */
  duplicate: Schema.optional(Selection),
  /** Delivered later than the events behind it. */
  reorder: Schema.optional(Selection),
  /** By how many events a reordered delivery is late at most; 8 unless told. */
  distance: Schema.optional(Schema.Int.pipe(Schema.positive())),
  /** Only for streams and replays of these names, and for what is put on buses of these names; for all unless told. */
  streams: Schema.optional(Schema.Array(Schema.String))
}).annotations({ identifier: "DeliveryFaults" })

/** See {@link DeliveryFaults}. */
export interface DeliveryFaults extends Schema.Schema.Type<typeof DeliveryFaults> {}

/** Some events of the platform: by chance, of these topics, conversations and instants; what is not said is no limit. */
export const EventSelection = Schema.Struct({
  /** The chance of an event that the rest allows; 1 unless told. */
  rate: Schema.optional(Rate),
  /** As in a stream: `v2.users.{id}.presence`, `v2.detail.events.conversation.*`. */
  topics: Schema.optional(Schema.Array(Schema.String)),
  conversations: Schema.optional(Schema.Array(Schema.String)),
  /** Sent at this instant or later, in epoch milliseconds. */
  from: Schema.optional(Schema.Number),
  /** Sent before this instant, in epoch milliseconds. */
  until: Schema.optional(Schema.Number)
}).annotations({ identifier: "EventSelection" })

/** See {@link EventSelection}. */
export interface EventSelection extends Schema.Schema.Type<typeof EventSelection> {}

/** What goes wrong between the platform and AWS. What happens to an event is the same however often it is looked at. */
export const PlatformFaults = Schema.Struct({
  /** Never reaches AWS: it is in no archive. */
  lost: Schema.optional(EventSelection),
  /** Reaches AWS later, by `lateBy`. */
  late: Schema.optional(EventSelection),
  /** Ten minutes unless told. */
  lateBy: Schema.optional(Schema.DurationFromSelf),
  /** Reaches AWS twice, the second time in an envelope with another id. */
  doubled: Schema.optional(EventSelection)
}).annotations({ identifier: "PlatformFaults" })

/** See {@link PlatformFaults}. */
export interface PlatformFaults extends Schema.Schema.Type<typeof PlatformFaults> {}

/** What goes wrong with conversation records and with the jobs for them. */
export const RecordFaults = Schema.Struct({
  /**
   * Which share of the records is not right yet until the nightly run goes over them, two to three days after the conversation: flow
   * outcomes, wrap-ups and sessions of agents who did not answer are missing.
   */
  preliminary: Schema.optional(Rate),
  /** So many of the next jobs end in FAILED. */
  failedJobs: Schema.optional(Schema.NonNegativeInt),
  /** So many of the next jobs are EXPIRED once a page of their results was read. */
  expiredJobs: Schema.optional(Schema.NonNegativeInt)
}).annotations({ identifier: "RecordFaults" })

/** See {@link RecordFaults}. */
export interface RecordFaults extends Schema.Schema.Type<typeof RecordFaults> {}

const target = {
  /** Only requests with this method. */
  method: Schema.optional(Schema.Literal("GET", "POST", "DELETE")),
  /**
   * Only requests to this path, or with `*` at the end those below it; to AWS, the operation: `AWSEvents.StartReplay`,
   * `AmazonSQS.*`. Unless told, every request under `/api/` and every one to AWS.
   */
  path: Schema.optional(Schema.String),
  /** How many requests it is applied to; without end unless told. */
  times: Schema.optional(Schema.NonNegativeInt),
  /** How many matching requests are left alone first. */
  skip: Schema.optional(Schema.NonNegativeInt),
  /** The chance that it is applied to a matching request; 1 unless told. */
  rate: Schema.optional(Rate)
}

/**
 * What goes wrong with a request.
 *
 * - `rateLimited`: 429 with `Retry-After: retryAfter` (seconds, 1 unless told), whatever the real count;
 * - `serverError`: `status` (503 unless told); with `processed: true` the request was carried out nevertheless;
 * - `forbidden`: 403;
 * - `slow`: the answer takes `delay` longer; goes together with another fault;
 * - `cutBefore`: the connection is reset, the request was not looked at;
 * - `cutAfter`: the connection is reset, the request was carried out;
 * - `malformedBody`: the request is carried out, half of the answer's body is missing;
 * - `expiredTokens`: every token that was given out is no longer valid.
 *
 * AWS has its own words for them: `rateLimited` is its `ThrottlingException` (SQS: `RequestThrottled`), `serverError` its
 * `InternalException` (500) or `ServiceUnavailable`, `forbidden` its `AccessDeniedException`, `expiredTokens` its
 * `ExpiredTokenException`, which is of the one request only.
 */
export const RequestFault = Schema.Union(
  Schema.Struct({ kind: Schema.Literal("rateLimited"), retryAfter: Schema.optional(Schema.NonNegativeInt), ...target }),
  Schema.Struct({
    kind: Schema.Literal("serverError"),
    status: Schema.optional(Schema.Literal(500, 502, 503, 504)),
    processed: Schema.optional(Schema.Boolean),
    ...target
  }),
  Schema.Struct({ kind: Schema.Literal("forbidden"), ...target }),
  Schema.Struct({ kind: Schema.Literal("slow"), delay: Schema.DurationFromSelf, ...target }),
  Schema.Struct({ kind: Schema.Literal("cutBefore", "cutAfter", "malformedBody", "expiredTokens"), ...target })
).annotations({ identifier: "RequestFault" })

/** See {@link RequestFault}. */
export type RequestFault = typeof RequestFault.Type

/** All faults. */
export const Faults = Schema.Struct({
  deliveries: Schema.optional(DeliveryFaults),
  platform: Schema.optional(PlatformFaults),
  records: Schema.optional(RecordFaults),
  requests: Schema.optional(Schema.Array(RequestFault))
}).annotations({ identifier: "Faults" })

/** See {@link Faults}. */
export interface Faults extends Schema.Schema.Type<typeof Faults> {}

/** Nothing goes wrong. */
export const none: Faults = {}

const reaches = (pattern: string | undefined, path: string): boolean => {
  if (pattern === undefined) return path.startsWith("/api/") || !path.startsWith("/")
  return pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern
}

/** Whether a fault is meant for requests of this method to this path. */
export const applies = (fault: RequestFault, method: string, path: string): boolean =>
  (fault.method === undefined || fault.method === method) && reaches(fault.path, path)
