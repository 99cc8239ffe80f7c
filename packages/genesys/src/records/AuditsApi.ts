/**
 * The HTTP contract of Genesys Cloud's audit records: a query is begun, watched and read page by page. Declared once: the client is
 * derived from it, the sandbox serves it.
 *
 * Source: the public API, `/api/v2/audits/query`. Permission `audits:audit:view`.
 */
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { BadRequest, Forbidden, NotFound, TooManyRequests, Unauthorized } from "../http/ErrorBody.js"
import { AnalyticsInterval } from "./AnalyticsInterval.js"

/** The longest interval of a query in days: a longer one is refused with 400. */
export const auditIntervalDaysMax = 7
/** How many records a page is asked for. */
export const auditPageSizeMax = 500

/** What is asked: the audits of the interval, of one service or of all. */
export const AuditQuery = Schema.Struct({
  interval: AnalyticsInterval,
  serviceName: Schema.optional(Schema.String)
}).annotations({ identifier: "AuditQuery" })

/** See {@link AuditQuery}. */
export interface AuditQuery extends Schema.Schema.Type<typeof AuditQuery> {}

/** The states of a query that the API documents; the first two are those of one that is not done yet. */
export const auditQueryStates = ["Queued", "Running", "Succeeded", "Failed", "Cancelled"] as const

/** A query and how far it is. `state` is one of {@link auditQueryStates}; another word is read too. */
export const AuditQueryStatus = Schema.Struct({
  id: Schema.String,
  state: Schema.String
}).annotations({ identifier: "AuditQueryStatus" })

/** See {@link AuditQueryStatus}. */
export interface AuditQueryStatus extends Schema.Schema.Type<typeof AuditQueryStatus> {}

/** A page of a query's records, each as it came. Without a `cursor` it is the last one. */
export const AuditQueryResults = Schema.Struct({
  id: Schema.optional(Schema.String),
  pageSize: Schema.optional(Schema.Number),
  cursor: Schema.optional(Schema.NullOr(Schema.String)),
  entities: Schema.optionalWith(Schema.Array(Schema.Unknown), { default: () => [] })
}).annotations({ identifier: "AuditQueryResults" })

/** See {@link AuditQueryResults}. */
export interface AuditQueryResults extends Schema.Schema.Type<typeof AuditQueryResults> {}

const queryId = HttpApiSchema.param("id", Schema.String)

/** `/api/v2/audits/query`. */
export const audits = HttpApiGroup.make("audits")
  .add(
    HttpApiEndpoint.post("query", "/api/v2/audits/query")
      .setPayload(AuditQuery)
      .addSuccess(AuditQueryStatus, { status: 202 })
      .addSuccess(AuditQueryStatus, { status: 200 })
      .addError(BadRequest)
      .annotate(OpenApi.Summary, "Begin a query for the audits of an interval")
  )
  .add(
    HttpApiEndpoint.get("status")`/api/v2/audits/query/${queryId}`
      .addSuccess(AuditQueryStatus, { status: 200 })
      .addSuccess(AuditQueryStatus, { status: 202 })
      .addError(NotFound)
      .annotate(OpenApi.Summary, "How far a query is")
  )
  .add(
    HttpApiEndpoint.get("results")`/api/v2/audits/query/${queryId}/results`
      .setUrlParams(
        Schema.Struct({
          cursor: Schema.optional(Schema.String),
          pageSize: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, auditPageSizeMax)))
        })
      )
      .addSuccess(AuditQueryResults)
      .addError(BadRequest)
      .addError(NotFound)
      .annotate(OpenApi.Summary, "A page of what a query found")
  )
  .addError(Unauthorized)
  .addError(Forbidden)
  .addError(TooManyRequests)

/** The whole contract. `OpenApi.fromApi(AuditsApi)` is its OpenAPI document. */
export class AuditsApi extends HttpApi.make("GenesysCloudAudits")
  .add(audits)
  .annotate(OpenApi.Title, "Genesys Cloud audits") {}
