/** Secrets are searched for in everything that leaves the program, and found nowhere. */
import { inspect } from "node:util"
import { FetchHttpClient, FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { EventStream, ReplayProvider } from "@genesys-replay/domain"
import { Genesys, GenesysConfig } from "@genesys-replay/genesys"
import { AuditTrail, FileSink, ReplayPipeline, State, SyncSink, WebhookSink } from "@genesys-replay/pipeline"
import { type Faults, Sandbox, SeededRandom } from "@genesys-replay/sandbox"
import { Cause, Duration, Effect, Encoding, Exit, Layer, Logger, LogLevel, Redacted, Stream, Tracer } from "effect"
import { pipelineAt } from "../pipeline/StateFile.js"
import * as Receiver from "./Receiver.js"
import { planOf, prove, sandbox } from "./Scene.js"

const seed = "secrets"

const asJson = (value: unknown): string => {
  try {
    return (
      JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? String(part) : part)) ?? String(value)
    )
  } catch {
    // Circular: what inspect shows of it has to do.
    return ""
  }
}

/** What is seen of a value by whoever prints it, one way or another. */
const seen = (value: unknown): string =>
  [
    typeof value === "string" ? value : asJson(value),
    inspect(value, { depth: 12, showHidden: true }),
    value instanceof Error ? `${value.message}\n${value.stack}` : ""
  ].join("\n")

/** Takes everything that is logged, at every level, and every span with all that is on it. */
const makeEar = () => {
  const heard: Array<string> = []
  const hear = (...values: ReadonlyArray<unknown>) => heard.push(...values.map(seen))
  const logger = Logger.make(({ annotations, cause, message, spans }) => {
    hear(
      message,
      Array.from(annotations),
      Array.from(spans, ({ label }) => label),
      Cause.pretty(cause)
    )
    hear(cause)
  })
  const tracer = Tracer.make({
    context: (run) => run(),
    span: (name, parent, context, links, startTime, kind) => {
      const attributes = new Map<string, unknown>()
      hear(name)
      return {
        _tag: "Span",
        name,
        spanId: "1",
        traceId: "1",
        sampled: true,
        parent,
        context,
        status: { _tag: "Started", startTime },
        attributes,
        links,
        kind,
        attribute: (key, value) => {
          attributes.set(key, value)
          hear(key, value)
        },
        event: (event, _, values) => hear(event, values),
        addLinks: () => {},
        // What an exporter tells of an exit: that it failed, and the errors with their stacks.
        end: (_, exit) => {
          if (Exit.isFailure(exit))
            hear(
              Cause.pretty(exit.cause, { renderErrorCause: true }),
              ...Cause.prettyErrors(exit.cause).flatMap(({ message, stack }) => [message, stack])
            )
        }
      }
    }
  })
  const layer = Layer.mergeAll(
    Logger.replace(Logger.defaultLogger, logger),
    Logger.minimumLogLevel(LogLevel.All),
    Layer.setTracer(tracer)
  )
  return { hear, text: () => heard.join("\n"), layer }
}

const tokens = Array.from({ length: 40 }, (_, index) => SeededRandom.SeededRandom.of(seed, "token", index).text(86))

const faults: ReadonlyArray<Faults.RequestFault> = [
  { kind: "cutAfter", skip: 0, times: 1 },
  { kind: "expiredTokens", skip: 1, times: 1 },
  { kind: "serverError", skip: 2, times: 1 },
  { kind: "malformedBody", skip: 3, times: 1 },
  { kind: "rateLimited", retryAfter: 0, skip: 4, times: 1 },
  { kind: "cutBefore", skip: 5, times: 1 }
]

describe("Client secret, tokens, basic credentials and the webhook's secret", () => {
  it.scopedLive("are in no log line, span, error, report, audit trail or sync document, whatever goes wrong", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const running = yield* Sandbox.Sandbox
      const receiver = yield* Receiver.Receiver
      const directory = yield* files.makeTempDirectoryScoped()
      const ear = makeEar()
      const secret = Redacted.value(running.clientSecret)

      const values = {
        apiUrl: running.url,
        loginUrl: running.url,
        clientId: running.clientId,
        clientSecret: running.clientSecret,
        scope: GenesysConfig.defaultScope,
        retry: { maxRetries: 3, baseDelay: Duration.millis(5) },
        requestTimeout: Duration.seconds(2)
      }
      const { and, layerMake } = SyncSink.SyncSinks
      const sinks = layerMake(FileSink.make({ path: `${directory}/sync.ndjson` })).pipe(
        and(layerMake(WebhookSink.make({ url: receiver.url, secret: receiver.secret }))),
        // One whose path is a secret itself, and who does not answer as hoped.
        and(layerMake(WebhookSink.make({ url: `${receiver.url}/p4th-s3cret`, secret: receiver.secret, retries: 0 })))
      )
      const pipeline = (given: typeof values) =>
        pipelineAt(`file:${directory}/state.db`).pipe(
          Layer.provideMerge(Layer.mergeAll(Genesys.layerOf(given), sinks)),
          Layer.provide(FetchHttpClient.layer),
          Layer.provideMerge(ear.layer)
        )

      yield* Effect.gen(function* () {
        const provider = yield* ReplayProvider.ReplayProvider
        yield* running.faults.set({ requests: faults })
        const good = yield* prove(yield* planOf(["one", "two"]))
        expect(good.report.summary.failed).toBe(0)
        yield* running.faults.clear
        ear.hear(good, yield* Stream.runCollect(provider.list()))
        const other = yield* planOf(["two"], { start: "-3h" })
        ear.hear(yield* ReplayPipeline.apply(yield* planOf(["one"], { start: "-3h" })))
        ear.hear(yield* ReplayPipeline.apply(other))
        ear.hear(yield* Effect.exit(Effect.forEach(other.windows, provider.submit)))
        ear.hear(yield* Effect.exit(provider.describe(EventStream.ReplayId.make("nobody"))))
        ear.hear(yield* Effect.exit(ReplayPipeline.cancel(EventStream.ReplayId.make("nobody"))))
      }).pipe(Effect.provide(pipeline(values)))

      // A secret that is not the right one is a secret all the same: it may be that of another region.
      const wrong = "wr0ng-s3cret-of-another-region"
      yield* Effect.gen(function* () {
        const provider = yield* ReplayProvider.ReplayProvider
        ear.hear(yield* Effect.exit(Stream.runCollect(provider.list())))
        ear.hear(yield* ReplayPipeline.apply(yield* planOf(["three"])))
      }).pipe(Effect.provide(pipeline({ ...values, clientSecret: Redacted.make(wrong) })))

      // Nobody there.
      yield* Effect.gen(function* () {
        ear.hear(yield* ReplayPipeline.apply(yield* planOf(["four"])))
      }).pipe(Effect.provide(pipeline({ ...values, apiUrl: "http://127.0.0.1:9", loginUrl: "http://127.0.0.1:9" })))

      ear.hear(values, receiver.secret)
      const trail = yield* Effect.provide(
        Effect.flatMap(AuditTrail.AuditTrail, ({ list }) => list()),
        State.layer(`file:${directory}/state.db`)
      )
      expect(trail.length).toBeGreaterThan(10)
      ear.hear(trail, JSON.stringify(trail), yield* receiver.received)
      for (const name of yield* files.readDirectory(directory)) {
        // The driver takes its own files beside the database away when it comes to it; what they held is in the database.
        const bytes = files.readFile(`${directory}/${name}`)
        const read = name.startsWith("state.db-") ? Effect.orElseSucceed(bytes, () => new Uint8Array()) : bytes
        ear.hear(new TextDecoder("latin1").decode(yield* read))
      }

      const issued = yield* running.tokensIssued
      expect(issued).toBeGreaterThanOrEqual(2)
      const secrets = {
        "the client's secret": secret,
        "the wrong secret": wrong,
        "basic credentials": Encoding.encodeBase64(`${running.clientId}:${secret}`),
        "wrong basic credentials": Encoding.encodeBase64(`${running.clientId}:${wrong}`),
        "the webhook's secret": Receiver.secretText,
        "the webhook's secret without its mark": Receiver.secretText.slice("whsec_".length),
        "the webhook's key": new TextDecoder().decode(
          Buffer.from(Receiver.secretText.slice("whsec_".length), "base64")
        ),
        "the path of a webhook": "p4th-s3cret",
        ...Object.fromEntries(tokens.slice(0, issued).map((token, index) => [`token ${index + 1}`, token]))
      }
      const text = ear.text()
      // What must be heard is: else this test listens at the wrong door.
      for (const word of ["POST /api/v2/eventstreams", "ReplayConflict", "NotAuthenticated", "ProviderUnavailable"]) {
        expect([word, text.includes(word)]).toEqual([word, true])
      }
      expect(
        Object.entries(secrets)
          .filter(([, hidden]) => text.includes(hidden))
          .map(([name]) => name)
      ).toEqual([])
    }).pipe(Effect.provide(Layer.merge(Receiver.layer, sandbox({ seed })).pipe(Layer.provideMerge(NodeContext.layer))))
  )

  it.scopedLive("the search finds the tokens where they are: in what the sandbox was sent", () =>
    Effect.gen(function* () {
      const { clientId, clientSecret, url } = yield* Sandbox.Sandbox
      const answer = yield* Effect.promise(async () =>
        (
          await fetch(`${url}/oauth/token`, {
            method: "POST",
            headers: { authorization: `Basic ${Encoding.encodeBase64(`${clientId}:${Redacted.value(clientSecret)}`)}` },
            body: new URLSearchParams({ grant_type: "client_credentials" })
          })
        ).text()
      )
      expect(answer).toContain(tokens[0])
    }).pipe(Effect.provide(sandbox({ seed })))
  )
})
