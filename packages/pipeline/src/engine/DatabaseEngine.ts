/** The engine that belongs to a database: one process at a time on a file, every process its share on PostgreSQL. */
import type { Path } from "@effect/platform"
import { Effect, Layer } from "effect"
import { Database } from "../state/Database.js"
import type { StateUnavailable } from "../state/StateUnavailable.js"
import { ReplayEngine, type Requirements } from "./ReplayEngine.js"

/** How it works. */
export interface Options {
  /** Runs once where another process works on the same file for the same target: this one follows it. */
  readonly onBusy?: Effect.Effect<void> | undefined
}

type Engine = Layer.Layer<ReplayEngine, StateUnavailable, Path.Path | Requirements>

/**
 * On a file one process at a time works for a target, and a second one takes over when it ends; on PostgreSQL every process takes
 * its share. What is begun goes on as soon as a program builds this again on the same database, with a provider of the same target.
 */
export const layer = (options: Options = {}): Engine =>
  Layer.unwrapEffect(
    Effect.gen(function* () {
      const database = yield* Database
      if (database.kind === "memory") return ReplayEngine.layerMemory satisfies Engine
      if (database.kind === "file") {
        const { layer } = yield* Effect.promise(() => import("./EmbeddedEngine.js"))
        const engine: Engine = layer({ file: database.file, ...options })
        return engine
      }
      const { layer } = yield* Effect.promise(() => import("./ClusterEngine.js"))
      return layer
    })
  )
