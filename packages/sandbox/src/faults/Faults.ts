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
export type Selection = typeof Selection.Type

/** Whether a selection takes a delivery; `roll` is a draw from 0 to 1. */
export const selects = (selection: Selection | undefined, index: number, roll: number): boolean =>
  selection !== undefined &&
  (roll < (selection.rate ?? 0) ||
    (selection.indices ?? []).some((wanted) =>
      typeof wanted === "number" ? wanted === index : wanted[0] <= index && index <= wanted[1]
    ))

/** What goes wrong between the platform and the bus. The platform itself believes that everything was delivered. */
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
export type DeliveryFaults = typeof DeliveryFaults.Type

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
  requests: Schema.optional(Schema.Array(RequestFault))
}).annotations({ identifier: "Faults" })

/** See {@link Faults}. */
export type Faults = typeof Faults.Type

/** Nothing goes wrong. */
export const none: Faults = {}

const reaches = (pattern: string | undefined, path: string): boolean => {
  if (pattern === undefined) return path.startsWith("/api/") || !path.startsWith("/")
  return pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern
}

/** Whether a fault is meant for requests of this method to this path. */
export const applies = (fault: RequestFault, method: string, path: string): boolean =>
  (fault.method === undefined || fault.method === method) && reaches(fault.path, path)
