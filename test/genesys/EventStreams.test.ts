import { describe, expect, it } from "@effect/vitest"
import { EventStream, ReplayProvider } from "@genesys-replay/domain"
import { SampleWindow } from "@genesys-replay/domain/testing"
import { Genesys } from "@genesys-replay/genesys"
import { StubHttpClient, StubPlatform } from "@genesys-replay/genesys/testing"
import { Chunk, Effect, Either, Fiber, Layer, Option, Stream, TestClock } from "effect"

const asId = (id: string) => EventStream.ReplayId.make(id)

/** Runs `use` against the platform of `script`, the clock running until it is done; what came of it, and the requests. */
const against = <A, E>(
  script: StubHttpClient.Script,
  use: (provider: ReplayProvider.Service) => Effect.Effect<A, E>,
  tuned: Parameters<typeof StubPlatform.make>[1] = {}
) =>
  Effect.gen(function* () {
    const stub = yield* StubPlatform.make(script, tuned)
    const fiber = yield* ReplayProvider.ReplayProvider.pipe(
      Effect.flatMap(use),
      Effect.provide(stub.layer),
      Effect.either,
      Effect.fork
    )
    yield* TestClock.adjust("5 minutes")
    const result = yield* Fiber.join(fiber)
    const asked = yield* stub.asked
    return { result, asked, calls: asked.map(({ method, path }) => `${method} ${path}`) }
  })

const posted = ({ method }: StubHttpClient.Asked) => method === "POST"
const post = "POST /api/v2/eventstreams"
const get = "GET /api/v2/eventstreams"
const submit = (provider: ReplayProvider.Service) => provider.submit(SampleWindow.make("w"))
const conflict: StubHttpClient.Reply = { status: 409, json: StubPlatform.errorBody(409, "name taken") }
const created: StubHttpClient.Reply = { status: 201, json: StubPlatform.stream("w") }
const other = { ...StubPlatform.stream("w", "other"), retentionDays: 30 }

describe("EventStreams.submit", () => {
  it.effect("posts exactly the payload, with the bearer token, and answers what was made", () =>
    Effect.gen(function* () {
      const { asked, calls, result } = yield* against(StubHttpClient.inTurn(created), submit)
      expect(calls).toEqual([post])
      expect(JSON.parse(asked[0]?.body ?? "")).toEqual(SampleWindow.payload("w"))
      expect(asked[0]?.headers["authorization"]).toBe(`Bearer ${StubPlatform.bearer}`)
      expect(result).toMatchObject({
        right: {
          outcome: "created",
          correlationId: "corr-1",
          replay: {
            id: "id-of-w",
            name: "w",
            provider: "genesys",
            progress: { state: "PENDING" },
            start: "2024-01-15T08:00:00Z",
            retentionDays: 60,
            destination: "arn:aws:events:us-east-1:123456789012:event-bus/gen-cx-events",
            topics: ["genesys.conversations.message", "genesys.conversations.call"]
          }
        }
      })
    })
  )

  it.effect("is unchanged where the name stands with the same payload", () =>
    Effect.gen(function* () {
      const { calls, result } = yield* against(
        StubHttpClient.inTurn(conflict, StubPlatform.page(StubPlatform.stream("w"))),
        submit
      )
      expect(calls).toEqual([post, get])
      expect(result).toMatchObject({ right: { outcome: "unchanged", replay: { id: "id-of-w" } } })
    })
  )

  it.effect("is a conflict that names the fields where the payload is another", () =>
    Effect.gen(function* () {
      const { result } = yield* against(StubHttpClient.inTurn(conflict, StubPlatform.page(other)), submit)
      expect(result).toMatchObject({
        left: {
          _tag: "ReplayConflict",
          id: "other",
          name: "w",
          correlationId: "corr-1",
          differences: [{ path: "retentionDays", wanted: 60, found: 30 }]
        }
      })
    })
  )

  it.effect("is a conflict without fields where the other one cannot be found", () =>
    Effect.gen(function* () {
      const { calls, result } = yield* against(StubHttpClient.inTurn(conflict, StubPlatform.page()), submit)
      expect(calls).toEqual([post, get])
      expect(result).toMatchObject({ left: { _tag: "ReplayConflict", differences: [] } })
    })
  )

  for (const [what, reply] of [
    ["the connection is cut", "cut"],
    ["the answer is cut", "cut in the middle"],
    ["a 500 comes", { status: 500 }],
    ["a 503 comes", { status: 503 }],
    ["the answer is not JSON", { status: 201, text: "<html>" }],
    ["the answer is no stream", { status: 201, json: { ok: true } }],
    ["an undocumented success comes", { status: 202, json: {} }]
  ] as const) {
    it.effect(`adopts what stands when ${what} after the platform made it`, () =>
      Effect.gen(function* () {
        const { calls, result } = yield* against(
          StubHttpClient.inTurn(reply, StubPlatform.page(StubPlatform.stream("w"))),
          submit
        )
        expect(calls).toEqual([post, get])
        expect(result).toMatchObject({ right: { outcome: "adopted", replay: { id: "id-of-w" } } })
      })
    )

    it.effect(`posts again when ${what} and nothing stands`, () =>
      Effect.gen(function* () {
        const { asked, calls, result } = yield* against(
          StubHttpClient.inTurn(reply, StubPlatform.page(), created),
          submit
        )
        expect(calls).toEqual([post, get, post])
        expect((asked[2]?.at ?? 0) - (asked[1]?.at ?? 0)).toBeGreaterThanOrEqual(1_000)
        expect(result).toMatchObject({ right: { outcome: "created" } })
      })
    )
  }

  it.effect("looks up by name after a time-out", () =>
    Effect.gen(function* () {
      const { calls, result } = yield* against(
        (_, index) => (index === 0 ? Effect.never : Effect.succeed(StubPlatform.page(StubPlatform.stream("w")))),
        submit
      )
      expect(calls).toEqual([post, get])
      expect(result).toMatchObject({ right: { outcome: "adopted" } })
    })
  )

  it.effect("without a token was never sent: the token's error is told, and nothing is looked up", () =>
    Effect.gen(function* () {
      const stub = yield* StubHttpClient.make(() => Effect.succeed("cut"))
      const fiber = yield* ReplayProvider.ReplayProvider.pipe(
        Effect.flatMap((provider) => Effect.flip(provider.submit(SampleWindow.make("w")))),
        Effect.provide(Layer.provide(Genesys.layerOf(StubPlatform.values), stub.layer)),
        Effect.fork
      )
      yield* TestClock.adjust("1 minute")
      expect(yield* Fiber.join(fiber)).toMatchObject({
        _tag: "ProviderUnavailable",
        operation: "POST /oauth/token",
        attempts: 4
      })
      expect((yield* stub.asked).map(({ path }) => path)).toEqual(Array.from({ length: 4 }, () => "/oauth/token"))
    })
  )

  it.effect("is a conflict where another payload stands after an unknown outcome", () =>
    Effect.gen(function* () {
      const { result } = yield* against(StubHttpClient.inTurn("cut", StubPlatform.page(other)), submit)
      expect(result).toMatchObject({ left: { _tag: "ReplayConflict", id: "other" } })
    })
  )

  it.effect("adopts on a 409 after an unknown outcome that the look-up did not see yet", () =>
    Effect.gen(function* () {
      const { calls, result } = yield* against(
        StubHttpClient.inTurn("cut", StubPlatform.page(), conflict, StubPlatform.page(StubPlatform.stream("w"))),
        submit
      )
      expect(calls).toEqual([post, get, post, get])
      expect(result).toMatchObject({ right: { outcome: "adopted" } })
    })
  )

  it.effect("posts maxRetries more times at most, then says how many, over how long and what came last", () =>
    Effect.gen(function* () {
      const { asked, result } = yield* against(
        (one) => Effect.succeed(posted(one) ? "cut" : StubPlatform.page()),
        submit
      )
      expect(asked.filter(posted)).toHaveLength(4)
      expect(result).toMatchObject({
        left: {
          _tag: "ProviderUnavailable",
          operation: post,
          attempts: 4,
          lastAnswer: "connection failed (read ECONNRESET)",
          elapsedMs: asked.at(-1)?.at
        }
      })
    })
  )

  it.effect("never posts again while the look-up fails", () =>
    Effect.gen(function* () {
      const { asked, result } = yield* against(StubHttpClient.inTurn("cut"), submit)
      expect(asked.filter(posted)).toHaveLength(1)
      expect(asked).toHaveLength(5)
      expect(result).toMatchObject({ left: { _tag: "ProviderUnavailable", operation: post, attempts: 5 } })
    })
  )

  it.effect("a 429 was not processed: the POST is sent again without a look-up", () =>
    Effect.gen(function* () {
      const limited: StubHttpClient.Reply = { status: 429, headers: { "retry-after": "4" } }
      const { asked, calls, result } = yield* against(StubHttpClient.inTurn(limited, created), submit)
      expect(calls).toEqual([post, post])
      expect(asked[1]?.at).toBe(4_000)
      expect(result).toMatchObject({ right: { outcome: "created" } })
    })
  )

  it.effect("a rejected payload is not sent again and says why", () =>
    Effect.gen(function* () {
      const body = {
        ...StubPlatform.errorBody(400, "bad topics"),
        details: [{ errorCode: "invalid", fieldName: "filters.topics" }]
      }
      const { calls, result } = yield* against(StubHttpClient.inTurn({ status: 400, json: body }), submit)
      expect(calls).toEqual([post])
      expect(result).toMatchObject({
        left: {
          _tag: "RequestRejected",
          reason: "bad topics",
          code: "some.code",
          details: ["filters.topics: invalid"],
          correlationId: "corr-1"
        }
      })
    })
  )
})

describe("EventStreams.list and findByName", () => {
  const paged =
    (total: number, tell: boolean): StubHttpClient.Script =>
    ({ query }) => {
      const number = Number(query.get("pageNumber"))
      const size = Number(query.get("pageSize"))
      const names = Array.from({ length: total }, (_, index) => `s${index}`).slice((number - 1) * size, number * size)
      const entities = names.map((name) => ({ id: name, name }))
      return Effect.succeed({
        status: 200,
        json: tell
          ? { entities, pageNumber: number, pageSize: size, pageCount: Math.ceil(total / size), total }
          : { entities }
      })
    }
  const all = (provider: ReplayProvider.Service) => Stream.runCollect(provider.list())

  it.effect("reads all pages, also where the platform does not count them", () =>
    Effect.gen(function* () {
      for (const tell of [true, false]) {
        const { asked, result } = yield* against(paged(250, tell), all)
        expect(
          Chunk.size(
            Option.getOrElse(
              Option.flatMap(Option.some(result), (r) => ("right" in r ? Option.some(r.right) : Option.none())),
              Chunk.empty
            )
          )
        ).toBe(250)
        expect(asked.map(({ query }) => query.get("pageNumber"))).toEqual(["1", "2", "3"])
      }
    })
  )

  it.effect("pulls no page that nobody wants", () =>
    Effect.gen(function* () {
      const { asked } = yield* against(paged(250, true), (provider) => Stream.runHead(provider.list()))
      expect(asked).toHaveLength(1)
    })
  )

  it.effect("takes a stream without progress for one that is pending", () =>
    Effect.gen(function* () {
      const { result } = yield* against(
        StubHttpClient.inTurn(StubPlatform.page({ id: "x", name: "n", news: true })),
        (provider) => provider.findByName("n")
      )
      expect(result).toMatchObject({
        right: Option.some({ id: "x", name: "n", provider: "genesys", progress: { state: "PENDING" }, topics: [] })
      })
    })
  )

  it.effect("finds exactly this name, though the platform answers others", () =>
    Effect.gen(function* () {
      const { asked, result } = yield* against(
        StubHttpClient.inTurn(
          StubPlatform.page(StubPlatform.stream("w-2"), StubPlatform.stream("W"), StubPlatform.stream("w"))
        ),
        (provider) => provider.findByName("w")
      )
      expect(asked[0]?.query.get("name")).toBe("w")
      expect(result).toMatchObject({ right: { value: { id: "id-of-w" } } })
      const { result: none } = yield* against(
        StubHttpClient.inTurn(StubPlatform.page(StubPlatform.stream("w-2"))),
        (p) => p.findByName("w")
      )
      expect(none).toMatchObject({ right: Option.none() })
    })
  )

  it.effect("says where an answer is not of the documented shape", () =>
    Effect.gen(function* () {
      const { result } = yield* against(
        StubHttpClient.inTurn({ status: 200, json: { entities: [{ name: "n" }] } }),
        all
      )
      expect(result).toMatchObject({
        left: { _tag: "AnswerUnreadable", operation: get, status: 200, correlationId: "corr-1" }
      })
      expect(JSON.stringify(result)).toContain("entities.0.id")
    })
  )
})

describe("EventStreams.describe and cancel", () => {
  it.effect("an id that nobody has is not found", () =>
    Effect.gen(function* () {
      const missing: StubHttpClient.Reply = { status: 404, json: StubPlatform.errorBody(404, "no such stream") }
      const seen = yield* against(StubHttpClient.inTurn(missing), (provider) => provider.describe(asId("gone")))
      expect(seen.result).toMatchObject({ left: { _tag: "ReplayNotFound", id: "gone", correlationId: "corr-1" } })
      const stopped = yield* against(StubHttpClient.inTurn(missing), (provider) => provider.cancel(asId("gone")))
      expect(stopped.result).toMatchObject({ left: { _tag: "ReplayNotFound", id: "gone" } })
    })
  )

  it.effect("an id stays one segment of the path", () =>
    Effect.gen(function* () {
      const { calls } = yield* against(StubHttpClient.inTurn({ status: 204 }), (provider) =>
        provider.cancel(asId("../x?y#z"))
      )
      expect(calls).toEqual(["DELETE /api/v2/eventstreams/..%2Fx%3Fy%23z"])
      const up = yield* against(StubHttpClient.inTurn({ status: 204 }), (provider) => provider.cancel(asId("..")))
      expect(up.calls).toEqual([])
      expect(up.result).toMatchObject({ left: { _tag: "ReplayNotFound" } })
    })
  )

  it.effect("cancel is done when a repeated DELETE finds nothing", () =>
    Effect.gen(function* () {
      const { calls, result } = yield* against(StubHttpClient.inTurn("cut", { status: 404 }), (p) =>
        p.cancel(asId("x"))
      )
      expect(calls).toHaveLength(2)
      expect(result).toMatchObject({ _tag: "Right" })
      const limited = yield* against(StubHttpClient.inTurn({ status: 429 }, { status: 404 }), (p) =>
        p.cancel(asId("x"))
      )
      expect(limited.result).toMatchObject({ left: { _tag: "ReplayNotFound" } })
    })
  )
})

describe("EventStreams.check", () => {
  const check = (provider: ReplayProvider.Service) => provider.check(SampleWindow.make("w"))
  const catalogue = "GET /api/v2/notifications/availabletopics"
  const topics = (...ids: ReadonlyArray<string>): StubHttpClient.Reply => ({
    status: 200,
    json: { entities: ids.map((id) => ({ id, transports: ["EventBridge"] })) }
  })
  const offered = topics("genesys.conversations.message", "genesys.conversations.call")
  /** A platform with these streams and this catalogue. */
  const having =
    (streams: StubHttpClient.Reply, known: StubHttpClient.Reply): StubHttpClient.Script =>
    ({ path }) =>
      Effect.succeed(path === "/api/v2/eventstreams" ? streams : known)
  const found = (streams: StubHttpClient.Reply, known: StubHttpClient.Reply) =>
    Effect.map(against(having(streams, known), check), ({ asked, result }) => {
      expect(asked.map(({ method }) => method)).not.toContain("POST")
      return Either.map(result, (findings) => findings.map(({ code, path, severity }) => `${severity} ${code} ${path}`))
    })

  it.effect("asks for the name and for the catalogue, with a token, and changes nothing", () =>
    Effect.gen(function* () {
      const { asked, calls, result } = yield* against(having(StubPlatform.page(), offered), check)
      expect(result).toEqual(Either.right([]))
      expect(calls).toEqual([get, catalogue])
      expect(asked[0]?.query.get("name")).toBe("w")
      expect(asked[0]?.headers["authorization"]).toBe(`Bearer ${StubPlatform.bearer}`)
    })
  )

  it.effect("finds the name taken by another stream, or the window's own stream", () =>
    Effect.gen(function* () {
      expect(yield* found(StubPlatform.page(other), offered)).toEqual(Either.right(["error name-taken name"]))
      expect(yield* found(StubPlatform.page(StubPlatform.stream("w")), offered)).toEqual(
        Either.right(["warning replay-exists name"])
      )
    })
  )

  it.effect("finds topics that the catalogue does not have; of a form that it has not at all, nothing is certain", () =>
    Effect.gen(function* () {
      expect(yield* found(StubPlatform.page(), topics("genesys.conversations.message"))).toEqual(
        Either.right(["error unknown-topic topics[1]"])
      )
      expect(yield* found(StubPlatform.page(), topics("v2.users.{id}.presence"))).toEqual(
        Either.right(["warning unknown-topic topics[0]", "warning unknown-topic topics[1]"])
      )
    })
  )

  it.effect("says so where the catalogue may not be read; whoever is not let in at all is told that", () =>
    Effect.gen(function* () {
      const denied: StubHttpClient.Reply = { status: 403, json: StubPlatform.errorBody(403, "no") }
      expect(yield* found(StubPlatform.page(), denied)).toEqual(Either.right(["warning unknown-topic topics"]))
      expect(yield* found(denied, offered)).toMatchObject({ left: { _tag: "NotPermitted" } })
    })
  )

  it.effect("asks for the catalogue once, however many windows are checked", () =>
    Effect.gen(function* () {
      const windows = ["a", "b", "c"].map((name) => SampleWindow.make(name))
      const { calls } = yield* against(having(StubPlatform.page(), offered), (provider) =>
        Effect.forEach(windows, provider.check, { concurrency: 3 })
      )
      expect(calls.filter((call) => call === catalogue)).toHaveLength(1)
    })
  )
})
