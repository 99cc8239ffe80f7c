/**
 * The life of one window as a durable workflow: submit, wait for the end and for what it is proven by, verify, tell the sinks. Each step is an
 * activity under the window's key, and looks at the window's record first: whenever the work is cut off, and wherever it
 * is taken up again, what was done is not done twice.
 */
import * as ClusterSchema from "@effect/cluster/ClusterSchema"
import type { FileSystem } from "@effect/platform"
import * as Activity from "@effect/workflow/Activity"
import * as DurableClock from "@effect/workflow/DurableClock"
import * as Workflow from "@effect/workflow/Workflow"
import type { ReplayProvider } from "@genesys-replay/domain"
import { Cause, type Duration, Effect, Option, Schema, Tracer } from "effect"
import type { AuditTrail } from "../audit/AuditTrail.js"
import * as CanonicalJson from "../digest/CanonicalJson.js"
import type { Database } from "../state/Database.js"
import type { StateUnavailable } from "../state/StateUnavailable.js"
import type { SyncOutbox } from "../sync/SyncOutbox.js"
import type { Runs } from "../window/Runs.js"
import { RunKey, type RunWindow } from "../window/RunWindow.js"
import type { Listeners } from "./Listeners.js"
import * as RecordsWait from "./RecordsWait.js"
import * as ReplayEnd from "./ReplayEnd.js"
import { Shutdown } from "./Shutdown.js"
import * as Submission from "./Submission.js"
import * as Verification from "./Verification.js"
import * as Watch from "./Watch.js"
import * as WindowRecord from "./WindowRecord.js"

/** What the steps of a window run on. */
export type Requirements =
  | Listeners
  | AuditTrail
  | Database
  | FileSystem.FileSystem
  | ReplayProvider.ReplayProvider
  | Runs
  | Shutdown
  | SyncOutbox

/** What keeps the windows of one target from the runners that work for another: they share a database, not credentials. */
export const shardGroupOf = (target: string): string => `t${CanonicalJson.digest(target, 12)}`

/** The group of an engine of many machines that is configured no otherwise. Source: @effect/cluster, ShardingConfig. */
export const defaultShardGroup = "default"

/**
 * The workflow of a window. Its payload is a window's key; the rest is in the record. `shardGroup` is where an engine of many machines
 * runs it: in its default group unless told.
 */
export const make = (shardGroup = defaultShardGroup) =>
  Workflow.make({
    name: "ReplayWindow",
    payload: { key: RunKey },
    idempotencyKey: ({ key }) => key
  }).annotate(ClusterSchema.ShardGroup, () => shardGroup)

export type ReplayWorkflow = ReturnType<typeof make>

// What a person searches traces by.
const described = ({ result, window }: RunWindow) =>
  Effect.annotateCurrentSpan({
    window: window.name,
    ...(result === null || result.id === null ? {} : { "replay.id": result.id })
  })

// One step, as an activity. What a step needs to know beyond the record is an argument of `run`.
const activity = <A, I, R>(
  key: RunKey,
  name: string,
  success: Schema.Schema<A, I>,
  run: (window: RunWindow) => Effect.Effect<A, StateUnavailable, R>
) =>
  Activity.make({
    name,
    success,
    execute: Effect.flatMap(Shutdown, ({ step }) =>
      step(Effect.flatMap(Effect.tap(WindowRecord.load(key), described), run))
    ).pipe(Effect.withSpan(`ReplayWorkflow.${name}`, { attributes: { run: key } }))
  })

// The work on a window outlives who asked for it, and goes on in other processes: it is a trace of its own, linked to that one.
const traced = <A, E, R>(key: RunKey, work: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    // Where it cannot be read, the first step says so.
    const record = yield* Effect.withTracerEnabled(Effect.option(WindowRecord.load(key)), false)
    const askedIn = Option.flatMapNullable(record, (window) => window.askedIn)
    return yield* Effect.withSpan(work, "ReplayWorkflow.steps", {
      root: true,
      attributes: { run: key },
      links: Option.toArray(askedIn).map((span) => ({
        _tag: "SpanLink",
        span: Tracer.externalSpan(span),
        attributes: {}
      }))
    })
  })

// A pause of minutes would otherwise be slept in memory, and begin anew after a restart.
const pause = (name: string, duration: Duration.Duration) =>
  DurableClock.sleep({ name, duration, inMemoryThreshold: "1 millis" })

// Whether the platform's records of the window are there at last.
const recordsAwaited = Effect.fnUntraced(function* (key: RunKey) {
  let found = yield* activity(key, "records", RecordsWait.Looked, RecordsWait.look)
  for (let look = 0; found === "not yet"; look++) {
    yield* pause(`records-${look}`, RecordsWait.pause(look))
    found = yield* activity(key, `records-${look}`, RecordsWait.Looked, RecordsWait.look)
  }
  return found === "available"
})

const inOrder = Effect.fnUntraced(function* (key: RunKey) {
  const { standing, wait } = yield* activity(key, "submit", Submission.Submitted, Submission.run)
  if (standing && wait) {
    let watched = yield* activity(key, "watch", ReplayEnd.Watched, ReplayEnd.watch)
    for (let look = 0; watched.again; look++) {
      yield* pause(`look-${look}`, Watch.pause(look))
      watched = yield* activity(key, `look-${look}`, ReplayEnd.Watched, ReplayEnd.look)
    }
    const { byRecords = false, replay } = watched
    if (replay !== null && (!byRecords || (yield* recordsAwaited(key)))) {
      yield* activity(key, "verify", Schema.Void, (window) => Verification.verify(window, replay))
    }
  }
  // A submission that made nothing has finished the window itself.
  if (standing) yield* activity(key, "sync", Schema.Void, ReplayEnd.sync)
})

/**
 * The steps of one window. Never fails: what goes wrong is in the record. A defect can only be the engine's, which could not
 * keep what it has to: the work of this process halts, and nothing is taken for the end of the window.
 */
export const steps = (key: RunKey) =>
  Effect.catchAllDefect(traced(key, inOrder(key)), (defect) =>
    Effect.flatMap(Shutdown, ({ halt }) => Effect.zipRight(halt(Cause.die(defect)), Effect.never))
  )
