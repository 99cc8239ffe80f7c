/**
 * Who does the work: takes windows up as they are asked for, by this process or another, drives their workflows, and
 * delivers what the outbox holds. The layers differ only in where the work is kept and how many share it.
 */
import { WorkflowEngine } from "@effect/workflow"
import { ReplayProvider } from "@genesys-replay/domain"
import { Cause, Chunk, Context, type Duration, Effect, FiberRef, Layer, Option, Queue } from "effect"
import { Database } from "../state/Database.js"
import * as SqlFailure from "../state/SqlFailure.js"
import type { StateUnavailable } from "../state/StateUnavailable.js"
import { type EngineError, ShardGroupUnserved } from "../steps/EngineError.js"
import { Listeners } from "../steps/Listeners.js"
import * as ReplayWorkflow from "../steps/ReplayWorkflow.js"
import { Shutdown } from "../steps/Shutdown.js"
import { SyncOutbox } from "../sync/SyncOutbox.js"
import { Runs } from "../window/Runs.js"
import type { RunKey } from "../window/RunWindow.js"
import * as ShardGroupProbe from "./ShardGroupProbe.js"

/** The operations. */
export interface Service {
  /** Listens to windows for as long as the scope is open. */
  readonly listen: Context.Tag.Service<typeof Listeners>["listen"]
  /**
   * Fails when this process cannot go on, because what is kept is not available, or nobody runs the shard group of the windows. The
   * next start goes on from there.
   */
  readonly halted: Effect.Effect<never, EngineError>
}

/** What an engine works with. */
export type Requirements = Exclude<ReplayWorkflow.Requirements, Listeners | Shutdown>

const work = (workflow: ReplayWorkflow.ReplayWorkflow, target: string) =>
  Effect.gen(function* () {
    const runs = yield* Runs
    const outbox = yield* SyncOutbox
    const { halt, stop } = yield* Shutdown
    const begun = new Set<RunKey>()
    const news = yield* runs.announcements
    const take = Effect.gen(function* () {
      for (const key of yield* runs.open(target)) {
        if (begun.has(key)) continue
        begun.add(key)
        yield* workflow.execute({ key }, { discard: true })
      }
    })
    // What is announced is mostly how far a window is that was begun long ago.
    const asked = Effect.repeat(Queue.take(news), { until: (key) => !begun.has(key) })
    const wake = Option.match(runs.others, {
      onNone: () => asked,
      onSome: (pause) => Effect.raceFirst(asked, Effect.sleep(pause))
    })
    const forEver = (effect: Effect.Effect<never, StateUnavailable>) =>
      Effect.forkScoped(
        Effect.catchAllCause(effect, (cause) => (Cause.isInterruptedOnly(cause) ? Effect.void : halt(cause)))
      )
    const services = yield* Effect.context<WorkflowEngine.WorkflowEngine>()
    // Ended from the last line to the first: nothing new is begun, what is under way ends, and meanwhile the sinks are told of it.
    yield* forEver(outbox.run)
    yield* Effect.addFinalizer(() => stop)
    yield* forEver(Effect.provide(Effect.forever(Effect.zipRight(take, wake)), services))
  }).pipe(Effect.withSpan("ReplayEngine.work", { attributes: { target } }))

/**
 * The worker of the windows that are for the provider's target, over a workflow engine; the layers of {@link ReplayEngine} are made of
 * it. A program that has an engine of its own builds on this: its runners all work for one target, and `shardGroup` must be one of
 * the engine's, which its default group is.
 */
export const layerWorker = (
  shardGroup?: string
): Layer.Layer<never, never, ReplayWorkflow.Requirements | WorkflowEngine.WorkflowEngine> =>
  Layer.unwrapEffect(
    Effect.gen(function* () {
      const { target } = yield* ReplayProvider.ReplayProvider
      const level = yield* FiberRef.get(FiberRef.currentMinimumLogLevel)
      const workflow = ReplayWorkflow.make(shardGroup)
      // However quiet the engine is, the steps log as the program does.
      const steps = ({ key }: { readonly key: RunKey }) =>
        Effect.locally(ReplayWorkflow.steps(key), FiberRef.currentMinimumLogLevel, level)
      return Layer.scopedDiscard(work(workflow, target)).pipe(Layer.provide(workflow.toLayer(steps)))
    })
  )

/** The tag. An engine works from the moment its layer is built until its scope ends. */
export class ReplayEngine extends Context.Tag("@genesys-replay/pipeline/ReplayEngine")<ReplayEngine, Service>() {
  /** Over the services of its own that a worker shares with who asks. */
  static readonly layerOver = <E, R>(
    worker: Layer.Layer<never, E, R>
  ): Layer.Layer<ReplayEngine, E, Database | Exclude<R, Listeners | Shutdown>> =>
    Layer.effect(
      ReplayEngine,
      Effect.gen(function* () {
        const { listen } = yield* Listeners
        const { halted } = yield* Shutdown
        const { location } = yield* Database
        // The workflow engine dies of what its storage fails with.
        const explained = (cause: Cause.Cause<EngineError>): Cause.Cause<EngineError> =>
          Chunk.some(Cause.failures(cause), (error) => error instanceof ShardGroupUnserved)
            ? cause
            : SqlFailure.causeAt(location)("written")(cause)
        return { listen, halted: Effect.mapErrorCause(halted, explained) }
      })
    ).pipe(Layer.provideMerge(worker), Layer.provide(Layer.merge(Listeners.layer, Shutdown.layer)))

  /**
   * In a workflow engine of the program's own, whose runners all work for one target: in this shard group, or its default one. `halted`
   * fails with `ShardGroupUnserved` where no runner runs anything there within `timeout`.
   */
  static readonly layerIn = <E, R>(
    engine: Layer.Layer<WorkflowEngine.WorkflowEngine, E, R>,
    shardGroup: string = ReplayWorkflow.defaultShardGroup,
    timeout?: Duration.DurationInput
  ): Layer.Layer<ReplayEngine, E, Requirements | R> => {
    const worker = Layer.merge(layerWorker(shardGroup), ShardGroupProbe.layer(shardGroup, timeout))
    return ReplayEngine.layerOver(Layer.provide(worker, engine))
  }

  /** Works in this process, and forgets with it how far the workflows are; the records in `Runs` say what is to be done. For tests and trials. */
  static readonly layerMemory: Layer.Layer<ReplayEngine, never, Requirements> = ReplayEngine.layerOver(
    Layer.provide(layerWorker(), WorkflowEngine.layerMemory)
  )
}
