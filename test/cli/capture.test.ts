import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Sandbox } from "@genesys-replay/sandbox"
import { DateTime, Deferred, Duration, Effect, Layer } from "effect"
import { event, events, layer, queueOf, sizeOf } from "../eventbridge/SandboxQueue.js"
import * as AwsCall from "../sandbox/AwsCall.js"
import { json, run, workplace } from "./Run.js"

const world = Layer.merge(layer(), NodeContext.layer)

/** Runs `capture` against the sandbox; FILE stands for the file. */
const capture = Effect.fn("capture")(function* (
  args: ReadonlyArray<string>,
  different: Record<string, string> = {},
  onErr?: (text: string) => undefined
) {
  const sandbox = yield* Sandbox.Sandbox
  const files = yield* FileSystem.FileSystem
  const { directory, env } = yield* workplace()
  const out = `${directory}/captured.ndjson`
  const variables = Object.fromEntries(sandbox.environment.map((line) => line.split(/=(.*)/s, 2)))
  const ended = yield* run(["capture", "--out", out, ...args], {
    env: { ...env, ...variables, ...different },
    ...(onErr === undefined ? {} : { onErr })
  })
  const text = yield* Effect.orElseSucceed(files.readFileString(out), () => "")
  return { ...ended, path: out, lines: text.split("\n").filter((line) => line !== "") }
})

describe("capture", () => {
  it.scopedLive("drains a queue until it stays empty, and says what it did in one document", () =>
    Effect.gen(function* () {
      const wrapped = JSON.stringify({ Type: "Notification", Message: event(24) })
      const queue = yield* queueOf([...events(1, 23), wrapped, "no event"], { visibility: 3 })
      const kept = yield* capture(["--queue", queue, "--idle", "1s", "--keep"])
      expect(kept).toMatchObject({ code: 0, lines: { length: 25 } })
      expect(kept.out).toContain("25 kept in the queue, 1 unwrapped: the queue stayed empty")
      // Until what was kept is in sight again: waiting for it would be said.
      yield* Effect.sleep("3 seconds")
      const { code, err, lines, out, path } = yield* capture(["--queue", queue, "--idle", "1s", "--json"])
      expect({ code, err }).toEqual({ code: 0, err: "" })
      expect(json(out)).toEqual({
        captured: 25,
        deleted: 25,
        kept: 0,
        passedOver: 0,
        unwrapped: 1,
        reopened: 0,
        deadLetters: [],
        undeleted: 0,
        out: path,
        ended: "idle",
        left: 0
      })
      expect([...lines].sort()).toEqual([...events(1, 24), '"no event"'].sort())
      expect(yield* sizeOf(queue)).toBe(0)
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("ends after as many as were asked for, and appends when it is run again", () =>
    Effect.gen(function* () {
      const queue = yield* queueOf(events(1, 30))
      const { code, err, lines, out, path } = yield* capture(["--queue", queue, "--count", "12"])
      expect(code).toBe(0)
      expect(out).toBe(`12 captured in ${path}, 12 deleted, 0 unwrapped: as many as were asked for\n`)
      expect(err).toContain(`next: genesys-replay verify ${path}`)
      expect(lines.length).toBe(12)
      expect(yield* sizeOf(queue)).toBe(18)
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("waits for a replay by its name, and exits 3 where that failed", () =>
    Effect.gen(function* () {
      const { aws } = yield* Sandbox.Sandbox
      const queue = yield* queueOf(events(1, 3))
      const now = yield* DateTime.now
      const from = DateTime.subtractDuration(now, Duration.hours(2))
      const until = DateTime.subtractDuration(now, Duration.hours(1))
      const { archiveArn, busArn } = yield* aws.genesysHistory({
        archive: "history",
        topics: ["v2.users.{id}.presence"],
        from,
        until
      })
      const replay = (ReplayName: string) =>
        AwsCall.events((client) =>
          client.startReplay({
            ReplayName,
            EventSourceArn: archiveArn,
            EventStartTime: DateTime.toDateUtc(from),
            EventEndTime: DateTime.toDateUtc(until),
            Destination: { Arn: busArn }
          })
        )
      yield* replay("whole")
      yield* replay("broken")
      yield* aws.endReplay("broken", "FAILED", "the archive is gone")
      const whole = yield* capture(["--queue", queue, "--idle", "1s", "--until", "whole", "--json"])
      expect(whole).toMatchObject({ code: 0, lines: { length: 3 } })
      expect(json(whole.out)).toMatchObject({ captured: 3, ended: "replay" })
      const broken = yield* capture(["--queue", queue, "--idle", "1s", "--until", "broken"])
      expect(broken).toMatchObject({ code: 3, err: expect.stringContaining("the replay broken is FAILED") })
      const unknown = yield* capture(["--queue", queue, "--until", "unknown", "--appears-within", "0s"])
      expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining("there is no such replay") })
      // As README shows it: the capture begins beside the apply, here before it.
      const waits = yield* Deferred.make<void>()
      const [late] = yield* Effect.all(
        [
          capture(["--queue", queue, "--idle", "1s", "--until", "late"], {}, (text) => {
            if (text.includes("waiting for it")) Deferred.unsafeDone(waits, Effect.void)
          }),
          Effect.zipRight(Deferred.await(waits), replay("late"))
        ],
        { concurrency: "unbounded" }
      )
      expect(late).toMatchObject({ code: 0, out: expect.stringContaining("the replay has ended") })
      expect(late.err).toMatch(
        /^there is no replay late yet: waiting for it until \d\d:\d\d:\d\d UTC \(--appears-within\)$/m
      )
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("says what is wrong with its arguments, exit code 2", () =>
    Effect.gen(function* () {
      const queue = yield* queueOf([])
      const wrong = [
        [["--queue", "orders"], "is no URL"],
        [["--queue", "http://sqs.us-east-1.amazonaws.com/123456789012/q"], "not https"],
        [["--queue", queue, "--idle", "soon"], "--idle is no time: soon"],
        [["--queue", queue, "--appears-within", "later"], "--appears-within is no time: later"],
        [["--queue", queue, "--count", "0"], "--count is less than 1"],
        [["--queue", queue, "--pollers", "0"], "--pollers is not from 1 to 64"],
        [["--queue", `${queue}-of-others`], "there is no such queue"],
        [["--queue", `${queue}.fifo`, "--keep"], "is a FIFO queue"],
        [[], "--queue"]
      ] as const
      yield* Effect.forEach(
        wrong,
        ([args, said]) =>
          Effect.map(capture(args), ({ code, err }) => {
            expect({ args, code, err }).toEqual({ args, code: 2, err: expect.stringContaining(said) })
          }),
        { concurrency: 2 }
      )
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("asks the endpoint of the environment, wherever the queue's URL leads, and none in the clear", () =>
    Effect.gen(function* () {
      yield* queueOf(events(1, 2))
      const queue = "https://sqs.us-east-1.amazonaws.com/123456789012/captured"
      const { code, lines } = yield* capture(["--queue", queue, "--count", "2"])
      expect({ code, lines: lines.length }).toEqual({ code: 0, lines: 2 })
      const elsewhere = yield* capture(["--queue", queue], { AWS_ENDPOINT_URL_SQS: "http://sqs.example.com" })
      expect(elsewhere).toMatchObject({ code: 2, err: expect.stringContaining("AWS_ENDPOINT_URL_SQS is not https") })
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("is refused with other credentials, exit code 4, and takes nothing", () =>
    Effect.gen(function* () {
      const queue = yield* queueOf(events(1, 2))
      const refused = yield* capture(["--queue", queue], { AWS_SECRET_ACCESS_KEY: "another" })
      expect(refused).toMatchObject({ code: 4, lines: [] })
      expect(refused.err).toContain("aws sts get-caller-identity")
      expect(yield* sizeOf(queue)).toBe(2)
    }).pipe(Effect.provide(world))
  )
})
