import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { EventLog, LogSource } from "@genesys-replay/eventlog"
import { Sandbox } from "@genesys-replay/sandbox"
import { Effect, Layer, Random, Schedule, Schema } from "effect"
import { json, run, workplace } from "../cli/Run.js"
import { events, layer, queueOf, sizeOf } from "../eventbridge/SandboxQueue.js"

const Summary = Schema.Struct({ captured: Schema.Number, undeleted: Schema.Number, ended: Schema.String })

const sizeOfFile = Effect.fn("sizeOfFile")(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  return yield* files.stat(path).pipe(
    Effect.map(({ size }) => Number(size)),
    Effect.orElseSucceed(() => 0)
  )
})

/** Waits until the file has grown by so many bytes. */
const grown = (path: string, by: number) =>
  Effect.flatMap(sizeOfFile(path), (before) =>
    Effect.repeat(sizeOfFile(path), { until: (size) => size >= before + by, schedule: Schedule.spaced("2 millis") })
  )

describe("capture, killed with SIGKILL at random moments and started again", () => {
  it.scopedLive("loses nothing: verify finds duplicates at most", () =>
    Effect.gen(function* () {
      const count = 4_000
      const kills = 5
      const sandbox = yield* Sandbox.Sandbox
      const queue = yield* queueOf(events(1, count), { visibility: 2 })
      const { directory, env } = yield* workplace()
      const out = `${directory}/captured.ndjson`
      const capture = run(["capture", "--queue", queue, "--out", out, "--idle", "1s", "--json"], {
        env: { ...env, ...Object.fromEntries(sandbox.environment.map((line) => line.split(/=(.*)/s, 2))) }
      })
      for (let kill = 0; kill < kills; kill++) {
        // The loser of the race is killed: somewhere in the next part of the file, also right in a write.
        yield* Effect.race(capture, grown(out, yield* Random.nextIntBetween(1, 400_000)))
      }
      expect(yield* sizeOf(queue)).toBeGreaterThan(0)
      const last = yield* capture
      expect(last.code).toBe(0)
      expect(Schema.decodeUnknownSync(Summary)(json(last.out))).toMatchObject({ undeleted: 0, ended: "idle" })
      expect(yield* sizeOf(queue)).toBe(0)
      const { report } = yield* EventLog.observe([LogSource.file(out)], { expected: { start: 1, end: count } })
      expect(report.rejected.count).toBe(0)
      expect(report.groups).toMatchObject([
        { group: "outage", unique: count, gapCount: 0, outOfRange: 0, isContiguous: true }
      ])
    }).pipe(Effect.withRandom(Random.make("SIGKILL")), Effect.provide(Layer.merge(layer(), NodeContext.layer)))
  )
})
