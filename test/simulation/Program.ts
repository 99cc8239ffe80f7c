/** The program under test, as one process runs it: the real pipeline on the real workflow engine, over this world. */
import * as ClusterWorkflowEngine from "@effect/cluster/ClusterWorkflowEngine"
import * as MachineId from "@effect/cluster/MachineId"
import * as RunnerHealth from "@effect/cluster/RunnerHealth"
import * as RunnerStorage from "@effect/cluster/RunnerStorage"
import * as Runners from "@effect/cluster/Runners"
import * as Sharding from "@effect/cluster/Sharding"
import * as ShardingConfig from "@effect/cluster/ShardingConfig"
import { FileSystem, HttpClient } from "@effect/platform"
import { WorkflowEngine } from "@effect/workflow"
import { type PlannedWindow, ReplayPlan, type ReplaySpec, SequenceReport } from "@genesys-replay/domain"
import { Genesys } from "@genesys-replay/genesys"
import {
  type ApplyReport,
  type EngineError,
  ReplayEngine,
  ReplayPipeline,
  SyncOutbox,
  SyncSink
} from "@genesys-replay/pipeline"
import { Duration, Effect, Layer, Redacted, Schema } from "effect"
import type { Database } from "./Database.js"
import type { Journal } from "./Journal.js"
import type { Life } from "./Life.js"
import type { Platform } from "./Platform.js"
import * as Receiver from "./Receiver.js"
import * as Wire from "./Wire.js"
import type { World } from "./World.js"

/** Who the program is, to the platform. */
export const client = { id: "client-7", secret: "s3cr3t-of-the-client" }

/** What outlives the processes. */
export interface Lasting {
  readonly world: World
  readonly database: Database
  readonly journal: Journal
  readonly platform: Platform
  readonly deliveries: Receiver.Deliveries
  readonly spec: ReplaySpec.ReplaySpec
  readonly onSend: Wire.Options["onSend"]
}

/** What a process is for. */
export type Task = "apply" | "resume" | "request" | "run" | "revive"

const reportOf = (window: PlannedWindow.PlannedWindow) =>
  Schema.decodeUnknownSync(SequenceReport.GroupReport)({
    group: window.name,
    expected: { start: 1, end: 100, inferred: false },
    observed: 100,
    unique: 100,
    duplicates: 0,
    outOfOrder: 0,
    outOfRange: 0,
    missing: [],
    missingTruncated: false,
    gapCount: 0,
    gapRanges: 0,
    coveragePercentage: 100,
    isContiguous: true
  })

// The engine of many machines, of which every process believes that it has all shards; kept elsewhere than on PostgreSQL.
const workflows = (life: Life, journal: Journal) =>
  ClusterWorkflowEngine.layer.pipe(
    Layer.provide(Sharding.layer),
    Layer.provide(Runners.layerNoop),
    Layer.provide(journal.connect(life)),
    Layer.provide(
      Layer.effect(
        RunnerStorage.RunnerStorage,
        Effect.map(RunnerStorage.makeMemory, (storage) => ({
          ...storage,
          register: (...of: Parameters<typeof storage.register>) =>
            Effect.as(storage.register(...of), MachineId.make(life.number))
        }))
      )
    ),
    Layer.provide(RunnerHealth.layerNoop),
    Layer.provide(
      ShardingConfig.layer({
        availableShardGroups: ["default"],
        assignedShardGroups: ["default"],
        shardsPerGroup: 4,
        entityMessagePollInterval: Duration.seconds(10),
        entityTerminationTimeout: Duration.millis(100),
        refreshAssignmentsInterval: Duration.minutes(1),
        simulateRemoteSerialization: false
      })
    )
  )

/** All layers of one process. */
const surroundings = (lasting: Lasting, life: Life) => {
  const { database, deliveries, onSend, platform, world } = lasting
  const { maxRetries, requestTimeout, tries } = world.scenario
  const hosts = new Map([Receiver.webhookHost(world, deliveries)])
  const http = Layer.succeed(HttpClient.HttpClient, Wire.client(world, { platform, hosts, onSend }, life))
  const genesys = Genesys.layerOf({
    apiUrl: "https://api.example.test",
    loginUrl: "https://login.example.test",
    clientId: client.id,
    clientSecret: Redacted.make(client.secret),
    scope: "",
    retry: { maxRetries, baseDelay: Duration.seconds(1) },
    requestTimeout: Duration.millis(requestTimeout)
  })
  const sinks = Layer.unwrapEffect(
    Effect.map(Receiver.sinks(world, deliveries, life), (sinks) => SyncSink.SyncSinks.layerOf(...sinks))
  )
  const patience = { tries, longestPause: Duration.seconds(30), timeout: Duration.seconds(20) }
  return SyncOutbox.SyncOutbox.layer(patience).pipe(
    Layer.provideMerge(database.connect(life)),
    Layer.provideMerge(sinks),
    Layer.provideMerge(genesys),
    Layer.provideMerge(http),
    Layer.provideMerge(FileSystem.layerNoop({}))
  )
}

/** Runs what a process does with everything around it, on its workflow engine. */
export const provided =
  (lasting: Lasting, life: Life) =>
  <A, E>(
    work: Effect.Effect<A, E, ReplayPipeline.ReplayPipeline | Layer.Layer.Success<ReturnType<typeof surroundings>>>
  ): Effect.Effect<A, E | EngineError.EngineError> => {
    const engine = ReplayPipeline.ReplayPipeline.layerOver(
      ReplayEngine.ReplayEngine.layerOver(
        lasting.world.scenario.clustered
          ? Layer.provide(ReplayEngine.layerWorker(), workflows(life, lasting.journal))
          : Layer.provide(ReplayEngine.layerWorker(), WorkflowEngine.layerMemory)
      )
    )
    return Effect.provide(work, Layer.provideMerge(engine, Layer.orDie(surroundings(lasting, life))))
  }

/** What a process does, from its beginning to its end. The report of what it waited for; none where it waits for nothing. */
export const of = (
  lasting: Lasting,
  life: Life,
  task: Task
): Effect.Effect<ApplyReport.ApplyReport | undefined, EngineError.EngineError> => {
  const { concurrency, verify, wait } = lasting.world.scenario
  const plan = Effect.orDie(ReplayPlan.make(lasting.spec))
  const options = {
    wait: wait && { interval: Duration.seconds(10) },
    concurrency,
    ...(verify
      ? {
          verify: (_: unknown, window: PlannedWindow.PlannedWindow) =>
            Effect.as(Effect.sleep(lasting.world.dice.between(0, 2_000)), reportOf(window))
        }
      : {})
  }
  const working = Effect.gen(function* () {
    const { halted } = yield* ReplayPipeline.ReplayPipeline
    if (task === "apply") return yield* ReplayPipeline.apply(yield* plan, options)
    if (task === "resume") return yield* ReplayPipeline.resume(yield* ReplayPipeline.unfinished, { concurrency })
    if (task === "revive") yield* Effect.flatMap(SyncOutbox.SyncOutbox, ({ retry }) => retry("all"))
    return yield* halted
  })
  const done =
    task === "request"
      ? Effect.flatMap(plan, (plan) => ReplayPipeline.request(plan, { wait })).pipe(
          Effect.as(undefined),
          Effect.provide(Layer.orDie(surroundings(lasting, life)))
        )
      : provided(lasting, life)(working)
  return Effect.catchTag(done, "ProviderMismatch", Effect.die)
}
