/** What can go wrong when the platform is asked for its own records, beside what any call can fail with. */
import { Instant, ProviderError } from "@genesys-replay/domain"
import { Effect, Schema } from "effect"
import * as PlatformClient from "../client/PlatformClient.js"
import * as PlatformAnswer from "../http/PlatformAnswer.js"
import * as RateLimit from "../rate/RateLimit.js"

/** A query that the platform works on by itself failed, was cancelled or expired, each time it was begun. */
export class RecordsQueryFailed extends Schema.TaggedError<RecordsQueryFailed>()("RecordsQueryFailed", {
  /** What was asked: `POST /api/v2/analytics/conversations/details/jobs`. */
  operation: Schema.String,
  /** The id of the last one. */
  id: Schema.String,
  /** What came of the last one: `FAILED`, `EXPIRED`, `gone`. */
  state: Schema.String,
  /** The platform's own words; empty where it had none. */
  reason: Schema.String,
  /** How often it was begun. */
  attempts: Schema.Number
}) {
  /** What to do about it. */
  get remedy(): string {
    return "Ask again later, or for a shorter window"
  }
  override get message(): string {
    const reason = this.reason === "" ? "" : ` (${this.reason})`
    const times = this.attempts === 1 ? "once" : `${this.attempts} times`
    return `${this.operation}: the query was begun ${times} and did not succeed: ${this.id} is ${this.state}${reason}. ${this.remedy}`
  }
}

/** A query that the platform works on by itself was not done in time. */
export class RecordsQueryTimedOut extends Schema.TaggedError<RecordsQueryTimedOut>()("RecordsQueryTimedOut", {
  operation: Schema.String,
  /** How long it was waited for, in seconds. */
  waitedSeconds: Schema.Number
}) {
  /** What to do about it. */
  get remedy(): string {
    return "Ask again later, or for a shorter window; the wait can be made longer"
  }
  override get message(): string {
    return `${this.operation}: the query was not done within ${this.waitedSeconds} s. ${this.remedy}`
  }
}

/** 404: this region, or what answers in its place, does not have the API. */
export class RecordsApiAbsent extends Schema.TaggedError<RecordsApiAbsent>()("RecordsApiAbsent", {
  operation: Schema.String,
  correlationId: Schema.optional(Schema.String)
}) {
  /** What to do about it. */
  get remedy(): string {
    return "Check that GENESYS_ENV_URL is the platform API of the organization's region; records that were saved elsewhere can be read from files"
  }
  override get message(): string {
    return `${this.operation}: there is no such API (404). ${this.remedy}`
  }
}

/** A day has more conversations than the query gives, and the data lake does not have it yet. */
export class TooManyConversations extends Schema.TaggedError<TooManyConversations>()("TooManyConversations", {
  /** The day, in UTC: `2024-01-15`. */
  day: Schema.String,
  /** How many conversations it has; null where the platform did not say. */
  count: Schema.NullOr(Schema.Number),
  /** How many of one day the query can give. */
  most: Schema.Number
}) {
  /** What to do about it. */
  get remedy(): string {
    return "Ask again when the data availability has passed that day: a job has no such limit"
  }
  override get message(): string {
    const count = this.count === null ? "more" : `${this.count}`
    return `${this.day} has ${count} conversations, and the query gives at most ${this.most} of one day. ${this.remedy}`
  }
}

/** The window has not ended: nobody knows yet what must come of it. */
export class WindowNotOver extends Schema.TaggedError<WindowNotOver>()("WindowNotOver", {
  end: Instant.Instant,
  now: Instant.Instant
}) {
  /** What to do about it. */
  get remedy(): string {
    return "Choose an end that has passed"
  }
  override get message(): string {
    return `the window ends at ${Instant.format(this.end)}, and it is ${Instant.format(this.now)} now. ${this.remedy}`
  }
}

/** The data lake does not reach past the end of the window yet, and nothing less was asked for. */
export class RecordsNotAvailable extends Schema.TaggedError<RecordsNotAvailable>()("RecordsNotAvailable", {
  end: Instant.Instant,
  /** Up to when the data lake is complete; null where the platform does not say. */
  dataAvailableUntil: Schema.NullOr(Instant.Instant)
}) {
  /** What to do about it. */
  get remedy(): string {
    return "Wait until it does, or take the provisional answer of the query"
  }
  override get message(): string {
    const until =
      this.dataAvailableUntil === null ? "none of them yet" : `those until ${Instant.format(this.dataAvailableUntil)}`
    return `the platform's records of a window that ends at ${Instant.format(this.end)} are not complete: it has ${until}. ${this.remedy}`
  }
}

/** What asking for records can fail with. */
export type RecordsError =
  | ProviderError.ProviderError
  | RecordsQueryFailed
  | RecordsQueryTimedOut
  | RecordsApiAbsent
  | TooManyConversations
  | WindowNotOver
  | RecordsNotAvailable

/**
 * The errors of a call to an API that needs `permission`, which a 403 then names; what a 404 means is for the caller to say, as with
 * {@link absent}.
 */
export const ofCall =
  <Absence>(permission: string, notFound: (error: PlatformAnswer.NoSuchEntity) => Absence) =>
  <A, R>(
    call: Effect.Effect<A, PlatformAnswer.PlatformError, R>
  ): Effect.Effect<A, ProviderError.ProviderError | Absence, R> =>
    Effect.mapError(call, (error) => {
      switch (error._tag) {
        case "NotPermitted": {
          const remedy = `Give the OAuth client a role that has the permission ${permission}`
          return new ProviderError.NotPermitted({ ...error, remedy })
        }
        case "NoSuchEntity":
          return notFound(error)
        case "NameTaken":
          return PlatformAnswer.undocumented(error)
        default:
          return error
      }
    })

/** A 404 that means that there is no such API. */
export const absent = ({ correlationId, operation }: PlatformAnswer.NoSuchEntity): RecordsApiAbsent =>
  new RecordsApiAbsent({ operation, ...PlatformAnswer.cited(correlationId) })

/** Marks a call for records: submissions of replays go before it, and as it changes nothing it may be asked twice. */
export const asRead = <A, E, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  RateLimit.background(PlatformClient.readOnly(call))
