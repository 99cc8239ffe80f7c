/** Genesys Cloud's own records, as the environment configures the platform. */
import type { FileSystem } from "@effect/platform"
import { type OutboundProxy, PlatformRecords, RecordsError, type RetryPolicy } from "@genesys-replay/domain"
import type { ConfigurationInvalid } from "@genesys-replay/genesys/GenesysConfig"
import type { PlatformClient } from "@genesys-replay/genesys/PlatformClient"
import { Context, Effect, Layer } from "effect"
import * as Http from "./Http.js"

/** The layer of conversation and audit records. Loads them where a command asks for them. */
export const layer = Layer.unwrapEffect(
  Effect.gen(function* () {
    const Genesys = yield* Effect.promise(() => import("@genesys-replay/genesys/Genesys"))
    const { ConversationRecords } = yield* Effect.promise(() => import("@genesys-replay/genesys/ConversationRecords"))
    const { AuditRecords } = yield* Effect.promise(() => import("@genesys-replay/genesys/AuditRecords"))
    return Layer.merge(ConversationRecords.layer, AuditRecords.layer).pipe(
      Layer.provide(Genesys.layer),
      Layer.provide(Http.layer)
    )
  })
)

const records: Layer.Layer<PlatformRecords.PlatformRecords, never, PlatformClient> = Layer.unwrapEffect(
  Effect.map(
    Effect.promise(() => import("@genesys-replay/genesys/ConversationRecords")),
    ({ ConversationRecords }) => ConversationRecords.layerPlatformRecords
  )
)

const notConfigured = (error: ConfigurationInvalid | OutboundProxy.ProxyMisconfigured) =>
  new RecordsError.RecordsNotConfigured({
    reason: error._tag === "ConfigurationInvalid" ? error.problems.join("; ") : error.message,
    remedy:
      error._tag === "ConfigurationInvalid"
        ? "Set GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET_FILE of an OAuth client that may read conversation records, or prove the window by a baseline"
        : "Correct the variable, or unset it"
  })

// Built when a window asks for records, and not before: without such a window nothing of it is needed.
const built = <R>(
  layer: Layer.Layer<PlatformRecords.PlatformRecords, ConfigurationInvalid | OutboundProxy.ProxyMisconfigured, R>
): Layer.Layer<PlatformRecords.PlatformRecords, never, R> =>
  Layer.scoped(
    PlatformRecords.PlatformRecords,
    Effect.gen(function* () {
      const scope = yield* Effect.scope
      const context = yield* Effect.context<R>()
      const service = yield* Effect.cached(
        Layer.buildWithScope(layer, scope).pipe(
          Effect.map(Context.get(PlatformRecords.PlatformRecords)),
          Effect.mapError(notConfigured),
          Effect.provide(context),
          Effect.uninterruptible
        )
      )
      return {
        configured: Effect.asVoid(service),
        availability: Effect.flatMap(service, ({ availability }) => availability),
        retrieve: (window) => Effect.flatMap(service, ({ retrieve }) => retrieve(window))
      }
    })
  )

/** The records by which windows are proven, over the client of the provider: one token and one limit for all. */
export const layerShared: Layer.Layer<PlatformRecords.PlatformRecords, never, PlatformClient> = built(records)

/** The same for a provider that is not Genesys Cloud. */
export const layerOwn = (
  retry: RetryPolicy.RetryPolicy
): Layer.Layer<PlatformRecords.PlatformRecords, never, FileSystem.FileSystem> =>
  built(
    Layer.unwrapEffect(
      Effect.map(
        Effect.promise(() => import("@genesys-replay/genesys/Genesys")),
        ({ layerTuned }) => records.pipe(Layer.provide(layerTuned({ retry })), Layer.provide(Http.layer))
      )
    )
  )
