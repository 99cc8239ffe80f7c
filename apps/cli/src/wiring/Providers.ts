/** The layers that a command needs, wired for the provider that it names. */
import type { FileSystem } from "@effect/platform"
import { Instant, type OutboundProxy, type ProviderName, ReplayProvider, RetryPolicy } from "@genesys-replay/domain"
import type { AwsMisconfigured } from "@genesys-replay/eventbridge/EventBridgeConfig"
import type { ConfigurationInvalid } from "@genesys-replay/genesys/GenesysConfig"
import { DateTime, Duration, Effect, Layer, Option, Ref, Stream } from "effect"
import { UsageError } from "../terminal/UsageError.js"
import * as Http from "./Http.js"
import * as PlatformRecords from "./PlatformRecords.js"

/** What may be said of the provider beside its name. */
export interface Settings {
  /** The longest wait for a limit of the provider; no limit where there is none. */
  readonly maxWait: Option.Option<Duration.Duration>
}

const retryOf = ({ maxWait }: Settings): RetryPolicy.RetryPolicy => ({
  ...RetryPolicy.defaults,
  maxWait: Option.getOrUndefined(maxWait)
})

const genesys = (settings: Settings) =>
  Layer.unwrapEffect(
    Effect.map(
      Effect.promise(() => import("@genesys-replay/genesys/Genesys")),
      ({ layerTuned }) =>
        PlatformRecords.layerShared.pipe(
          Layer.provideMerge(layerTuned({ retry: retryOf(settings) })),
          Layer.provide(Http.layer)
        )
    )
  )

const eventbridge = (settings: Settings) =>
  Layer.unwrapEffect(
    Effect.map(
      Effect.promise(() => import("@genesys-replay/eventbridge/EventBridge")),
      ({ layerTuned }) =>
        Layer.merge(layerTuned({ retry: retryOf(settings) }), PlatformRecords.layerOwn(retryOf(settings)))
    )
  )

type ProviderLayer = Layer.Layer<
  ReplayProvider.ReplayProvider,
  AwsMisconfigured | ConfigurationInvalid | OutboundProxy.ProxyMisconfigured | UsageError,
  FileSystem.FileSystem
>

const layers: Readonly<Record<string, (settings: Settings) => ProviderLayer>> = { genesys, eventbridge }

/**
 * The provider of this name, as the environment configures it, and the platform's records for windows that are proven by them. Loads only what
 * that provider needs, and what concerns records where a window asks for them. A name that stands in a plan may be
 * one of somebody else's provider, whose own program replays it: `UsageError`.
 */
export const layer = (name: ProviderName.ProviderName, settings: Settings): ProviderLayer => {
  const found = Object.hasOwn(layers, name) ? layers[name] : undefined
  const known = Object.keys(layers)
  return found === undefined
    ? Layer.fail(
        new UsageError({
          problem: `there is no provider ${JSON.stringify(name)} here: known are ${known.join(" and ")}`,
          remedy: known.map((one) => `--provider ${one}`).join(", or ")
        })
      )
    : found(settings)
}

const follow = Effect.gen(function* () {
  const { pace } = yield* ReplayProvider.ReplayProvider
  if (pace === undefined) return
  const told = yield* Ref.make(0)
  const tell = (until: DateTime.Utc) =>
    Effect.gen(function* () {
      const at = DateTime.toEpochMillis(until)
      const wait = DateTime.distanceDuration(yield* DateTime.now, until)
      if (Duration.lessThan(wait, RetryPolicy.noteworthy) || at <= (yield* Ref.getAndSet(told, at))) return
      yield* Effect.logInfo(
        `waiting for the rate limit until ${Instant.timeOfDay(until)}, ${Duration.format(Duration.seconds(Math.ceil(Duration.toSeconds(wait))))}; --max-wait 1m gives up sooner`
      )
    })
  yield* Effect.forkScoped(
    Stream.runForEach(pace.changes, ({ resumesAt }) =>
      Option.match(resumesAt, { onNone: () => Effect.void, onSome: tell })
    )
  )
})

/** {@link layer} for commands that show no progress of their own: a wait for the provider's limit is logged. */
export const layerTelling = (name: ProviderName.ProviderName, settings: Settings) =>
  Layer.scopedDiscard(follow).pipe(Layer.provideMerge(layer(name, settings)))
