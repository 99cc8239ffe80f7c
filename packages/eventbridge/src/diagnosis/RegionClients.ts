/** The clients with which one region of AWS is checked. */
import { CheckOutcome, ProviderError } from "@genesys-replay/domain"
import { Duration, Effect } from "effect"
import { type Client, EventBridgeClients } from "../aws/EventBridgeClients.js"
import { EventBridgeConfig, type Values } from "../aws/EventBridgeConfig.js"
import { type Client as QueueClient, QueueClients } from "./QueueClients.js"

/** The clients of a region, and how long they wait. */
export interface RegionClients {
  /** `us-east-1`. */
  readonly name: string
  readonly client: Client
  readonly queues: QueueClient
  readonly config: Values
}

/** What a check needs. */
export type Services = EventBridgeClients | EventBridgeConfig | QueueClients

/** The clients of the region of this name. */
export const make = (name: string): Effect.Effect<RegionClients, never, Services> =>
  Effect.gen(function* () {
    const config = yield* EventBridgeConfig
    return {
      name,
      client: yield* (yield* EventBridgeClients).of(name),
      queues: yield* (yield* QueueClients).of(name),
      // A check does not wait until an archive that is being made is ready.
      config: { ...config, creation: { ...config.creation, limit: Duration.zero } }
    }
  })

/** A request that the credentials do not allow says nothing about what was asked for: the check is skipped. */
export const unlessDenied = <A, E, R>(
  request: Effect.Effect<A, E | ProviderError.NotPermitted, R>
): Effect.Effect<A, E | ProviderError.NotPermitted | CheckOutcome.Skipped, R> =>
  Effect.mapError(request, (error) =>
    error instanceof ProviderError.NotPermitted
      ? new CheckOutcome.Skipped({ reason: error.reason, remedy: error.remedy ?? null })
      : error
  )

/** The same for one of several requests that a check consists of: what may not be asked for is skipped, and the others count. */
export const orSkipped = <E, R>(request: Effect.Effect<CheckOutcome.CheckOutcome, E | ProviderError.NotPermitted, R>) =>
  unlessDenied(request).pipe(
    Effect.catchIf(
      (error) => error instanceof CheckOutcome.Skipped,
      (skipped) => Effect.succeed(CheckOutcome.ofError(skipped))
    )
  )
