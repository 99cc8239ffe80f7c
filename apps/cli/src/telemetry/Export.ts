/** Sends traces, metrics and logs to where the environment says, as OTLP over HTTP; never at the cost of the command. */
import * as OtlpLogger from "@effect/opentelemetry/OtlpLogger"
import * as OtlpMetrics from "@effect/opentelemetry/OtlpMetrics"
import * as OtlpSerialization from "@effect/opentelemetry/OtlpSerialization"
import * as OtlpTracer from "@effect/opentelemetry/OtlpTracer"
import type { OutboundProxy } from "@genesys-replay/domain"
import { ConfigProvider, Effect, Layer, Logger, Redacted } from "effect"
import * as Http from "../wiring/Http.js"
import * as CarefulClient from "./CarefulClient.js"
import * as StepTracer from "./StepTracer.js"
import type { TelemetrySettings } from "./TelemetrySettings.js"

// The settings have read the environment; the library would read it again, and name the service twice.
const nothing = ConfigProvider.fromMap(new Map())

/**
 * Exports while the command runs (traces and logs every five seconds, metrics every ten), and what is left when it ends, however
 * that is. An endpoint that does not answer holds the end up by three seconds, and is warned of once.
 */
export const layer = ({
  encoding,
  endpoint,
  headers,
  resource
}: TelemetrySettings): Layer.Layer<never, OutboundProxy.ProxyMisconfigured> => {
  const to = (path: string, exportInterval: "5 seconds" | "10 seconds") => ({
    url: `${endpoint}${path}`,
    headers: Redacted.value(headers),
    resource,
    exportInterval,
    shutdownTimeout: "2 seconds" as const
  })
  return Layer.unwrapScoped(
    Effect.gen(function* () {
      const tracer = yield* OtlpTracer.make(to("/v1/traces", "5 seconds"))
      const logger = yield* OtlpLogger.make(to("/v1/logs", "5 seconds"))
      yield* OtlpMetrics.make(to("/v1/metrics", "10 seconds"))
      return Layer.merge(Layer.setTracer(StepTracer.make(tracer)), Logger.add(logger))
    }).pipe(Effect.withConfigProvider(nothing))
  ).pipe(
    Layer.provide(encoding === "json" ? OtlpSerialization.layerJson : OtlpSerialization.layerProtobuf),
    // An exporter tries a request three times more.
    Layer.provide(CarefulClient.layer({ endpoint, timeout: "10 seconds", grace: "1 second", attempts: 4 })),
    Layer.provide(Http.layer)
  )
}
