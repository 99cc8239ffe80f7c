/** What one region of AWS is looked at with. */
import { CheckOutcome, ProviderError } from "@genesys-replay/domain"
import { Duration, Effect } from "effect"
import { type Client, EventBridgeClients } from "../aws/EventBridgeClients.js"
import { EventBridgeConfig, type Values } from "../aws/EventBridgeConfig.js"
import { type Client as QueueClient, QueueClients } from "./QueueClients.js"

/** The clients of a region, and how patient they are. */
export interface RegionLooks {
  /** `us-east-1`. */
  readonly name: string
  readonly client: Client
  readonly queues: QueueClient
  readonly config: Values
}

/** What looking needs. */
export type Services = EventBridgeClients | EventBridgeConfig | QueueClients

/** The looks at the region of this name. */
export const make = (name: string): Effect.Effect<RegionLooks, never, Services> =>
  Effect.gen(function* () {
    const config = yield* EventBridgeConfig
    return {
      name,
      client: yield* (yield* EventBridgeClients).of(name),
      queues: yield* (yield* QueueClients).of(name),
      // A look does not wait until an archive that is being made is ready.
      config: { ...config, creation: { ...config.creation, limit: Duration.zero } }
    }
  })

/** A look that the credentials do not allow says nothing about what was looked for: the check is skipped. */
export const unlessDenied = <A, E, R>(
  look: Effect.Effect<A, E | ProviderError.NotPermitted, R>
): Effect.Effect<A, E | ProviderError.NotPermitted | CheckOutcome.Skipped, R> =>
  Effect.mapError(look, (error) =>
    error instanceof ProviderError.NotPermitted
      ? new CheckOutcome.Skipped({ reason: error.reason, remedy: error.remedy ?? null })
      : error
  )

/** The same for one of several looks that a check consists of: what may not be looked at is skipped, and the others count. */
export const orSkipped = <E, R>(look: Effect.Effect<CheckOutcome.CheckOutcome, E | ProviderError.NotPermitted, R>) =>
  unlessDenied(look).pipe(
    Effect.catchIf(
      (error) => error instanceof CheckOutcome.Skipped,
      (skipped) => Effect.succeed(CheckOutcome.ofError(skipped))
    )
  )
