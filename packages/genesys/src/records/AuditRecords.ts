/**
 * The platform's own records of what was changed in an organization: each is one event of `v2.audits.entitytype.{id}.entityid.{id}`.
 *
 * Source: `/api/v2/audits/query`; see `AuditsApi`.
 */
import { HttpApiClient } from "@effect/platform"
import type { ProviderError } from "@genesys-replay/domain"
import { Context, DateTime, Duration, Effect, Layer, Stream } from "effect"
import * as PlatformClient from "../client/PlatformClient.js"
import * as AnalyticsInterval from "./AnalyticsInterval.js"
import * as AsyncQuery from "./AsyncQuery.js"
import { AuditsApi, auditIntervalDaysMax, auditPageSizeMax } from "./AuditsApi.js"
import * as RecordsError from "./RecordsError.js"

/** What the OAuth client needs. */
export const permission = "audits:audit:view"

/** How far the reading is. */
export type Progress =
  /** The platform works on a query; `state` in its words. */
  | { readonly _tag: "QueryWaited"; readonly state: string }
  /** So many records have come so far. */
  | { readonly _tag: "RecordsRead"; readonly audits: number }

/** What is asked for, and how. */
export interface Options {
  readonly start: DateTime.Utc
  readonly end: DateTime.Utc
  /** One service only; all by default. */
  readonly serviceName?: string | undefined
  /** How long queries are waited for, and how often they are begun; an hour, three times, by default. */
  readonly query?: Partial<AsyncQuery.Settings> | undefined
  readonly onProgress?: ((progress: Progress) => Effect.Effect<void>) | undefined
}

/** The records as a service. */
export class AuditRecords extends Context.Tag("@genesys-replay/genesys/AuditRecords")<
  AuditRecords,
  {
    /**
     * The audit records of the window, each once and as it came, seven days a query. Fails with `WindowNotOver` before anything is asked,
     * and with every error of {@link RecordsError.RecordsError}.
     */
    readonly stream: (options: Options) => Stream.Stream<unknown, RecordsError.RecordsError>
  }
>() {
  /** The platform's. */
  static readonly layer: Layer.Layer<AuditRecords, never, PlatformClient.PlatformClient> = Layer.effect(
    AuditRecords,
    Effect.suspend(() => make)
  )
}

const idOf = (record: unknown): string | null =>
  typeof record === "object" && record !== null && "id" in record && typeof record.id === "string" ? record.id : null

const path = "/api/v2/audits/query"

/** The records of the platform, over its client. */
export const make = Effect.gen(function* () {
  const httpClient = yield* PlatformClient.PlatformClient
  const { audits } = yield* HttpApiClient.makeWith(AuditsApi, { httpClient })
  const translated = RecordsError.ofCall(permission, RecordsError.absent)

  const callsOf = (
    interval: AnalyticsInterval.AnalyticsInterval,
    { serviceName }: Options
  ): AsyncQuery.Calls<unknown, ProviderError.ProviderError | RecordsError.RecordsApiAbsent> => {
    const known = (id: string) => RecordsError.ofCall(permission, () => new AsyncQuery.Gone({ id }))
    const segment = (id: string) => ({ id: encodeURIComponent(id) })
    return {
      operation: `POST ${path}`,
      submit: audits.query({ payload: { interval, ...(serviceName === undefined ? {} : { serviceName }) } }).pipe(
        PlatformClient.readable(`POST ${path}`),
        RecordsError.asRead,
        translated,
        Effect.map(({ id }) => id)
      ),
      status: (id) =>
        audits.status({ path: segment(id) }).pipe(
          PlatformClient.readable(`GET ${path}/${id}`),
          RecordsError.asRead,
          known(id),
          Effect.map(({ state }) => ({ state, reason: "" }))
        ),
      page: (id, cursor) =>
        audits
          .results({
            path: segment(id),
            urlParams: { pageSize: auditPageSizeMax, ...(cursor === undefined ? {} : { cursor }) }
          })
          .pipe(
            PlatformClient.readable(`GET ${path}/${id}/results`),
            RecordsError.asRead,
            known(id),
            Effect.map(({ cursor: next, entities }) => ({ items: entities, cursor: next }))
          ),
      // The API has no removal: the platform forgets by itself.
      remove: () => Effect.void
    }
  }

  const ended = ({ end }: Options) =>
    Effect.flatMap(DateTime.now, (now) =>
      DateTime.greaterThan(end, now) ? new RecordsError.WindowNotOver({ end, now }) : Effect.void
    )

  const records = (options: Options): Stream.Stream<unknown, RecordsError.RecordsError> =>
    Stream.suspend(() => {
      const seen = new Set<string>()
      let count = 0
      const tell = (progress: Progress) => options.onProgress?.(progress) ?? Effect.void
      return Stream.fromIterable(AnalyticsInterval.pieces(options, Duration.days(auditIntervalDaysMax))).pipe(
        Stream.flatMap((piece) =>
          AsyncQuery.run(callsOf(piece, options), { ...AsyncQuery.settings, ...options.query }, (state) =>
            tell({ _tag: "QueryWaited", state })
          )
        ),
        Stream.filter((record) => {
          const id = idOf(record)
          if (id !== null && seen.has(id)) return false
          if (id !== null) seen.add(id)
          count++
          return true
        }),
        Stream.chunks,
        Stream.tap(() => Effect.suspend(() => tell({ _tag: "RecordsRead", audits: count }))),
        Stream.flattenChunks
      )
    })

  return AuditRecords.of({
    stream: (options) => Stream.unwrap(Effect.as(ended(options), records(options)))
  })
})
