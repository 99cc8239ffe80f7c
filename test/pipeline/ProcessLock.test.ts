import { readdirSync, writeFileSync } from "node:fs"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { ReplayEngine, SyncSink } from "@genesys-replay/pipeline"
import { InMemoryProvider } from "@genesys-replay/pipeline/testing"
import { Effect, Exit, Layer, Ref, Scope } from "effect"
import * as ProcessLock from "../../packages/pipeline/src/state/sqlite/ProcessLock.js"
import { directory, pipelineAt } from "./StateFile.js"

/** Holds the lock until it is told otherwise. */
const holder = (file: string, onBusy?: Effect.Effect<void>) =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    yield* Scope.extend(ProcessLock.acquire(file, onBusy), scope)
    return Scope.close(scope, Exit.void)
  })

const locksIn = (path: string) => readdirSync(path).filter((name) => name.endsWith(".lock"))

describe("ProcessLock", () => {
  it.scopedLive("is one process's at a time, and leaves no file behind, whoever waited for it", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const file = `${path}/state.db.lock`
      const holders = yield* Ref.make({ now: 0, most: 0 })
      const work = Effect.scoped(
        Effect.gen(function* () {
          yield* ProcessLock.acquire(file)
          yield* Ref.update(holders, ({ most, now }) => ({ now: now + 1, most: Math.max(most, now + 1) }))
          yield* Effect.sleep("5 millis")
          yield* Ref.update(holders, ({ most, now }) => ({ now: now - 1, most }))
        })
      )
      yield* Effect.all(
        Array.from({ length: 6 }, () => work),
        { concurrency: "unbounded" }
      )
      expect(yield* Ref.get(holders)).toEqual({ now: 0, most: 1 })
      expect(locksIn(path)).toEqual([])
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("a file that was left is taken away, unless somebody holds it", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const [left, held] = [`${path}/left.lock`, `${path}/held.lock`]
      writeFileSync(left, "")
      const release = yield* holder(held)
      yield* Effect.forEach([left, held, `${path}/none.lock`], ProcessLock.removeAbandoned)
      expect(locksIn(path)).toEqual(["held.lock"])
      yield* release
      expect(locksIn(path)).toEqual([])
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("an engine clears away what processes left that worked for another target and were killed", () =>
    Effect.gen(function* () {
      const path = yield* directory
      writeFileSync(`${path}/state.db.t0123456789ab.lock`, "")
      writeFileSync(`${path}/mine.lock`, "")
      yield* Effect.provide(
        Effect.flatMap(ReplayEngine.ReplayEngine, () =>
          Effect.repeat(
            Effect.delay(
              Effect.sync(() => locksIn(path)),
              "20 millis"
            ),
            {
              until: (names) => !names.includes("state.db.t0123456789ab.lock"),
              times: 200
            }
          )
        ),
        Layer.provide(
          pipelineAt(`file:${path}/state.db`),
          Layer.mergeAll(InMemoryProvider.layer(), SyncSink.SyncSinks.layerNone, NodeContext.layer)
        )
      )
      expect(locksIn(path)).toEqual(["mine.lock"])
    })
  )
})
