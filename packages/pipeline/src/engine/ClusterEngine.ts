/**
 * The engine of many machines: workflows are kept in PostgreSQL, and every process that runs this engine for a target takes
 * its share of the windows. Runners need no connection to each other; the database is where they meet. One that is killed
 * or cut off loses its share to the others after {@link expiration}.
 */
import { RunnerAddress } from "@effect/cluster/RunnerAddress"
import * as PgClient from "@effect/sql-pg/PgClient"
import { ReplayProvider } from "@genesys-replay/domain"
import { Duration, Effect, Layer, Option, Random } from "effect"
import type { StateUnavailable } from "../state/StateUnavailable.js"
import { shardGroupOf } from "../steps/ReplayWorkflow.js"
import * as DurableWorkflows from "./DurableWorkflows.js"
import * as EngineStorage from "./EngineStorage.js"
import { layerWorker, ReplayEngine, type Requirements } from "./ReplayEngine.js"

/** How long a runner that gives no sign of life keeps its share. */
export const expiration = Duration.seconds(10)

// An address nobody connects to: it only tells runners apart.
const address = Effect.map(Random.nextIntBetween(0, 2 ** 40), (number) =>
  Option.some(RunnerAddress.make({ host: `runner-${number.toString(36)}`, port: 0 }))
)

const worker = Layer.unwrapEffect(
  Effect.gen(function* () {
    const { target } = yield* ReplayProvider.ReplayProvider
    const group = shardGroupOf(target)
    const workflows = DurableWorkflows.layer({
      group,
      storage: EngineStorage.layerShared,
      compiler: PgClient.makeCompiler(),
      sharding: {
        runnerAddress: yield* address,
        shardsPerGroup: 60,
        // PostgreSQL's advisory locks are numbered by place in a list of groups, and each target has a list of its own.
        shardLockDisableAdvisory: true,
        shardLockExpiration: expiration,
        shardLockRefreshInterval: Duration.seconds(2),
        refreshAssignmentsInterval: Duration.seconds(1)
      }
    })
    return Layer.provide(layerWorker(group), workflows)
  })
)

/** Takes this process's share of the work for as long as the layer lives. {@link StateUnavailable} where the engine's tables cannot be made. */
export const layer: Layer.Layer<ReplayEngine, StateUnavailable, Requirements> = ReplayEngine.layerOver(worker)
