/** The workflow engine that keeps its work in the SQL database of the context: what the engines on a file and on a server share. */
import * as ClusterWorkflowEngine from "@effect/cluster/ClusterWorkflowEngine"
import type * as ShardingConfig from "@effect/cluster/ShardingConfig"
import * as SingleRunner from "@effect/cluster/SingleRunner"
import type * as SqlClient from "@effect/sql/SqlClient"
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import { Duration, FiberRef, Layer, LogLevel } from "effect"
import { shardGroupOf } from "./ReplayWorkflow.js"

/** How the work is shared. */
export interface Options {
  /** Whose windows: a runner takes those of its target only. */
  readonly target: string
  /** `memory` where this process is the only runner, `sql` where runners find each other in the database. */
  readonly runnerStorage: "memory" | "sql"
  /** What else tells the two apart. */
  readonly sharding: Partial<ShardingConfig.ShardingConfig["Type"]>
}

/** The engine. A durable pause ends within a second of its time. */
export const layer = ({
  runnerStorage,
  sharding,
  target
}: Options): Layer.Layer<WorkflowEngine, never, SqlClient.SqlClient> => {
  const group = shardGroupOf(target)
  const runner = SingleRunner.layer({
    runnerStorage,
    shardingConfig: {
      availableShardGroups: [group],
      assignedShardGroups: [group],
      entityMessagePollInterval: Duration.seconds(1),
      // What must be waited for has been by then: see Shutdown.
      entityTerminationTimeout: Duration.millis(100),
      simulateRemoteSerialization: false,
      ...sharding
    }
  })
  return ClusterWorkflowEngine.layer.pipe(
    Layer.provide(runner),
    Layer.orDie,
    // It tells of its shards and messages, which are no news to who replays windows.
    Layer.locally(FiberRef.currentMinimumLogLevel, LogLevel.None)
  )
}
