import { fileURLToPath } from "node:url"
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Sandbox, SeededRandom, type Settings } from "@genesys-replay/sandbox"
import { Effect, Encoding, Layer, Schema } from "effect"
import * as Receiver from "../e2e/Receiver.js"
import * as Collector from "./Collector.js"
import { bus, Desk, desk, destination, type } from "./Desk.js"
import { json } from "./Run.js"

const flags = ["--topic", "genesys.conversations.call", "--start", "-1h", "--destination", destination]
const dist = fileURLToPath(new URL("../../apps/cli/dist", import.meta.url))
const ordinary = ["apply", ...flags, "--name", "calls"]

/** Types a command whose telemetry goes to the collector. */
const traced = (args: ReadonlyArray<string>, given: Parameters<typeof type>[1] = {}) =>
  Effect.flatMap(Collector.Collector, ({ url }) =>
    type(args, { ...given, env: { OTEL_EXPORTER_OTLP_ENDPOINT: url, ...given.env } })
  )

const Entry = Schema.Struct({
  timestamp: Schema.String.pipe(Schema.pattern(/^\d{4}-\d\d-\d\dT.*Z$/)),
  level: Schema.String,
  message: Schema.Unknown,
  annotations: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.Unknown })),
  span: Schema.optional(Schema.Struct({ name: Schema.String, traceId: Schema.String, spanId: Schema.String })),
  cause: Schema.optional(Schema.String)
})

/** Standard error as what it has to be: one entry a line, and nothing else. */
const entriesOf = (err: string) =>
  Effect.forEach(
    err.split("\n").filter((line) => line !== ""),
    (line) => Schema.decodeUnknown(Schema.parseJson(Entry), { onExcessProperty: "error" })(line)
  )

const atCollector = (status: number | "never" = 200, options: Settings.Options = {}) =>
  Layer.merge(desk(options), Collector.layer(status))

const limitedOnce = {
  faults: { requests: [{ kind: "rateLimited", retryAfter: 0, method: "POST", times: 1 }] }
} as const

describe.concurrent("Telemetry", () => {
  it.live(
    "is a trace of a window's steps, linked to that of the command, metrics, and the logs; the secrets are nowhere in it",
    () =>
      Effect.gen(function* () {
        const receiver = yield* Receiver.Receiver
        const { deliveries } = yield* Sandbox.Sandbox
        const apiKey = "k3y-of-the-collector"
        const { code, err, out } = yield* traced(
          [
            ...[...ordinary, "--wait", "--captured", deliveries(bus), "--webhook", receiver.url],
            ...["--log-level", "all", "--log-format", "json"]
          ],
          {
            env: {
              GENESYS_REPLAY_WEBHOOK_SECRET: Receiver.secretText,
              OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${apiKey},x-team=a%20b`,
              OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test,team=replay%2C%20east"
            }
          }
        )
        expect(code).toBe(0)
        expect(out).toMatch(/calls +created +COMPLETED/)

        const spans = yield* Collector.spans
        const root = spans.find(
          ({ name, parentSpanId }) => name === "genesys-replay apply" && parentSpanId === undefined
        )
        const submitted = spans.filter(({ name }) => name === "EventStreams.submit")
        expect(submitted.map(({ attributes }) => attributes["window"])).toEqual(["calls"])
        const posts = spans.filter(({ attributes }) => attributes["url.path"] === "/api/v2/eventstreams")
        const path = posts.map((span) => Collector.above(spans, span))
        // Once refused with 429, once accepted.
        expect(posts.map(({ attributes }) => attributes["http.response.status_code"])).toEqual([429, 201])
        // The steps above one another, whatever stands between them.
        const steps = ["EventStreams.submit", "Submission.run", "ReplayWorkflow.submit", "ReplayWorkflow.steps"]
        for (const names of path) expect(names.filter((name) => steps.includes(name))).toEqual(steps)
        const windows = spans.filter(({ name }) => name === "ReplayWorkflow.steps")
        expect(windows.map(({ links, parentSpanId }) => [parentSpanId, links])).toEqual([
          [undefined, [expect.objectContaining({ traceId: root?.traceId })]]
        ])
        for (const step of ["submit", "watch", "verify", "sync"]) {
          const [span, ...more] = spans.filter(({ name }) => name === `ReplayWorkflow.${step}`)
          expect([step, more, span?.attributes["run"]]).toEqual([step, [], expect.stringMatching(/\/calls$/)])
        }
        expect(spans.filter(({ status }) => status.code !== 1)).toEqual([])
        // What the database was asked is left out.
        expect(
          spans.map(({ name }) => name).filter((name) => /^sql/i.test(name) && !name.startsWith("Sqlite"))
        ).toEqual([])

        expect(yield* Collector.resources).toContainEqual({
          "service.name": "genesys-replay",
          "service.version": "0.1.0",
          "deployment.environment.name": "test",
          team: "replay, east"
        })
        expect(yield* Collector.metrics).toEqual(
          expect.arrayContaining([
            "genesys_replay_submit_latency_ms",
            "genesys_replay_rate_limited_answers",
            "genesys_replay_retries",
            "genesys_replay_requests_waiting",
            "genesys_replay_coverage_percent",
            "genesys_replay_missing_events",
            "genesys_replay_outbox_pending",
            "genesys_replay_outbox_lag_seconds",
            "genesys_replay_outbox_dead"
          ])
        )
        const entries = yield* entriesOf(err)
        const traces = entries.flatMap(({ span }) => (span === undefined ? [] : [span.traceId]))
        expect(traces).toContain(root?.traceId)
        const logged = (yield* Collector.logs).flatMap(({ body: { stringValue } }) => stringValue ?? [])
        expect(logged.length).toBeGreaterThan(0)
        expect(entries.map(({ message }) => message)).toEqual(expect.arrayContaining(logged))

        const { posted } = yield* Collector.Collector
        const all = yield* posted
        expect(new Set(all.map(({ path }) => path))).toEqual(new Set(["/v1/traces", "/v1/metrics", "/v1/logs"]))
        for (const { headers } of all) {
          expect(headers).toMatchObject({ "x-api-key": apiKey, "x-team": "a b", "content-type": "application/json" })
        }
        const { secret } = yield* Desk
        const { clientId, tokensIssued } = yield* Sandbox.Sandbox
        const tokens = Array.from({ length: yield* tokensIssued }, (_, index) =>
          SeededRandom.SeededRandom.of("cli", "token", index).text(86)
        )
        expect(tokens.length).toBeGreaterThan(0)
        const text = [out, err, ...all.map(({ body }) => body)].join("\n")
        const hidden = [
          ...[secret, Encoding.encodeBase64(`${clientId}:${secret}`), ...tokens],
          ...[Receiver.secretText, new URL(receiver.url).pathname, apiKey]
        ]
        expect(hidden.filter((one) => text.includes(one))).toEqual([])
      }).pipe(Effect.provide(Layer.merge(atCollector(200, limitedOnce), Receiver.layer)))
  )

  it.live("is sent of a command that failed as well; the failure is one entry of the logs", () =>
    Effect.gen(function* () {
      const { code, err, out } = yield* traced(["status", "nobody", "--json", "--log-format=json"], {
        env: { OTEL_SERVICE_NAME: "nightly", OTEL_RESOURCE_ATTRIBUTES: "service.name=other" }
      })
      expect(code).toBe(2)
      expect(json(out)).toMatchObject({ error: { tag: "ReplayNotFound" } })
      const entries = yield* entriesOf(err)
      expect(entries).toMatchObject([{ level: "ERROR", message: expect.stringContaining("there is no such replay") }])
      const failed = (yield* Collector.spans).filter(({ status }) => status.code === 2).map(({ name }) => name)
      expect(failed).toEqual(expect.arrayContaining(["genesys-replay status", "EventStreams.describe"]))
      expect((yield* Collector.resources).map((resource) => resource["service.name"])).toEqual(["nightly"])
    }).pipe(Effect.provide(atCollector()))
  )

  it.live("is sent of a command that was interrupted as well", () =>
    Effect.gen(function* () {
      const { code } = yield* traced(["sandbox"], { onOut: (text) => (text.includes("SECRET") ? "SIGINT" : undefined) })
      expect(code).toBe(130)
      expect((yield* Collector.spans).map(({ name }) => name)).toContain("genesys-replay sandbox")
    }).pipe(Effect.provide(atCollector()))
  )

  it.live("that cannot be sent is warned of once, and changes nothing else", () =>
    Effect.gen(function* () {
      const plan = ["plan", ...flags, "--name", "calls", "--json"]
      const untold = yield* type(plan)
      const { url } = yield* Collector.Collector
      // A place where nobody listens any more.
      const gone = yield* Effect.scoped(Effect.map(Sandbox.make(), (sandbox) => sandbox.url))
      for (const [endpoint, why] of [
        [url, "it answered 500"],
        [gone, "ECONNREFUSED"]
      ] as const) {
        const { code, err, out } = yield* type(plan, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } })
        expect(code).toBe(0)
        expect(json(out)).toMatchObject({ windows: [{ name: "calls" }] })
        expect(err.split("\n").filter((line) => line !== "")).toEqual([
          expect.stringMatching(new RegExp(`level=WARN .*telemetry does not reach ${endpoint}: ${why}`))
        ])
      }
      expect([untold.code, untold.err]).toEqual([0, ""])
    }).pipe(Effect.provide(atCollector(500)))
  )

  it.live("is not waited for where the endpoint never answers", () =>
    Effect.gen(function* () {
      const { code, err } = yield* traced(["plan", ...flags])
      expect(code).toBe(0)
      expect(err).toContain("it did not answer in time")
    }).pipe(Effect.provide(atCollector("never")))
  )

  it.live("that is configured wrongly is exit code 2: every variable is named, none is repeated, nothing is sent", () =>
    Effect.gen(function* () {
      const { code, err, out } = yield* traced([...ordinary, "--json"], {
        env: {
          OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector.example:4318",
          OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
          OTEL_EXPORTER_OTLP_HEADERS: "authorization: Bearer t0p-s3cret",
          OTEL_RESOURCE_ATTRIBUTES: "a=%"
        }
      })
      expect(code).toBe(2)
      expect(json(out)).toMatchObject({ error: { tag: "TelemetryMisconfigured", exitCode: 2 } })
      for (const name of [
        "ENDPOINT is refused",
        "PROTOCOL has to be",
        "HEADERS is not",
        "RESOURCE_ATTRIBUTES is not"
      ]) {
        expect(err).toContain(name)
      }
      expect(err).not.toContain("t0p-s3cret")
      const { requests } = yield* Sandbox.Sandbox
      expect(yield* requests.count()).toBe(0)
    }).pipe(Effect.provide(atCollector()))
  )

  it.live("is off where OTEL_SDK_DISABLED says so", () =>
    Effect.gen(function* () {
      const { code } = yield* traced(["plan", ...flags], { env: { OTEL_SDK_DISABLED: "true" } })
      expect(code).toBe(0)
      const { posted } = yield* Collector.Collector
      expect(yield* posted).toEqual([])
    }).pipe(Effect.provide(atCollector()))
  )

  it.live("loads nothing where no endpoint is named: no chunk of the bundle that every command loads has it", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const read = (name: string) => files.readFileString(`${dist}/${name}`)
      const reached = new Set(["main.js"])
      for (const name of reached) {
        for (const [, imported = ""] of (yield* read(name)).matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g))
          reached.add(imported)
        // The rest of the command line is loaded at once, too.
        for (const [, imported = ""] of (yield* read(name)).matchAll(/import\("\.\/(Process-[^"]+)"\)/g))
          reached.add(imported)
      }
      const has = (names: Iterable<string>) =>
        Effect.filter(names, (name) => Effect.map(read(name), (text) => text.includes("effect-opentelemetry-")))
      expect(reached.size).toBeGreaterThan(3)
      expect(yield* has(reached)).toEqual([])
      expect(yield* has((yield* files.readDirectory(dist)).filter((name) => name.endsWith(".js")))).toHaveLength(1)
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.live("can be sent as protobuf", () =>
    Effect.gen(function* () {
      yield* traced(["plan", ...flags], { env: { OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf" } })
      const { posted } = yield* Collector.Collector
      const kinds = (yield* posted).map(({ headers }) => headers["content-type"])
      expect(new Set(kinds)).toEqual(new Set(["application/x-protobuf"]))
    }).pipe(Effect.provide(atCollector()))
  )
})
