/**
 * Whether anybody runs what is asked for in a shard group. An engine takes work for every group, also for one that no runner has, and says
 * nothing: so one empty workflow is run there first.
 */
import * as ClusterSchema from "@effect/cluster/ClusterSchema"
import * as Workflow from "@effect/workflow/Workflow"
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import { Cause, Duration, Effect, Layer, Random, Schema } from "effect"
import { ShardGroupUnserved } from "../steps/EngineError.js"
import { Shutdown } from "../steps/Shutdown.js"

/** How long a group that nothing has run in yet is waited for: longer than the locks of a runner that was killed hold (35 s). */
export const defaultTimeout = Duration.minutes(1)

/** From when on it is said in the log that it is waited for. */
export const noteworthy = Duration.seconds(5)

const workflowIn = (shardGroup: string) =>
  Workflow.make({
    name: "ReplayShardGroup",
    // Each start asks anew: that the group was served once says nothing.
    payload: { start: Schema.String },
    idempotencyKey: ({ start }) => start
  }).annotate(ClusterSchema.ShardGroup, () => shardGroup)

/** Ends the work of this process with {@link ShardGroupUnserved} where nothing has run in the group within `timeout`. Waits for nothing itself. */
export const layer = (
  shardGroup: string,
  timeout: Duration.DurationInput = defaultTimeout
): Layer.Layer<never, never, Shutdown | WorkflowEngine> => {
  const workflow = workflowIn(shardGroup)
  const telling = Effect.zipRight(
    Effect.sleep(noteworthy),
    Effect.logWarning(
      `nothing has run in the shard group ${JSON.stringify(shardGroup)} of the workflow engine yet: waiting for a runner that has it`
    )
  )
  const probe = Effect.gen(function* () {
    const { halt } = yield* Shutdown
    const start = (yield* Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER)).toString(36)
    const waited = Duration.decode(timeout)
    yield* Effect.forkScoped(
      Effect.raceFirst(workflow.execute({ start }), Effect.zipRight(telling, Effect.never)).pipe(
        Effect.timeoutFail({ duration: waited, onTimeout: () => new ShardGroupUnserved({ shardGroup, waited }) }),
        Effect.catchAllCause((cause) => (Cause.isInterruptedOnly(cause) ? Effect.void : halt(cause)))
      )
    )
  })
  return Layer.scopedDiscard(probe).pipe(Layer.provide(workflow.toLayer(() => Effect.void)))
}
