import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { EventLog, LogSource } from "@genesys-replay/eventlog"
import { Sandbox } from "@genesys-replay/sandbox"
import { Effect, Layer, Random, Schema } from "effect"
import { json, run, workplace } from "../cli/Run.js"
import { events, layer, queueOf, sizeOf } from "../eventbridge/SandboxQueue.js"
import { grown } from "./Growth.js"
import * as Process from "./Process.js"

const Summary = Schema.Struct({
  captured: Schema.Number,
  deleted: Schema.Number,
  undeleted: Schema.Number,
  ended: Schema.String
})

const decode = Schema.decodeUnknownSync(Summary)

/** A queue of so many events, each hidden from others for so many seconds once it was taken; and the command line that drains it into a file. */
const capturing = Effect.fn("capturing")(function* (count: number, visibility: number) {
  const sandbox = yield* Sandbox.Sandbox
  const queue = yield* queueOf(events(1, count), { visibility })
  const { directory, env } = yield* workplace()
  const out = `${directory}/captured.ndjson`
  return {
    queue,
    out,
    args: ["capture", "--queue", queue, "--out", out, "--idle", "1s", "--json"],
    env: { ...env, ...Object.fromEntries(sandbox.environment.map((line) => line.split(/=(.*)/s, 2))) }
  }
})

const reportOf = (out: string, count: number) =>
  Effect.map(EventLog.observe([LogSource.file(out)], { expected: { start: 1, end: count } }), ({ report }) => report)

const world = () => Layer.merge(layer(), NodeContext.layer)

describe("capture, killed with SIGKILL at random moments and started again", () => {
  it.scopedLive("loses nothing: verify finds duplicates at most", () =>
    Effect.gen(function* () {
      const count = 2_000
      const kills = 3
      const { args, env, out, queue } = yield* capturing(count, 2)
      for (let kill = 0; kill < kills; kill++) {
        // The loser of the race is killed: somewhere in the next part of the file, also right in a write.
        yield* Effect.race(run(args, { env }), grown(out, yield* Random.nextIntBetween(1, 150_000)))
      }
      expect(yield* sizeOf(queue)).toBeGreaterThan(0)
      const last = yield* run(args, { env })
      expect(last.code).toBe(0)
      expect(decode(json(last.out))).toMatchObject({ undeleted: 0, ended: "idle" })
      expect(yield* sizeOf(queue)).toBe(0)
      const report = yield* reportOf(out, count)
      expect(report.rejected.count).toBe(0)
      expect(report.groups).toMatchObject([
        { group: "outage", unique: count, gapCount: 0, outOfRange: 0, isContiguous: true }
      ])
    }).pipe(Effect.withRandom(Random.make("SIGKILL")), Effect.provide(world()))
  )
})

describe("capture, interrupted with Ctrl-C", () => {
  it.scopedLive("deletes what it has written, says so, and goes on when it is started again", () =>
    Effect.gen(function* () {
      const count = 1_000
      // Longer than a busy machine needs from taking a message to deleting it: else it comes a second time.
      const { args, env, out, queue } = yield* capturing(count, 15)
      const process = yield* Process.start(args, env)
      yield* grown(out, 50_000)
      yield* process.signal("SIGINT")
      const interrupted = yield* process.ended
      expect(interrupted.code).toBe(130)
      const first = decode(json(interrupted.out))
      expect(first).toMatchObject({ undeleted: 0, ended: "interrupted" })
      expect(first.captured).toBeGreaterThan(0)
      expect(yield* sizeOf(queue)).toBe(count - first.captured)
      const second = decode(json((yield* run(args, { env })).out))
      expect(first.captured + second.captured).toBe(count)
      expect(yield* reportOf(out, count)).toMatchObject({
        isContiguous: true,
        groups: [{ unique: count, duplicates: 0 }],
        rejected: { count: 0 }
      })
    }).pipe(Effect.provide(world()))
  )
})
