/** `/api/v2/analytics/conversations/details`: queries and jobs for conversation records. */
import { HttpApiBuilder, HttpServerResponse } from "@effect/platform"
import {
  queryHitsMax,
  queryIntervalDaysMax,
  queryPageSizeMax,
  resultsPageSizeMax
} from "@genesys-replay/genesys/AnalyticsApi"
import { Effect } from "effect"
import * as Answer from "../../server/Answer.js"
import { SandboxApi } from "../SandboxApi.js"
import { ConversationJobs, type JobUnknown, type ResultsUnavailable } from "./ConversationJobs.js"
import { ConversationRecords } from "./ConversationRecords.js"
import { isLonger, spanOf } from "./QueryInterval.js"

const ok = (body: unknown, status = 200) => HttpServerResponse.unsafeJson(body, { status })

const iso = (millis: number): string => new Date(millis).toISOString()

const unknown = ({ message }: JobUnknown) => Answer.refuse({ status: 404, code: "not.found", message })

const unavailable = ({ message }: ResultsUnavailable) => Answer.refuse({ status: 400, code: "bad.request", message })

const refused = (field: string, message: string) => Answer.invalid([{ path: field.split("."), message }])

/** The handlers. */
export const AnalyticsHandlers = HttpApiBuilder.group(SandboxApi, "conversationDetails", (handlers) =>
  Effect.gen(function* () {
    const records = yield* ConversationRecords
    const jobs = yield* ConversationJobs

    return handlers
      .handle(
        "query",
        Effect.fn("AnalyticsHandlers.query")(function* ({ payload }) {
          const { interval, order = "asc", paging = { pageNumber: 1, pageSize: 25 } } = payload
          if (isLonger(interval, queryIntervalDaysMax)) {
            return yield* refused("interval", `an interval may have ${queryIntervalDaysMax} days at most`)
          }
          const { pageNumber, pageSize } = paging
          if (pageSize > queryPageSizeMax || pageNumber * pageSize > queryHitsMax) {
            return yield* refused("paging", `a query gives ${queryHitsMax} results at most, ${queryPageSizeMax} a page`)
          }
          const { conversations, record } = yield* records.queried(spanOf(interval))
          const ordered = order === "asc" ? conversations : conversations.toReversed()
          const page = ordered.slice((pageNumber - 1) * pageSize, pageNumber * pageSize).map(record)
          // As the platform does: what is empty is not there.
          return ok({
            ...(page.length === 0 ? {} : { conversations: page }),
            totalHits: conversations.length
          })
        })
      )
      .handle("submitJob", ({ payload }) =>
        Effect.map(jobs.submit(spanOf(payload.interval)), (jobId) => ok({ jobId }, 202))
      )
      .handle("availability", () =>
        Effect.map(records.availableUntil, (until) => ok({ dataAvailabilityDate: iso(until) }))
      )
      .handle("job", ({ path }) =>
        jobs.status(path.id).pipe(
          Effect.map(({ expiresAt, state, submittedAt }) =>
            ok(
              {
                state,
                submissionDate: iso(submittedAt),
                expirationDate: iso(expiresAt),
                ...(state === "FAILED" ? { errorMessage: "The job could not be completed" } : {})
              },
              state === "QUEUED" || state === "PENDING" ? 202 : 200
            )
          ),
          Effect.catchTag("JobUnknown", unknown)
        )
      )
      .handle("results", ({ path, urlParams }) =>
        jobs.results(path.id, { cursor: urlParams.cursor, pageSize: urlParams.pageSize ?? resultsPageSizeMax }).pipe(
          Effect.map(({ availableUntil, cursor, items }) =>
            ok({
              conversations: items,
              ...(cursor === undefined ? {} : { cursor }),
              dataAvailabilityDate: iso(availableUntil)
            })
          ),
          Effect.catchTags({ JobUnknown: unknown, ResultsUnavailable: unavailable })
        )
      )
      .handle("removeJob", ({ path }) =>
        jobs
          .remove(path.id)
          .pipe(Effect.as(HttpServerResponse.empty({ status: 204 })), Effect.catchTag("JobUnknown", unknown))
      )
  })
)
