/** An event bus that programs may put events on: any but a partner's. */
import { EventBusArn } from "@genesys-replay/domain"
import { Effect, Schema } from "effect"

/** The bus of this ARN, or in words why nobody can put events on it. */
export const parse = (text: string): Effect.Effect<EventBusArn.EventBusArn, string> =>
  Schema.decode(EventBusArn.FromString)(text).pipe(
    Effect.mapError(
      () => `${JSON.stringify(text)} is no event bus. Write arn:aws:events:REGION:ACCOUNT:event-bus/NAME`
    ),
    // AWS alone puts events there.
    Effect.filterOrFail(
      ({ bus }) => !bus.startsWith("aws.partner/"),
      ({ bus }) => `${bus} is a partner's: nobody else puts events on it`
    )
  )
