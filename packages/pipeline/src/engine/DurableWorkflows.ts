/** The workflow engine that keeps its work in the SQL database of the context: what the engines on a file and on a server share. */
import * as ClusterWorkflowEngine from "@effect/cluster/ClusterWorkflowEngine"
import type { MessageStorage } from "@effect/cluster/MessageStorage"
import * as RunnerHealth from "@effect/cluster/RunnerHealth"
import type { RunnerStorage } from "@effect/cluster/RunnerStorage"
import * as Runners from "@effect/cluster/Runners"
import * as Sharding from "@effect/cluster/Sharding"
import * as ShardingConfig from "@effect/cluster/ShardingConfig"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import type { Compiler } from "@effect/sql/Statement"
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import { Cause, Deferred, Duration, Effect, Fiber, FiberRef, Layer, LogLevel, Scope } from "effect"
import { Database } from "../state/Database.js"
import * as SqlFailure from "../state/SqlFailure.js"
import type { StateUnavailable } from "../state/StateUnavailable.js"
import { Shutdown } from "../steps/Shutdown.js"
import * as FailStop from "./FailStop.js"

/** How the work is shared. */
export interface Options {
  /** The shard group of the windows: a runner takes those of its target only. */
  readonly group: string
  /** Where the engine keeps its messages, and finds the other runners. */
  readonly storage: Layer.Layer<
    MessageStorage | RunnerStorage,
    SqlError,
    ShardingConfig.ShardingConfig | SqlClient.SqlClient
  >
  /** What writes statements in the language of the database. */
  readonly compiler: Compiler
  /** What else tells the two apart. */
  readonly sharding: Partial<ShardingConfig.ShardingConfig["Type"]>
}

/** How long an engine whose database is gone has to end: it tries to give back what it holds for ever, and others take that over anyway. */
export const endTimeout = Duration.seconds(3)

const endingWith =
  (halted: Effect.Effect<never, unknown>) =>
  <A, E, R>(layer: Layer.Layer<A, E, R>): Layer.Layer<A, E, R> =>
    Layer.scopedContext(
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const tooLong = Effect.catchAllCause(halted, () => Effect.sleep(endTimeout))
        yield* Effect.addFinalizer((exit) =>
          Effect.gen(function* () {
            // In fibers of their own: who ends may have been interrupted, and is not to be before the engine has ended.
            const over = yield* Deferred.make<void>()
            const end = Deferred.succeed(over, undefined)
            yield* Effect.forkDaemon(Effect.ensuring(Scope.close(scope, exit), end))
            const limit = yield* Effect.forkDaemon(Effect.interruptible(Effect.zipRight(tooLong, end)))
            yield* Effect.zipRight(Deferred.await(over), Fiber.interrupt(limit))
          })
        )
        return yield* Layer.buildWithScope(layer, scope)
      })
    )

/** The engine. A durable pause ends within a second of its time. {@link StateUnavailable} where the database refuses its tables. */
export const layer = ({
  compiler,
  group,
  sharding,
  storage
}: Options): Layer.Layer<WorkflowEngine, StateUnavailable, Database | Shutdown> => {
  const config = ShardingConfig.layerFromEnv({
    availableShardGroups: [group],
    assignedShardGroups: [group],
    entityMessagePollInterval: Duration.seconds(1),
    // What must be waited for has been by then: see Shutdown.
    entityTerminationTimeout: Duration.millis(100),
    simulateRemoteSerialization: false,
    ...sharding
  })
  // As SingleRunner composes them: runners meet in the database, and nowhere else.
  const runner = Sharding.layer.pipe(
    Layer.provideMerge(Runners.layerNoop),
    Layer.provideMerge(storage),
    Layer.provide(RunnerHealth.layerNoop),
    Layer.provide(config)
  )
  const engine = ClusterWorkflowEngine.layer.pipe(
    Layer.provide(runner),
    // It tells of its shards and messages, which are no news to who replays windows.
    Layer.locally(FiberRef.currentMinimumLogLevel, LogLevel.None)
  )
  return Layer.unwrapEffect(
    Effect.gen(function* () {
      const { location, sql } = yield* Database
      const { halt, halted } = yield* Shutdown
      return endingWith(halted)(engine).pipe(
        Layer.provide(FailStop.layer({ compiler, onOutage: (outage) => halt(Cause.die(outage)) })),
        Layer.provide(Layer.succeed(SqlClient.SqlClient, sql)),
        Layer.catchAllCause((cause) => Layer.failCause(SqlFailure.causeAt(location)("opened")(cause)))
      )
    })
  )
}
