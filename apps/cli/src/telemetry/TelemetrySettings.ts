/** Where traces, metrics and logs go, and as whose: the environment variables of OpenTelemetry. */
import * as PlatformUrl from "@genesys-replay/genesys/PlatformUrl"
import { Array, Config, Effect, Either, Option, Redacted, Schema } from "effect"
import { version } from "../wiring/Version.js"

/** The variables of OpenTelemetry cannot be used. All problems at once; nothing was sent. */
export class TelemetryMisconfigured extends Schema.TaggedError<TelemetryMisconfigured>()("TelemetryMisconfigured", {
  /** One sentence for each problem, beginning with the variable. */
  problems: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return this.problems.join("\n")
  }
}

/** The values. */
export interface TelemetrySettings {
  /** Without a slash at its end; `/v1/traces`, `/v1/metrics` and `/v1/logs` stand below it. */
  readonly endpoint: string
  readonly encoding: "json" | "protobuf"
  /** For every request. They hold credentials, usually. */
  readonly headers: Redacted.Redacted<Record<string, string>>
  readonly resource: {
    readonly serviceName: string
    readonly serviceVersion: string
    readonly attributes: Record<string, string>
  }
}

/** The service's name where nobody names another. */
export const defaultServiceName = "genesys-replay"

const variable = (name: string) =>
  Effect.map(Effect.option(Config.string(name)), (text) =>
    Option.filter(
      Option.map(text, (value) => value.trim()),
      (value) => value !== ""
    )
  )

// `key=value,key=value`, each percent-encoded. Its values are never repeated: they may be secrets.
const pairsOf = (name: string, text: string): Either.Either<Record<string, string>, string> => {
  const pairs: Record<string, string> = {}
  for (const [index, pair] of text.split(",").entries()) {
    if (pair.trim() === "") continue
    const at = pair.indexOf("=")
    const decoded = Either.try(() =>
      [pair.slice(0, at), pair.slice(at + 1)].map((part) => decodeURIComponent(part.trim()))
    )
    const [key = "", value = ""] = Either.getOrElse(decoded, () => [])
    if (at < 1 || key === "") return Either.left(`${name} is not key=value,key=value: look at number ${index + 1}`)
    pairs[key] = value
  }
  return Either.right(pairs)
}

const isHeader = (key: string, value: string): boolean => Either.isRight(Either.try(() => new Headers([[key, value]])))

const headersOf = (text: string): Either.Either<Record<string, string>, string> =>
  Either.filterOrLeft(
    pairsOf("OTEL_EXPORTER_OTLP_HEADERS", text),
    (pairs) => Object.entries(pairs).every(([key, value]) => isHeader(key, value)),
    () => "OTEL_EXPORTER_OTLP_HEADERS names a header that HTTP does not allow"
  )

const encodingOf = (text: string): Either.Either<TelemetrySettings["encoding"], string> => {
  if (text === "http/json") return Either.right("json")
  if (text === "http/protobuf") return Either.right("protobuf")
  return Either.left("OTEL_EXPORTER_OTLP_PROTOCOL has to be http/json or http/protobuf: grpc is not spoken here")
}

const endpointOf = (text: string): Either.Either<string, string> =>
  Either.mapLeft(
    URL.canParse(text) ? PlatformUrl.parse(text) : Either.left("is not a URL: write https://collector.example:4318"),
    (why) => `OTEL_EXPORTER_OTLP_ENDPOINT ${why}`
  )

/**
 * Reads OTEL_EXPORTER_OTLP_HEADERS, OTEL_EXPORTER_OTLP_PROTOCOL (`http/json` unless told), OTEL_SERVICE_NAME and
 * OTEL_RESOURCE_ATTRIBUTES beside the endpoint. Fails with {@link TelemetryMisconfigured}, which names everything that is wrong.
 */
export const make = Effect.fn("TelemetrySettings.make")(function* (url: string) {
  const text = (name: string, otherwise = "") =>
    Effect.map(
      variable(name),
      Option.getOrElse(() => otherwise)
    )
  const read = {
    endpoint: endpointOf(url),
    encoding: encodingOf(yield* text("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")),
    headers: headersOf(yield* text("OTEL_EXPORTER_OTLP_HEADERS")),
    attributes: pairsOf("OTEL_RESOURCE_ATTRIBUTES", yield* text("OTEL_RESOURCE_ATTRIBUTES"))
  }
  const values = Either.all(read)
  if (Either.isLeft(values)) {
    const found: ReadonlyArray<Either.Either<unknown, string>> = Object.values(read)
    return yield* new TelemetryMisconfigured({ problems: Array.getLefts(found) })
  }
  const { encoding, endpoint, headers } = values.right
  const {
    "service.name": name = defaultServiceName,
    "service.version": itsVersion = version,
    ...attributes
  } = values.right.attributes
  return {
    endpoint,
    encoding,
    headers: Redacted.make(headers),
    resource: { serviceName: yield* text("OTEL_SERVICE_NAME", name), serviceVersion: itsVersion, attributes }
  } satisfies TelemetrySettings
})
