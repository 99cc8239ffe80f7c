import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { CallbackSink, FileSink, SinkAddresses, State, SyncOutbox, SyncSink } from "@genesys-replay/pipeline"
import { Sandbox } from "@genesys-replay/sandbox"
import { Effect, Layer, Logger, LogLevel, Schema } from "effect"
import * as Receiver from "../e2e/Receiver.js"
import { documentOf, letter } from "../pipeline/Outbox.js"
import * as AwsCall from "../sandbox/AwsCall.js"
import { Desk, desk, destination, type } from "./Desk.js"
import { json } from "./Run.js"

const flags = ["--topic", "genesys.conversations.call", "--start", "-1h", "--destination", destination]

const Listed = Schema.Struct({
  messages: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      sink: Schema.String,
      run: Schema.String,
      window: Schema.String,
      configId: Schema.NullOr(Schema.String),
      kind: Schema.String,
      document: Schema.Unknown,
      state: Schema.Literal("pending", "delivered", "dead"),
      attempts: Schema.Number,
      reason: Schema.NullOr(Schema.String),
      enqueuedAt: Schema.String,
      nextAttemptAt: Schema.NullOr(Schema.String)
    })
  ),
  summary: Schema.optional(Schema.Struct({ delivered: Schema.Number, undelivered: Schema.Number }))
})

const listed = (text: string) => Schema.decodeUnknownSync(Listed, { onExcessProperty: "error" })(json(text))

const list = (...more: ReadonlyArray<string>) =>
  Effect.map(type(["sync", "list", ...more, "--json"]), ({ out }) => listed(out).messages)

const world = Layer.merge(desk(), Receiver.layer)

/** Leaves letters in the desk's own outbox that were given up, for a file beside it. Answers the file. */
const givenUp = (...windows: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const { directory } = yield* Desk
    const path = `${directory}/told.ndjson`
    const sink = yield* FileSink.make({ path })
    const broken = {
      ...sink,
      deliver: CallbackSink.fromEffect(sink.name, () => Effect.fail("the disk is full")).deliver
    }
    yield* Effect.gen(function* () {
      const { enqueue, deliver } = yield* SyncOutbox.SyncOutbox
      yield* Effect.flatMap(SinkAddresses.SinkAddresses, ({ register }) => register([sink]))
      for (const window of windows) {
        yield* enqueue(letter(window, 1, sink.name))
        yield* deliver(letter(window, 1).key)
      }
    }).pipe(
      Effect.provide(
        SyncOutbox.SyncOutbox.layer({ tries: 1 }).pipe(
          Layer.provide(SyncSink.SyncSinks.layerOf(broken)),
          Layer.provideMerge(State.layer(`file:${directory}/state/genesys-replay/state.db`)),
          Layer.provide(NodeContext.layer)
        )
      ),
      Logger.withMinimumLogLevel(LogLevel.None)
    )
    return path
  })

describe.concurrent("genesys-replay sync", () => {
  it.live(
    "shows what a sink did not take; retry delivers it with the secret of whoever retries, under the same id",
    () =>
      Effect.gen(function* () {
        const receiver = yield* Receiver.Receiver
        const apply = yield* type(["apply", ...flags, "--name", "calls", "--webhook", receiver.url], {
          env: { GENESYS_REPLAY_WEBHOOK_SECRET: "whsec_d3Jvbmc=" }
        })
        expect(apply.code).toBe(0)
        expect(apply.err).toContain("it answered 401")
        const [message] = yield* list("--state", "pending")
        if (message === undefined) return yield* Effect.dieMessage("nothing pending")
        expect(message).toMatchObject({
          window: "calls",
          attempts: 1,
          reason: "it answered 401",
          kind: "replay_config_complete"
        })
        expect(yield* list("--state", "delivered")).toEqual([])
        expect(yield* list("--window", "another")).toEqual([])

        const table = yield* type(["sync", "list"])
        expect(table.out).toMatch(/^ID +WINDOW +WHAT +SINK +STATE +TRIES +NEXT\n/)
        expect(table.out).toContain(`${message.id.slice(0, 10)}  calls`)
        expect(table.out).toContain("it answered 401")
        for (const line of table.out.split("\n")) expect(line.length).toBeLessThanOrEqual(80)
        for (const { err, out } of [apply, table]) expect(out + err).not.toContain("/replays")

        const without = yield* type(["sync", "retry", message.id])
        expect(without.code).toBe(5)
        expect(without.out).toContain("0 delivered, 1 not")
        expect(without.err).toContain("GENESYS_REPLAY_WEBHOOK_SECRET is not set")

        const retry = yield* type(["sync", "retry", message.id.slice(0, 10), "--json"], {
          env: { GENESYS_REPLAY_WEBHOOK_SECRET: Receiver.secretText }
        })
        expect(retry.code).toBe(0)
        expect(listed(retry.out)).toMatchObject({
          messages: [{ id: message.id, state: "delivered" }],
          summary: { delivered: 1, undelivered: 0 }
        })
        expect(retry.err).toContain("delivered  calls  replay_config_complete to webhook http://127.0.0.1")
        expect(yield* receiver.received).toEqual([message.document])
        const trail = yield* type(["audit", "verify"])
        expect(trail.code).toBe(0)
      }).pipe(Effect.provide(world))
  )

  it.live(
    "retry --all revives what was given up and delivers it, in another process than the one that was told of the sink",
    () =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const path = yield* givenUp("one", "two")
        expect(
          (yield* list("--state", "dead")).map(({ attempts, reason, window }) => [window, attempts, reason])
        ).toEqual([
          ["one", 1, "the disk is full"],
          ["two", 1, "the disk is full"]
        ])
        const { code, out } = yield* type(["sync", "retry", "--all"])
        expect([code, out]).toEqual([0, "2 delivered\n"])
        const lines = (yield* files.readFileString(path)).trimEnd().split("\n")
        expect(lines.map((line) => json(line))).toEqual(
          expect.arrayContaining([documentOf("one", 1), documentOf("two", 1)])
        )
        expect(lines).toHaveLength(2)
        expect(yield* type(["sync", "retry", "--all"])).toMatchObject({ code: 0, out: "nothing was given up\n" })
        const { out: audit } = yield* type(["audit", "list", "--action", "sync_replay", "--json"])
        expect(json(audit)).toMatchObject({
          entries: [
            { detail: { dead: true } },
            { detail: { dead: true } },
            { detail: { revived: true } },
            { detail: { revived: true } },
            { detail: { delivered: true } },
            { detail: { delivered: true } }
          ]
        })
      }).pipe(Effect.provide(desk()))
  )

  it.live("2: nothing to retry is named, one that is not there, or both ways at once", () =>
    Effect.gen(function* () {
      for (const [words, problem] of [
        [[], "sync retry needs the id of a sync event, or --all"],
        [["--all", "msg_1"], "--all and ids do not go together"],
        [["msg_nobody"], 'no sync event is called "msg_nobody"']
      ] as const) {
        const { code, err, out } = yield* type(["sync", "retry", ...words])
        expect([code, out]).toEqual([2, ""])
        expect(err).toContain(problem)
        expect(err).toContain("next: genesys-replay sync")
      }
      yield* givenUp("one", "two")
      const { code, err } = yield* type(["sync", "retry", "msg_"])
      expect(code).toBe(2)
      expect(err).toContain('2 sync events begin with "msg_"')
    }).pipe(Effect.provide(desk()))
  )

  it.live("apply --event-bus puts the sync event on the bus", () =>
    Effect.gen(function* () {
      const queue = yield* AwsCall.busIntoQueue({ source: ["genesys-replay"] })
      const { code, err } = yield* type(["apply", ...flags, "--name", "calls", "--event-bus", AwsCall.busArn])
      expect(code).toBe(0)
      expect(err).toContain(`replay_config_complete to event bus ${AwsCall.busArn}`)
      const [message] = yield* list()
      expect(message).toMatchObject({ state: "delivered", sink: `event bus ${AwsCall.busArn}` })
      expect(yield* AwsCall.drain(queue)).toMatchObject([
        { "detail-type": "replay_config_complete", detail: { window: "calls", id: message?.id } }
      ])
    }).pipe(Effect.provide(desk()))
  )

  it.live("2: an event bus that is none is refused before anything is submitted", () =>
    Effect.gen(function* () {
      const { code, err } = yield* type(["apply", ...flags, "--event-bus", "cx"])
      expect(code).toBe(2)
      expect(err).toContain('"cx" is no event bus')
      expect(yield* Effect.flatMap(Sandbox.Sandbox, ({ requests }) => requests.count())).toBe(0)
    }).pipe(Effect.provide(desk()))
  )
})
