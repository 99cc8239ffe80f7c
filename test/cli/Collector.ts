/** A collector of OpenTelemetry on this machine: it takes whatever is posted below /v1/, as JSON. */
import { createServer } from "node:http"
import { HttpRouter, HttpServer, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { Context, Effect, Layer, Ref, Schema } from "effect"

const Value = Schema.Struct({
  stringValue: Schema.optional(Schema.String),
  intValue: Schema.optional(Schema.Number),
  doubleValue: Schema.optional(Schema.Number),
  boolValue: Schema.optional(Schema.Boolean)
})

const Attributes = Schema.transform(
  Schema.Array(Schema.Struct({ key: Schema.String, value: Value })),
  Schema.Record({ key: Schema.String, value: Schema.Unknown }),
  {
    strict: true,
    decode: (pairs) => Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value)[0]])),
    encode: () => []
  }
)

const Resource = Schema.Struct({ attributes: Attributes })

/** A span, as far as it is looked at here. */
export const Span = Schema.Struct({
  traceId: Schema.String,
  spanId: Schema.String,
  parentSpanId: Schema.optional(Schema.String),
  links: Schema.optionalWith(Schema.Array(Schema.Struct({ traceId: Schema.String })), { default: () => [] }),
  name: Schema.String,
  attributes: Attributes,
  /** `code`: 1 is well, 2 is an error. */
  status: Schema.Struct({ code: Schema.Number, message: Schema.optional(Schema.String) })
})
export type Span = typeof Span.Type

const LogRecord = Schema.Struct({
  severityText: Schema.String,
  body: Value,
  traceId: Schema.optional(Schema.String)
})

const Traces = Schema.Struct({
  resourceSpans: Schema.Array(
    Schema.Struct({ resource: Resource, scopeSpans: Schema.Array(Schema.Struct({ spans: Schema.Array(Span) })) })
  )
})

const Logs = Schema.Struct({
  resourceLogs: Schema.Array(
    Schema.Struct({ scopeLogs: Schema.Array(Schema.Struct({ logRecords: Schema.Array(LogRecord) })) })
  )
})

const Metrics = Schema.Struct({
  resourceMetrics: Schema.Array(
    Schema.Struct({
      scopeMetrics: Schema.Array(
        Schema.Struct({ metrics: Schema.Array(Schema.Struct({ name: Schema.String, description: Schema.String })) })
      )
    })
  )
})

/** One request that came. */
export interface Posted {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export class Collector extends Context.Tag("test/Collector")<
  Collector,
  { readonly url: string; readonly posted: Effect.Effect<ReadonlyArray<Posted>> }
>() {}

/** Runs on a free port; answers everything with `status`, or not at all. */
export const layer = (status: number | "never" = 200) =>
  Layer.scoped(
    Collector,
    Effect.gen(function* () {
      const posted = yield* Ref.make<ReadonlyArray<Posted>>([])
      const take = Effect.gen(function* () {
        const { headers, text, url } = yield* HttpServerRequest.HttpServerRequest
        const body = yield* text
        yield* Ref.update(posted, (before) => [...before, { path: url, headers: { ...headers }, body }])
        return status === "never" ? yield* Effect.never : yield* HttpServerResponse.json({}, { status })
      }).pipe(Effect.orDie)
      const server = yield* HttpServer.HttpServer
      yield* server.serve(HttpRouter.empty.pipe(HttpRouter.post("/v1/:signal", take), Effect.orDie))
      const url = yield* HttpServer.addressFormattedWith((address) => Effect.succeed(address))
      return { url, posted: Ref.get(posted) }
    })
  ).pipe(Layer.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })))

const bodies = <A, I>(path: string, schema: Schema.Schema<A, I>) =>
  Effect.gen(function* () {
    const { posted } = yield* Collector
    const decode = Schema.decodeUnknown(Schema.parseJson(schema))
    const all = yield* posted
    return yield* Effect.forEach(
      all.filter((one) => one.path === path),
      ({ body }) => decode(body)
    )
  })

/** What every trace says it comes from. */
export const resources = Effect.map(bodies("/v1/traces", Traces), (all) =>
  all.flatMap(({ resourceSpans }) => resourceSpans.map(({ resource }) => resource.attributes))
)

/** All spans. */
export const spans = Effect.map(bodies("/v1/traces", Traces), (all) =>
  all.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
  )
)

/** All log entries. */
export const logs = Effect.map(bodies("/v1/logs", Logs), (all) =>
  all.flatMap(({ resourceLogs }) =>
    resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords))
  )
)

/** The names of all metrics that were told last. */
export const metrics = Effect.map(bodies("/v1/metrics", Metrics), (all) =>
  (all.at(-1)?.resourceMetrics ?? []).flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) => metrics.map(({ name }) => name))
  )
)

/** The names of the spans above one, the nearest first. */
export const above = (all: ReadonlyArray<Span>, span: Span): ReadonlyArray<string> => {
  const parent = all.find(({ spanId }) => spanId === span.parentSpanId)
  return parent === undefined ? [] : [parent.name, ...above(all, parent)]
}
