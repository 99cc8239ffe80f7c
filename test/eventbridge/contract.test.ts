import { describe, expect, it } from "@effect/vitest"
import { EventStream, type PlannedWindow, Replay, ReplayProvider } from "@genesys-replay/domain"
import { Watch } from "@genesys-replay/pipeline"
import { type Faults, Sandbox } from "@genesys-replay/sandbox"
import { Chunk, DateTime, Duration, Effect, Layer, Option, Stream } from "effect"

import { eventbridge, genesys, history, planned, quiet, sandbox } from "./Scene.js"

const provider = ReplayProvider.ReplayProvider

const submit = (window: PlannedWindow.PlannedWindow) => Effect.flatMap(provider, (service) => service.submit(window))

/** As it is when nothing more happens to it. */
const ended = (id: EventStream.ReplayId) =>
  Watch.watch(id, { interval: "20 millis" }).pipe(Stream.runLast, Effect.flatten)

const names = (options?: { readonly name?: string }) =>
  Effect.flatMap(provider, ({ list }) => Stream.runCollect(list(options))).pipe(
    Effect.map((replays) => Chunk.toReadonlyArray(replays).map(({ name }) => name))
  )

/** What every provider promises; each over a sandbox, over HTTP. */
describe.each([
  {
    name: "genesys" as const,
    layer: genesys,
    prepare: Effect.void,
    starting: { path: "/api/v2/eventstreams", method: "POST" as const }
  },
  { name: "eventbridge" as const, layer: eventbridge(), prepare: history, starting: { path: "AWSEvents.StartReplay" } }
])("the provider $name", ({ layer, name: which, prepare, starting }) => {
  const over = <A, E>(
    program: Effect.Effect<A, E, ReplayProvider.ReplayProvider | Sandbox.Sandbox>,
    options: Parameters<typeof sandbox>[0] = {}
  ) =>
    Effect.zipRight(prepare, program).pipe(
      Effect.provide(Layer.merge(Layer.provideMerge(layer, sandbox(options)), quiet)),
      Effect.scoped
    )
  const slow = { pace: { pending: Duration.minutes(10) } }
  const windowOf = (name: string, fields?: Record<string, unknown>) => planned(which, name, fields)
  const next = (...faults: ReadonlyArray<Faults.RequestFault>) =>
    Effect.flatMap(Sandbox.Sandbox, (running) => running.faults.next(...faults))

  it.live("submits a window once: created, then unchanged, with one id", () =>
    over(
      Effect.gen(function* () {
        const window = yield* windowOf("outage")
        const first = yield* submit(window)
        const again = yield* submit(window)
        expect([first.outcome, again.outcome]).toEqual(["created", "unchanged"])
        expect(first.replay).toMatchObject({ name: "outage", provider: which, id: again.replay.id })
        expect(first.correlationId).toBeDefined()
        expect(yield* names()).toEqual(["outage"])
      })
    )
  )

  it.live("refuses another window of the same name, and says which replay it is and what differs", () =>
    over(
      Effect.gen(function* () {
        const { replay } = yield* submit(yield* windowOf("outage"))
        const error = yield* Effect.flip(submit(yield* windowOf("outage", { start: "-3h" })))
        expect(error).toMatchObject({ _tag: "ReplayConflict", name: "outage", id: replay.id })
        if (error._tag === "ReplayConflict") {
          expect(error.differences.map(({ path }) => path.split(".").at(-1)).join()).toMatch(/^start/)
        }
      })
    )
  )

  it.live("finds a replay by its name, and none where there is none", () =>
    over(
      Effect.gen(function* () {
        const { replay } = yield* submit(yield* windowOf("outage"))
        const { findByName } = yield* provider
        expect(Option.map(yield* findByName("outage"), ({ id }) => id)).toEqual(Option.some(replay.id))
        expect(yield* findByName("outag")).toEqual(Option.none())
      })
    )
  )

  it.live("lists all replays, or those of exactly one name, each with an id that describe takes", () =>
    over(
      Effect.gen(function* () {
        for (const name of ["outage", "outage-2", "calls"]) yield* submit(yield* windowOf(name))
        expect([...(yield* names())].sort()).toEqual(["calls", "outage", "outage-2"])
        expect(yield* names({ name: "outage" })).toEqual(["outage"])
        const { describe: describeReplay, list } = yield* provider
        for (const { id, name } of yield* Stream.runCollect(list())) {
          expect((yield* describeReplay(id)).name).toBe(name)
        }
      })
    )
  )

  it.live("describes a replay until it is completed", () =>
    over(
      Effect.gen(function* () {
        const { replay } = yield* submit(yield* windowOf("outage"))
        const last = yield* ended(replay.id)
        expect(last.progress.state).toBe("COMPLETED")
        expect(Replay.fractionDone(last, yield* DateTime.now)).toBe(1)
        expect(last.start).toBe(replay.start)
      })
    )
  )

  it.live("cancels a running replay: it ends, or is gone", () =>
    over(
      Effect.gen(function* () {
        const { replay } = yield* submit(yield* windowOf("outage"))
        const { cancel, describe: describeReplay } = yield* provider
        yield* cancel(replay.id)
        const after = yield* Effect.either(describeReplay(replay.id))
        if (after._tag === "Left") expect(after.left._tag).toBe("ReplayNotFound")
        else expect(["CANCELLING", "CANCELLED"]).toContain(after.right.progress.state)
      }),
      slow
    )
  )

  it.live("knows no replay by an unknown id", () =>
    over(
      Effect.gen(function* () {
        const { cancel, describe: describeReplay } = yield* provider
        for (const id of ["3f1e8f2e-unknown", "..", "no such/id"].map((text) => EventStream.ReplayId.make(text))) {
          expect(yield* Effect.flip(describeReplay(id))).toMatchObject({ _tag: "ReplayNotFound", id })
          expect(yield* Effect.flip(cancel(id))).toMatchObject({ _tag: "ReplayNotFound", id })
        }
      })
    )
  )

  it.live.each(["cutAfter", "malformedBody"] as const)(
    "adopts the replay of a submission whose answer was lost (%s)",
    (kind) =>
      over(
        Effect.gen(function* () {
          yield* next({ kind, ...starting })
          const { outcome } = yield* submit(yield* windowOf("outage"))
          expect(outcome).toBe("adopted")
          expect(yield* names()).toEqual(["outage"])
        })
      )
  )

  it.live.each([
    { kind: "cutBefore" },
    { kind: "serverError", status: 503 },
    { kind: "rateLimited", retryAfter: 0 }
  ] as const)("sends a submission again that did not take effect ($kind)", (fault) =>
    over(
      Effect.gen(function* () {
        yield* next({ ...fault, ...starting, times: 2 })
        expect((yield* submit(yield* windowOf("outage"))).outcome).toBe("created")
        expect(yield* names()).toEqual(["outage"])
      })
    )
  )

  it.live("is one replay also where two submit it at the same time", () =>
    over(
      Effect.gen(function* () {
        const window = yield* windowOf("outage")
        const results = yield* Effect.all([submit(window), submit(window), submit(window)], {
          concurrency: "unbounded"
        })
        expect(results.map(({ outcome }) => outcome).sort()).toEqual(["created", "unchanged", "unchanged"])
        expect(new Set(results.map(({ replay }) => replay.id)).size).toBe(1)
      })
    )
  )

  it.live.each([
    { fault: { kind: "rateLimited", retryAfter: 0, times: 9 }, tag: "RateLimited" },
    { fault: { kind: "serverError", status: 503, times: 9 }, tag: "ProviderUnavailable" },
    { fault: { kind: "cutBefore", times: 9 }, tag: "ProviderUnavailable" },
    { fault: { kind: "forbidden" }, tag: "NotPermitted" }
  ] as const)("fails as documented: $fault.kind to the end is $tag", ({ fault, tag }) =>
    over(
      Effect.gen(function* () {
        yield* next({ ...fault, ...starting })
        const error = yield* Effect.flip(submit(yield* windowOf("outage")))
        expect(error._tag).toBe(tag)
        if (error._tag === "RateLimited" || error._tag === "ProviderUnavailable") expect(error.attempts).toBe(4)
        expect(yield* names()).toEqual([])
      })
    )
  )
})
