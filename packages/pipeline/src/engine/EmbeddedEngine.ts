/**
 * The engine of one machine. Workflows run in memory, and every step reads the record of its window first: the database file says
 * where to go on. One process at a time works on a file for a target; a second one follows it, and takes over when it ends.
 */
import { FileSystem, Path } from "@effect/platform"
import { WorkflowEngine } from "@effect/workflow"
import { ReplayProvider } from "@genesys-replay/domain"
import { Effect, Layer } from "effect"
import * as ProcessLock from "../state/sqlite/ProcessLock.js"
import { shardGroupOf } from "../steps/ReplayWorkflow.js"
import { Shutdown } from "../steps/Shutdown.js"
import { layerWorker, ReplayEngine, type Requirements } from "./ReplayEngine.js"

/** Where the work is kept. */
export interface Options {
  /** The database file; the lock is made beside it. */
  readonly file: string
  /** Runs once where another process works for the same target: this one follows it, and takes over when it ends. */
  readonly onBusy?: Effect.Effect<void> | undefined
}

const nameOf = (target: string): string => `${shardGroupOf(target)}.lock`

// The locks that processes have left which worked for other targets and were killed.
const tidy = (file: string, own: string) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const directory = path.dirname(file)
    const beginning = `${path.basename(file)}.`
    const isLeft = (name: string) =>
      name.startsWith(beginning) && /^t[0-9a-f]{12}\.lock$/.test(name.slice(beginning.length))
    const names = (yield* files.readDirectory(directory)).filter(
      (name) => isLeft(name) && name !== `${beginning}${own}`
    )
    yield* Effect.forEach(names, (name) => ProcessLock.removeAbandoned(path.join(directory, name)), { discard: true })
  }).pipe(Effect.ignore)

const worker = ({ file, onBusy = Effect.void }: Options) =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const { target } = yield* ReplayProvider.ReplayProvider
      const { halt } = yield* Shutdown
      const own = nameOf(target)
      yield* ProcessLock.acquire(`${file}.${own}`, onBusy).pipe(
        Effect.zipRight(tidy(file, own)),
        Effect.zipRight(Layer.build(Layer.provide(layerWorker(), WorkflowEngine.layerMemory))),
        Effect.catchAllCause(halt),
        Effect.forkScoped
      )
    })
  )

/**
 * Works in this process, unless another process does so for the same target already: then
 * that one works, and this one takes over when it ends. `halted` of the engine fails where the lock cannot be had at all.
 */
export const layer = (options: Options): Layer.Layer<ReplayEngine, never, Path.Path | Requirements> =>
  ReplayEngine.layerOver(worker(options))
