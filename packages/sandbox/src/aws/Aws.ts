/** The AWS side of a sandbox, for those who have the sandbox in their hands. */
import { Context, Effect, Layer, type Redacted } from "effect"
import type { FaultLog } from "../faults/FaultLog.js"
import type { FaultPlan } from "../faults/FaultPlan.js"
import type { Resolved } from "../faults/Settings.js"
import * as Arn from "./Arn.js"
import { Archives } from "./events/Archives.js"
import { Delivery } from "./events/Delivery.js"
import { EventBuses } from "./events/EventBuses.js"
import * as GenesysHistory from "./events/GenesysHistory.js"
import * as LiveEvents from "./events/LiveEvents.js"
import { type Replay, Replays } from "./events/Replays.js"
import { Queues } from "./sqs/Queues.js"

/** What a test or a demo does that AWS has no operation for. */
export interface Aws {
  /** The key that requests are signed with. */
  readonly accessKeyId: string
  readonly secretAccessKey: Redacted.Redacted<string>
  /** The only region: `us-east-1`. */
  readonly region: string
  /** The only account: `123456789012`. */
  readonly account: string
  /** Puts a history of Genesys events into an archive, as if it had been there when they happened. */
  readonly genesysHistory: (options: GenesysHistory.Options) => Effect.Effect<GenesysHistory.Written>
  /** Waits until the replay of this name has ended, and answers it. Waits on, if there is none. */
  readonly replayEnded: (name: string) => Effect.Effect<Replay>
  /** Ends a replay from AWS's side. */
  readonly endReplay: (name: string, state: "CANCELLED" | "FAILED", reason?: string) => Effect.Effect<void>
}

/** Buses, archives, replays and queues. */
export const layer = Layer.merge(Replays.layer, LiveEvents.layer).pipe(
  Layer.provideMerge(Delivery.layer),
  Layer.provideMerge(Layer.mergeAll(Archives.layer, EventBuses.layer, Queues.layer))
)

/** The AWS side out of a sandbox's services. */
export const of = (
  context: Context.Context<Archives | Delivery | EventBuses | FaultPlan | FaultLog | Replays>,
  settings: Resolved
): Aws => {
  const replays = Context.get(context, Replays)
  return {
    accessKeyId: settings.accessKeyId,
    secretAccessKey: settings.secretAccessKey,
    region: Arn.region,
    account: Arn.account,
    genesysHistory: (options) => Effect.provide(GenesysHistory.write(settings, options), context),
    replayEnded: replays.ended,
    endReplay: replays.end
  }
}
