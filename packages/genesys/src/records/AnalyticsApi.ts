/**
 * The HTTP contract of Genesys Cloud's conversation detail records: the query for what is young, the job for what has reached the
 * data lake. Declared once: the client is derived from it, the sandbox serves it.
 *
 * Source: the public API, `/api/v2/analytics/conversations/details`. Permission `analytics:conversationDetail:view`.
 */
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Instant } from "@genesys-replay/domain"
import { Schema } from "effect"
import { BadRequest, Forbidden, NotFound, TooManyRequests, Unauthorized } from "../http/ErrorBody.js"
import { AnalyticsInterval } from "./AnalyticsInterval.js"

/** The most conversations that a page of the query may have. */
export const queryPageSizeMax = 100
/** The most conversations that one query gives, over all its pages: a page beyond is refused with 400. */
export const queryHitsMax = 100_000
/** The longest interval of a query in days: a longer one is refused with 400. */
export const queryIntervalDaysMax = 7
/** How many conversations a page of a job's results is asked for. */
export const resultsPageSizeMax = 1_000

/** The records as they came: `ConversationRecord` of the domain reads one. Absent in an empty answer. */
const Conversations = Schema.optionalWith(Schema.Array(Schema.Unknown), { default: () => [] })

/** What a query is asked: conversations that started on a day (UTC) that the interval touches. */
export const ConversationQuery = Schema.Struct({
  interval: AnalyticsInterval,
  order: Schema.optional(Schema.Literal("asc", "desc")),
  orderBy: Schema.optional(Schema.Literal("conversationStart", "conversationEnd", "segmentStart", "segmentEnd")),
  paging: Schema.optional(
    Schema.Struct({
      pageSize: Schema.Number.pipe(Schema.int(), Schema.between(1, queryPageSizeMax)),
      /** From 1. */
      pageNumber: Schema.Number.pipe(Schema.int(), Schema.positive())
    })
  )
}).annotations({ identifier: "ConversationQuery" })

/** See {@link ConversationQuery}. */
export interface ConversationQuery extends Schema.Schema.Type<typeof ConversationQuery> {}

/** A page of a query. `totalHits` counts all pages. */
export const ConversationQueryPage = Schema.Struct({
  conversations: Conversations,
  totalHits: Schema.optional(Schema.Number)
}).annotations({ identifier: "ConversationQueryPage" })

/** See {@link ConversationQueryPage}. */
export interface ConversationQueryPage extends Schema.Schema.Type<typeof ConversationQueryPage> {}

/** What a job is asked: conversations with activity during the interval. */
export const ConversationJobQuery = Schema.Struct({
  interval: AnalyticsInterval,
  order: Schema.optional(Schema.Literal("asc", "desc")),
  orderBy: Schema.optional(Schema.Literal("conversationStart", "conversationEnd", "segmentStart", "segmentEnd"))
}).annotations({ identifier: "ConversationJobQuery" })

/** See {@link ConversationJobQuery}. */
export interface ConversationJobQuery extends Schema.Schema.Type<typeof ConversationJobQuery> {}

/** A job that was accepted. */
export const ConversationJobAccepted = Schema.Struct({ jobId: Schema.String }).annotations({
  identifier: "ConversationJobAccepted"
})

/** The states of a job that the API documents; the first two are those of one that is not done yet. */
export const jobStates = ["QUEUED", "PENDING", "FAILED", "CANCELLED", "FULFILLED", "EXPIRED"] as const

/** How far a job is. `state` is one of {@link jobStates}; another word is read too. */
export const ConversationJobStatus = Schema.Struct({
  state: Schema.String,
  errorMessage: Schema.optional(Schema.String),
  submissionDate: Schema.optional(Schema.String),
  completionDate: Schema.optional(Schema.String),
  expirationDate: Schema.optional(Schema.String)
}).annotations({ identifier: "ConversationJobStatus" })

/** See {@link ConversationJobStatus}. */
export interface ConversationJobStatus extends Schema.Schema.Type<typeof ConversationJobStatus> {}

/** A page of a job's results. Without a `cursor` it is the last one. */
export const ConversationJobResults = Schema.Struct({
  conversations: Conversations,
  cursor: Schema.optional(Schema.NullOr(Schema.String)),
  dataAvailabilityDate: Schema.optional(Instant.Instant)
}).annotations({ identifier: "ConversationJobResults" })

/** See {@link ConversationJobResults}. */
export interface ConversationJobResults extends Schema.Schema.Type<typeof ConversationJobResults> {}

/** Up to when the data lake is complete; absent where it has nothing yet. */
export const DataAvailability = Schema.Struct({
  dataAvailabilityDate: Schema.optional(Instant.Instant)
}).annotations({ identifier: "DataAvailability" })

/** See {@link DataAvailability}. */
export interface DataAvailability extends Schema.Schema.Type<typeof DataAvailability> {}

const jobId = HttpApiSchema.param("id", Schema.String)

/** `/api/v2/analytics/conversations/details`. */
export const conversationDetails = HttpApiGroup.make("conversationDetails")
  .add(
    HttpApiEndpoint.post("query", "/api/v2/analytics/conversations/details/query")
      .setPayload(ConversationQuery)
      .addSuccess(ConversationQueryPage)
      .addError(BadRequest)
      .annotate(OpenApi.Summary, "A page of the conversations that started on a day of the interval")
  )
  .add(
    HttpApiEndpoint.post("submitJob", "/api/v2/analytics/conversations/details/jobs")
      .setPayload(ConversationJobQuery)
      .addSuccess(ConversationJobAccepted, { status: 202 })
      .addSuccess(ConversationJobAccepted, { status: 200 })
      .addError(BadRequest)
      .annotate(OpenApi.Summary, "Begin a job for the conversations with activity during the interval")
  )
  .add(
    HttpApiEndpoint.get("availability", "/api/v2/analytics/conversations/details/jobs/availability")
      .addSuccess(DataAvailability)
      .annotate(OpenApi.Summary, "Up to when jobs have all conversations")
  )
  .add(
    HttpApiEndpoint.get("job")`/api/v2/analytics/conversations/details/jobs/${jobId}`
      .addSuccess(ConversationJobStatus, { status: 200 })
      .addSuccess(ConversationJobStatus, { status: 202 })
      .addError(NotFound)
      .annotate(OpenApi.Summary, "How far a job is")
  )
  .add(
    HttpApiEndpoint.get("results")`/api/v2/analytics/conversations/details/jobs/${jobId}/results`
      .setUrlParams(
        Schema.Struct({
          cursor: Schema.optional(Schema.String),
          pageSize: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, resultsPageSizeMax)))
        })
      )
      .addSuccess(ConversationJobResults)
      .addError(BadRequest)
      .addError(NotFound)
      .annotate(OpenApi.Summary, "A page of what a job found")
  )
  .add(
    HttpApiEndpoint.del("removeJob")`/api/v2/analytics/conversations/details/jobs/${jobId}`
      .addSuccess(HttpApiSchema.NoContent)
      .addError(NotFound)
      .annotate(OpenApi.Summary, "Delete a job and its results")
  )
  .addError(Unauthorized)
  .addError(Forbidden)
  .addError(TooManyRequests)

/** The whole contract. `OpenApi.fromApi(AnalyticsApi)` is its OpenAPI document. */
export class AnalyticsApi extends HttpApi.make("GenesysCloudAnalytics")
  .add(conversationDetails)
  .annotate(OpenApi.Title, "Genesys Cloud conversation details") {}
