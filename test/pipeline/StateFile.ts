/** State files of a test's own. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { type Database, DatabaseEngine, ReplayPipeline, State, SyncOutbox } from "@genesys-replay/pipeline"
import { Effect, Layer } from "effect"

/** A directory that goes with the scope. */
export const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "genesys-replay-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** Everything that is kept in the file. */
export const stateAt = (path: string, options?: Database.Options) =>
  State.layer(`file:${path}`, options).pipe(Layer.provide(NodeContext.layer))

/** What the file cannot be opened for. */
export const failing = (path: string, options?: Database.Options) => Effect.flip(Layer.build(stateAt(path, options)))

/** The pipeline on the database that `url` names, and its engine; provider and sinks are those of the context. */
export const pipelineAt = (url: string, options: Database.Options & DatabaseEngine.Options = {}) => {
  const engine = DatabaseEngine.layer(options)
  return Layer.merge(ReplayPipeline.ReplayPipeline.layerOver(engine), engine).pipe(
    Layer.provideMerge(SyncOutbox.SyncOutbox.layer()),
    Layer.provideMerge(State.layer(url, options))
  )
}
