/** The engine of one machine: workflows are kept in the database file itself, and one process at a time works on them. */
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Statement from "@effect/sql/Statement"
import { ReplayProvider } from "@genesys-replay/domain"
import { Effect, Layer } from "effect"
import * as DurableWorkflows from "./DurableWorkflows.js"
import * as EngineStorage from "./EngineStorage.js"
import * as ProcessLock from "./ProcessLock.js"
import { layerWorker, ReplayEngine, type Requirements } from "./ReplayEngine.js"
import { shardGroupOf } from "./ReplayWorkflow.js"
import { Shutdown } from "./Shutdown.js"

/** Where the work is kept. */
export interface Options {
  /** The database file; the lock is made beside it. */
  readonly file: string
  /** Runs once where another process works for the same target: this one follows it, and takes over when it ends. */
  readonly onBusy?: Effect.Effect<void> | undefined
}

// One process has all shards, so that few are enough.
const workflows = (target: string) =>
  DurableWorkflows.layer({
    target,
    storage: EngineStorage.layerSingle,
    compiler: Statement.makeCompilerSqlite(),
    sharding: { shardsPerGroup: 4 }
  })

const worker = ({ file, onBusy = Effect.void }: Options) =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const { target } = yield* ReplayProvider.ReplayProvider
      const { halt } = yield* Shutdown
      const lock = `${file}.${shardGroupOf(target)}.lock`
      yield* ProcessLock.acquire(lock, onBusy).pipe(
        Effect.zipRight(Layer.build(Layer.provide(layerWorker, workflows(target)))),
        Effect.catchAllCause(halt),
        Effect.forkScoped
      )
    })
  )

/**
 * Works in this process, on the database of the context, unless another process does so for the same target already: then
 * that one works, and this one takes over when it ends. `halted` of the engine fails where the lock cannot be had at all.
 */
export const layer = (options: Options): Layer.Layer<ReplayEngine, never, Requirements | SqlClient.SqlClient> =>
  ReplayEngine.layerOver(worker(options))
