import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  FetchHttpClient,
  HttpClient,
  HttpClientError,
  type HttpClientRequest,
  HttpClientResponse,
  HttpServer,
  HttpServerRequest,
  HttpServerResponse
} from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { describe, expect, it } from "@effect/vitest"
import { PayloadHash, ReplayWindow, type SyncEvent } from "@genesys-replay/domain"
import { CallbackSink, FileSink, State, SyncSink, WebhookSink } from "@genesys-replay/pipeline"
import { Clock, Context, DateTime, Deferred, Effect, Fiber, Layer, Option, Redacted, Ref, TestClock } from "effect"
import { Webhook } from "standardwebhooks"
import { now } from "./Windows.js"

const event: SyncEvent.SyncEvent = {
  event_type: "replay_config_complete",
  config_id: "replay-1",
  payload_hash: PayloadHash.PayloadHash.make("0123456789abcdef"),
  timestamp: "2024-01-15T20:30:00Z",
  latency_ms: 123.4,
  window: ReplayWindow.WindowName.make("outage"),
  outcome: "created"
}

const accuracy = { window_id: "outage", accuracy_rate: 99.98, sequence_gaps: 3, timestamp: "2024-01-15T20:31:00Z" }

const secret = Redacted.make("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

/** What the stub client answers, one after the other; the last one stays. */
type Answer = number | "refused" | "untrusted" | "silent"

const stubClient = (...answers: readonly [Answer, ...ReadonlyArray<Answer>]) =>
  Effect.gen(function* () {
    const seen = yield* Ref.make<
      ReadonlyArray<{ readonly at: number; readonly request: HttpClientRequest.HttpClientRequest }>
    >([])
    const client = HttpClient.make((request) =>
      Effect.gen(function* () {
        const at = yield* Clock.currentTimeMillis
        const count = yield* Ref.modify(seen, (before) => [before.length, [...before, { at, request }]])
        const answer = answers[Math.min(count, answers.length - 1)] ?? answers[0]
        if (answer === "silent") return yield* Effect.never
        if (answer === "refused") return yield* new HttpClientError.RequestError({ request, reason: "Transport" })
        if (answer === "untrusted") {
          const cause = Object.assign(new Error("self-signed"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" })
          return yield* new HttpClientError.RequestError({ request, reason: "Transport", cause })
        }
        return HttpClientResponse.fromWeb(request, new Response(null, { status: answer }))
      })
    )
    return { seen: Ref.get(seen), layer: Layer.succeed(HttpClient.HttpClient, client) }
  })

const url = "https://hooks.example.com/very-secret-path?token=also-secret"

/** Delivers through a webhook whose server gives these answers, and says when each attempt came. */
const deliverTo = (...answers: readonly [Answer, ...ReadonlyArray<Answer>]) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(DateTime.toEpochMillis(now))
    const { layer, seen } = yield* stubClient(...answers)
    const sink = yield* Effect.provide(WebhookSink.make({ url, secret }), layer)
    const fiber = yield* Effect.fork(Effect.either(sink.deliver(event, "msg_1")))
    yield* TestClock.adjust("5 minutes")
    const result = yield* Fiber.join(fiber)
    const attempts = yield* seen
    return {
      failure: Option.fromNullable(result._tag === "Left" ? result.left : null),
      times: attempts.map(({ at }) => at - DateTime.toEpochMillis(now)),
      requests: attempts.map(({ request }) => request)
    }
  })

const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "genesys-replay-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

describe("SyncSink", () => {
  it("gives a document an id that depends on nothing but the document", () => {
    const { window, ...rest } = event
    expect(SyncSink.idOf({ window, ...rest })).toBe(SyncSink.idOf(event))
    expect(SyncSink.idOf({ ...event, latency_ms: 1 })).not.toBe(SyncSink.idOf(event))
    expect(SyncSink.idOf(event)).toMatch(/^msg_[0-9a-f]{32}$/)
    expect([SyncSink.kindOf(event), SyncSink.kindOf(accuracy)]).toEqual(["replay_config_complete", "replay_accuracy"])
  })

  it.effect("delivers in the time it is given, and whatever a sink does is a failure of that sink", () =>
    Effect.gen(function* () {
      const deliver = (sink: SyncSink.SyncSink) => SyncSink.deliverTo(sink, event, "msg_1", "1 minute")
      const reason = (sink: SyncSink.SyncSink) => Effect.map(Effect.flip(deliver(sink)), (error) => error.reason)
      yield* deliver(CallbackSink.fromFunction("good", () => undefined))
      expect(yield* reason(CallbackSink.fromFunction("throwing", () => Promise.reject(new Error("no"))))).toBe("no")
      expect(yield* reason(CallbackSink.fromEffect("dying", () => Effect.dieMessage("a bug")))).toContain("a bug")
      expect(yield* reason(CallbackSink.fromEffect("gone", () => Effect.interrupt))).toBe("it was interrupted")
      const slow = CallbackSink.fromEffect("slow", () => Effect.uninterruptible(Effect.never))
      const fiber = yield* Effect.fork(reason(slow))
      yield* TestClock.adjust("1 minute")
      expect(yield* Fiber.join(fiber)).toBe("it did not answer in time")
    })
  )

  it.effect("interrupting the delivery interrupts the sink", () =>
    Effect.gen(function* () {
      const ended = yield* Deferred.make<void>()
      const sink = CallbackSink.fromEffect("hanging", () =>
        Effect.onInterrupt(Effect.never, () => Deferred.succeed(ended, undefined))
      )
      const fiber = yield* Effect.fork(SyncSink.deliverTo(sink, event, "msg_1", "1 minute"))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      yield* Deferred.await(ended)
    })
  )
})

describe("SyncSinks", () => {
  const { and, layerMake, layerNone, layerOf, remembered } = SyncSink.SyncSinks
  const callback = (name: string) => CallbackSink.fromEffect(name, () => Effect.void)
  const named = (name: string, location: string): SyncSink.SyncSink => ({
    ...callback(name),
    address: { kind: "webhook", location }
  })
  const use = <A, E>(
    layer: Layer.Layer<SyncSink.SyncSinks>,
    run: (sinks: SyncSink.Sinks) => Effect.Effect<A, E>
  ): Effect.Effect<A, E> => Effect.provide(Effect.flatMap(SyncSink.SyncSinks, run), layer)

  it.effect("are those of all layers, in order, and found by their names", () =>
    use(
      layerOf(callback("a"), callback("b")).pipe(and(layerNone), and(layerMake(Effect.succeed(callback("c"))))),
      ({ find, register, sinks }) =>
        Effect.gen(function* () {
          expect(sinks.map(({ name }) => name)).toEqual(["a", "b", "c"])
          expect((yield* find("c")).name).toBe("c")
          expect((yield* Effect.flip(find("d"))).message).toContain("the sink d cannot be told from here")
          yield* register
        })
    )
  )

  it.effect("a sink that is named twice is told once; two sinks of one name are a bug", () =>
    Effect.gen(function* () {
      const twice = layerOf(named("a", "https://a.example/x")).pipe(and(layerOf(named("a", "https://a.example/x"))))
      yield* use(twice, ({ sinks }) => Effect.sync(() => expect(sinks).toHaveLength(1)))
      for (const mixed of [
        layerOf(named("a", "https://a.example/x"), named("a", "https://a.example/y")),
        layerOf(callback("a")).pipe(and(layerOf(callback("a"))))
      ]) {
        const bug = yield* Effect.catchAllDefect(
          use(mixed, () => Effect.void),
          (defect) => Effect.succeed(String(defect))
        )
        expect(bug).toContain("two sinks are called a")
      }
    })
  )

  it.scoped("are found in another program by what was kept of them, and made there once", () =>
    Effect.gen(function* () {
      const kept = Layer.succeedContext(yield* Layer.build(State.layerMemory))
      const made = yield* Ref.make(0)
      const elsewhere = (address: NonNullable<SyncSink.SyncSink["address"]>, name: string) =>
        Effect.as(
          Ref.update(made, (count) => count + 1),
          named(name, address.location)
        )
      const program = (own: Layer.Layer<SyncSink.SyncSinks>) => own.pipe(remembered(elsewhere), Layer.provide(kept))
      yield* use(program(layerOf(named("a", "https://a.example/x"), callback("b"))), ({ find, register }) =>
        Effect.zipRight(register, find("a"))
      )
      expect(yield* Ref.get(made)).toBe(0)
      yield* use(program(layerNone), ({ find, sinks }) =>
        Effect.gen(function* () {
          expect(sinks).toEqual([])
          const found = yield* Effect.all([find("a"), find("a")], { concurrency: "unbounded" })
          expect(found.map(({ address }) => address?.location)).toEqual(["https://a.example/x", "https://a.example/x"])
          expect((yield* Effect.flip(find("b")))._tag).toBe("SinkUnknown")
        })
      )
      expect(yield* Ref.get(made)).toBe(1)
    })
  )
})

describe("FileSink", () => {
  it.scoped("appends one line for each document, and makes its directory", () =>
    Effect.gen(function* () {
      const path = join(yield* directory, "new", "sync.ndjson")
      const sink = yield* FileSink.make({ path })
      yield* Effect.all([sink.deliver(event, "msg_1"), sink.deliver(accuracy, "msg_2")])
      const again = yield* FileSink.make({ path })
      yield* Effect.forEach(Array.from({ length: 50 }), () => again.deliver(event, "msg_1"), {
        concurrency: "unbounded"
      })
      const lines = readFileSync(path, "utf8").split("\n")
      expect(lines.at(-1)).toBe("")
      expect(lines.slice(0, 2).map((line) => JSON.parse(line))).toEqual([event, accuracy])
      expect(lines.slice(2, -1).map((line) => JSON.parse(line))).toEqual(Array.from({ length: 50 }, () => event))
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("is called by its whole path: another process may work elsewhere", () =>
    Effect.gen(function* () {
      const sink = yield* FileSink.make({ path: "sync.ndjson" })
      const path = join(process.cwd(), "sync.ndjson")
      expect([sink.name, sink.address]).toEqual([`file ${path}`, { kind: "file", location: path }])
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("fails with the path where it cannot write", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const sink = yield* FileSink.make({ path })
      const error = yield* Effect.flip(sink.deliver(event, "msg_1"))
      expect(error._tag).toBe("SyncFailed")
      expect(error.message).toContain(`the sink file ${path} did not take msg_1`)
      expect(error.message).toContain("The replay itself stands")
    }).pipe(Effect.provide(NodeContext.layer))
  )
})

describe("WebhookSink", () => {
  it.effect("posts once where the answer is 2xx, with the time of the Clock", () =>
    Effect.gen(function* () {
      const { failure, requests, times } = yield* deliverTo(204)
      expect([Option.isNone(failure), times]).toEqual([true, [0]])
      expect(requests[0]).toMatchObject({ method: "POST" })
      expect(requests[0]?.headers).toMatchObject({
        "webhook-id": "msg_1",
        "webhook-timestamp": String(DateTime.toEpochMillis(now) / 1_000),
        "webhook-signature": new Webhook(Redacted.value(secret)).sign(
          "msg_1",
          DateTime.toDate(now),
          JSON.stringify(event)
        ),
        "content-type": "application/json"
      })
    })
  )

  it.effect("tries a 429, a 5xx and a broken connection again after 1, 2 and 4 seconds, with the same id", () =>
    Effect.gen(function* () {
      const { failure, requests, times } = yield* deliverTo(429, 503, "refused", 200)
      expect(Option.isNone(failure)).toBe(true)
      expect(times).toEqual([0, 1_000, 3_000, 7_000])
      expect(new Set(requests.map(({ headers }) => headers["webhook-id"]))).toEqual(new Set(["msg_1"]))
      expect(new Set(requests.map(({ headers }) => headers["webhook-signature"])).size).toBe(4)
    })
  )

  it.effect("gives an attempt ten seconds, and gives up after the third repetition", () =>
    Effect.gen(function* () {
      const { failure, times } = yield* deliverTo("silent")
      expect(times).toEqual([0, 11_000, 23_000, 37_000])
      expect(Option.getOrThrow(failure).message).toContain("it did not answer in time")
    })
  )

  it.effect("is called by its origin and a mark of the rest, the same in every process", () =>
    Effect.gen(function* () {
      const { layer } = yield* stubClient(200)
      const sinkAt = (url: string) => Effect.provide(WebhookSink.make({ url, secret }), layer)
      const nameAt = (url: string) => Effect.map(sinkAt(url), (sink) => sink.name)
      expect(yield* nameAt(url)).toMatch(/^webhook https:\/\/hooks\.example\.com #[0-9a-f]{6}$/)
      expect(yield* nameAt(url)).toBe(yield* nameAt(url))
      expect(yield* nameAt(url)).not.toBe(yield* nameAt("https://hooks.example.com/another-path"))
      expect(yield* nameAt("https://hooks.example.com")).toBe("webhook https://hooks.example.com")
      expect((yield* sinkAt(url)).address).toEqual({ kind: "webhook", location: url })
    })
  )

  it.effect("does not repeat what is refused, and shows neither path nor secret", () =>
    Effect.gen(function* () {
      const { layer } = yield* stubClient(200)
      const { name } = yield* Effect.provide(WebhookSink.make({ url, secret }), layer)
      for (const status of [400, 401, 404]) {
        const { failure, times } = yield* deliverTo(status)
        expect(times).toEqual([0])
        const { message } = Option.getOrThrow(failure)
        expect(message).toBe(`the sink ${name} did not take msg_1: it answered ${status}. The replay itself stands`)
      }
      const { failure } = yield* deliverTo("refused")
      const { message } = Option.getOrThrow(failure)
      expect(message).toContain("the connection failed")
      expect(message).not.toContain("secret")
    })
  )

  it.effect("tries a server once whose certificate cannot be verified, and says what helps", () =>
    Effect.gen(function* () {
      const { failure, times } = yield* deliverTo("untrusted")
      expect(times).toEqual([0])
      expect(Option.getOrThrow(failure).message).toContain("NODE_EXTRA_CA_CERTS")
    })
  )

  it.effect("takes a 410 for a refusal for good", () =>
    Effect.gen(function* () {
      const { failure, times } = yield* deliverTo(410)
      expect(times).toEqual([0])
      expect(Option.getOrThrow(failure)).toMatchObject({
        isFinal: true,
        reason: "it answered 410: it is gone for good"
      })
      expect(Option.getOrThrow((yield* deliverTo(400)).failure).isFinal).toBe(false)
    })
  )

  // A login page, that is: 200 at the address that the redirect leads to.
  const redirected = Effect.gen(function* () {
    const asked = yield* Ref.make<ReadonlyArray<string>>([])
    yield* HttpServer.serveEffect(
      Effect.gen(function* () {
        const { method, url } = yield* HttpServerRequest.HttpServerRequest
        yield* Ref.update(asked, (before) => [...before, `${method} ${url}`])
        const status = Number(url.slice("/hook/".length))
        return status > 0
          ? HttpServerResponse.empty({ status, headers: { location: "/login?next=very-secret-path" } })
          : HttpServerResponse.empty({ status: 200 })
      })
    )
    const address = yield* HttpServer.addressFormattedWith(Effect.succeed)
    const failures = yield* Effect.forEach([301, 302, 303, 307, 308], (status) =>
      Effect.gen(function* () {
        const sink = yield* WebhookSink.make({ url: `${address}/hook/${status}`, secret })
        return { status, reason: (yield* Effect.flip(sink.deliver(event, "msg_1"))).reason }
      })
    )
    return { address, failures, asked: yield* Ref.get(asked) }
  }).pipe(Effect.provide(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })))

  it.scopedLive("follows no redirect, whichever client it has: the address itself must take the document", () =>
    Effect.gen(function* () {
      for (const client of [FetchHttpClient.layer, NodeHttpClient.layer, NodeHttpClient.layerUndici]) {
        const { address, asked, failures } = yield* Effect.scoped(Effect.provide(redirected, client))
        expect(asked).toEqual(failures.map(({ status }) => `POST /hook/${status}`))
        for (const { reason, status } of failures) {
          expect(reason).toBe(`it answered ${status}: a redirect to ${address}, and none is followed`)
        }
      }
    })
  )

  it.scopedLive("takes no 2xx of another address for success, where a client follows by itself", () =>
    Effect.gen(function* () {
      const following = Layer.map(FetchHttpClient.layer, (context) =>
        Context.make(HttpClient.HttpClient, HttpClient.followRedirects(Context.get(context, HttpClient.HttpClient)))
      )
      const { failures } = yield* Effect.provide(redirected, following)
      expect(new Set(failures.map(({ reason }) => reason))).toEqual(new Set(["the answer came from another address"]))
    })
  )

  it.effect("refuses a URL that is not https, except to this machine, and a secret that is none", () =>
    Effect.gen(function* () {
      const { layer } = yield* stubClient(200)
      const reasonFor = (options: WebhookSink.Options) =>
        WebhookSink.make(options).pipe(
          Effect.provide(layer),
          Effect.match({ onFailure: ({ message }) => message, onSuccess: () => "accepted" })
        )
      for (const accepted of [
        "https://a.example/x",
        "http://127.0.0.1:8080/x",
        "http://localhost/x",
        "http://[::1]:1/x"
      ]) {
        expect(yield* reasonFor({ url: accepted, secret })).toBe("accepted")
      }
      for (const refused of [
        "http://a.example/x",
        "http://127.0.0.1.example/x",
        "ftp://localhost/x",
        "nonsense",
        "",
        "https://user:word@a.example/x"
      ]) {
        expect(yield* reasonFor({ url: refused, secret })).toContain("the webhook cannot be used")
      }
      for (const none of ["", "whsec_", "not base64!"]) {
        expect(yield* reasonFor({ url, secret: Redacted.make(none) })).toContain("its secret is not base64, or empty")
      }
    })
  )

  it.scopedLive("is accepted by another implementation of the receiving side, over a real connection", () =>
    Effect.gen(function* () {
      const received = yield* Deferred.make<unknown>()
      yield* HttpServer.serveEffect(
        Effect.gen(function* () {
          const request = yield* HttpServerRequest.HttpServerRequest
          const body = yield* request.text
          const verified = yield* Effect.try(() => new Webhook(Redacted.value(secret)).verify(body, request.headers))
          yield* Deferred.succeed(received, verified)
          return HttpServerResponse.empty({ status: 202 })
        }).pipe(Effect.catchAll(() => HttpServerResponse.empty({ status: 400 })))
      )
      const address = yield* HttpServer.addressFormattedWith((base) =>
        Effect.succeed(base.replace("0.0.0.0", "127.0.0.1"))
      )
      const sink = yield* WebhookSink.make({ url: `${address}/hook`, secret })
      yield* sink.deliver(accuracy, SyncSink.idOf(accuracy))
      expect(yield* Deferred.await(received)).toEqual(accuracy)
      const wrong = yield* WebhookSink.make({ url: `${address}/hook`, secret: Redacted.make("whsec_AAAA") })
      expect((yield* Effect.flip(wrong.deliver(accuracy, "msg_2"))).reason).toBe("it answered 400")
    }).pipe(
      Effect.provide([NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" }), NodeHttpClient.layerUndici])
    )
  )
})
