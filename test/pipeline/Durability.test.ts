import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { AuditTrail, Transaction } from "@genesys-replay/pipeline"
import * as Database from "@genesys-replay/pipeline/Database"
import { Effect, Layer, Ref } from "effect"
import { entryOf } from "./AuditEntries.js"

/** A file system that counts the syncs of each file; `sync` takes as long as the real one. */
const counting = Effect.gen(function* () {
  const syncs = yield* Ref.make<ReadonlyArray<string>>([])
  const real = yield* FileSystem.FileSystem
  const files: FileSystem.FileSystem = {
    ...real,
    open: (path, options) =>
      Effect.map(real.open(path, options), (file) => ({
        ...file,
        sync: Effect.zipRight(
          Ref.update(syncs, (all) => [...all, path]),
          file.sync
        )
      }))
  }
  return { files, syncs }
})

const entry = entryOf("outage", "submit_replay_config", "2024-01-15T08:00:00Z")

const withState = <A, E>(
  use: (
    syncs: Effect.Effect<ReadonlyArray<string>>
  ) => Effect.Effect<A, E, AuditTrail.AuditTrail | Transaction.Transaction>
) =>
  Effect.gen(function* () {
    const { files, syncs } = yield* counting
    const directory = yield* files.makeTempDirectoryScoped()
    const state = Database.layerState(`file:${directory}/state.db`).pipe(
      Layer.provide(Layer.succeed(FileSystem.FileSystem, files)),
      Layer.provide(NodeContext.layer)
    )
    return yield* Effect.provide(use(Ref.get(syncs)), state)
  }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))

describe("Durability of a file", () => {
  it.live("acknowledges a transaction once the log that holds it is synced, and only the outermost waits", () =>
    withState((syncs) =>
      Effect.gen(function* () {
        const trail = yield* AuditTrail.AuditTrail
        const before = yield* syncs
        yield* Transaction.atomically(Effect.zipRight(trail.record(entry), trail.record(entry)))
        const after = yield* syncs
        expect(after.length - before.length).toBe(1)
        expect(after.at(-1)).toMatch(/state\.db-wal$/)
      })
    )
  )

  it.live("syncs once for all who wait for a sync that has not begun", () =>
    withState((syncs) =>
      Effect.gen(function* () {
        const trail = yield* AuditTrail.AuditTrail
        const before = (yield* syncs).length
        yield* Effect.forEach(Array.from({ length: 40 }), () => trail.record(entry), { concurrency: "unbounded" })
        expect((yield* trail.list()).length).toBe(40)
        const count = (yield* syncs).length - before
        expect(count).toBeGreaterThan(0)
        expect(count).toBeLessThan(30)
      })
    )
  )
})
