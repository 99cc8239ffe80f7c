/** The calls of the analytics API: as reads that give way to submissions, with errors that name the permission. */
import { HttpApiClient } from "@effect/platform"
import type { ProviderError } from "@genesys-replay/domain"
import { Effect, Option } from "effect"
import * as PlatformClient from "../client/PlatformClient.js"
import { AnalyticsApi, type ConversationQuery, resultsPageSizeMax } from "./AnalyticsApi.js"
import type { AnalyticsInterval } from "./AnalyticsInterval.js"
import * as AsyncQuery from "./AsyncQuery.js"
import * as RecordsError from "./RecordsError.js"

/** What the OAuth client needs. */
export const permission = "analytics:conversationDetail:view"

/** What every call can fail with. */
export type CallError = ProviderError.ProviderError | RecordsError.RecordsApiAbsent

const details = "/api/v2/analytics/conversations/details"
const jobs = `${details}/jobs`

/** Over the platform's client. */
export const make = Effect.gen(function* () {
  const httpClient = yield* PlatformClient.PlatformClient
  const { conversationDetails } = yield* HttpApiClient.makeWith(AnalyticsApi, { httpClient })
  const translated = RecordsError.ofCall(permission, RecordsError.absent)

  /** Up to when jobs have all conversations; none where the platform does not say. */
  const availability = conversationDetails.availability().pipe(
    PlatformClient.readable(`GET ${jobs}/availability`),
    RecordsError.asRead,
    translated,
    Effect.map(({ dataAvailabilityDate }) => Option.fromNullable(dataAvailabilityDate))
  )

  /** A page of a query. */
  const query = (payload: ConversationQuery) =>
    conversationDetails
      .query({ payload })
      .pipe(PlatformClient.readable(`POST ${details}/query`), RecordsError.asRead, translated)

  /** The calls of a job for what had activity during the interval. */
  const job = (interval: AnalyticsInterval): AsyncQuery.Calls<unknown, CallError> => {
    const known = (id: string) => RecordsError.ofCall(permission, () => new AsyncQuery.Gone({ id }))
    const path = (id: string) => ({ id: encodeURIComponent(id) })
    return {
      operation: `POST ${jobs}`,
      submit: conversationDetails.submitJob({ payload: { interval } }).pipe(
        PlatformClient.readable(`POST ${jobs}`),
        RecordsError.asRead,
        translated,
        Effect.map(({ jobId }) => jobId)
      ),
      status: (id) =>
        conversationDetails.job({ path: path(id) }).pipe(
          PlatformClient.readable(`GET ${jobs}/${id}`),
          RecordsError.asRead,
          known(id),
          Effect.map(({ errorMessage, state }) => ({ state, reason: errorMessage ?? "" }))
        ),
      page: (id, cursor) =>
        conversationDetails
          .results({
            path: path(id),
            urlParams: { pageSize: resultsPageSizeMax, ...(cursor === undefined ? {} : { cursor }) }
          })
          .pipe(
            PlatformClient.readable(`GET ${jobs}/${id}/results`),
            RecordsError.asRead,
            known(id),
            Effect.map(({ conversations, cursor: next }) => ({ items: conversations, cursor: next }))
          ),
      remove: (id) =>
        conversationDetails
          .removeJob({ path: path(id) })
          .pipe(PlatformClient.readable(`DELETE ${jobs}/${id}`), RecordsError.asRead, known(id))
    }
  }

  return { availability, query, job }
})

/** See {@link make}. */
export type AnalyticsCalls = Effect.Effect.Success<typeof make>
