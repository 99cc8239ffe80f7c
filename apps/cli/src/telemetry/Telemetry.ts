/** Telemetry, where the environment asks for it: OTEL_EXPORTER_OTLP_ENDPOINT. */
import type { OutboundProxy } from "@genesys-replay/domain"
import { Config, Effect, Layer, Option } from "effect"
import type { TelemetryMisconfigured } from "./TelemetrySettings.js"

const set = (name: string) =>
  Effect.map(Effect.option(Config.string(name)), (text) =>
    Option.filter(
      Option.map(text, (value) => value.trim()),
      (value) => value !== ""
    )
  )

/** The endpoint. None where there is none, or where OTEL_SDK_DISABLED says that nothing is sent. */
const endpoint = Effect.gen(function* () {
  const isDisabled = Option.exists(yield* set("OTEL_SDK_DISABLED"), (text) => text.toLowerCase() === "true")
  return isDisabled ? Option.none<string>() : yield* set("OTEL_EXPORTER_OTLP_ENDPOINT")
})

const exporting = (url: string) =>
  Effect.gen(function* () {
    const settings = yield* Effect.promise(() => import("./TelemetrySettings.js"))
    const { layer } = yield* Effect.promise(() => import("./Export.js"))
    return layer(yield* settings.make(url))
  })

/**
 * Traces, metrics and logs of what it is provided to go to the endpoint; at the end all that is left. Nothing is loaded where there
 * is no endpoint. Fails with `TelemetryMisconfigured`, before anything is sent, where a variable cannot be used.
 */
export const layer: Layer.Layer<never, OutboundProxy.ProxyMisconfigured | TelemetryMisconfigured> = Layer.unwrapEffect(
  Effect.flatMap(endpoint, Option.match({ onNone: () => Effect.succeed(Layer.empty), onSome: exporting }))
)
