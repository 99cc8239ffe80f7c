/** One call to EventBridge: in bounded time, its failure read, tried again as the retry policy says. */
import { type ProviderError, RetryPolicy } from "@genesys-replay/domain"
import { Duration, Effect, type Option } from "effect"
import * as AwsFailure from "./AwsFailure.js"
import type { Values } from "./EventBridgeConfig.js"

/** What a call fails with when trying has ended. */
export type CallError = ProviderError.ProviderError | AwsFailure.AwsException

/** One try of `action` (`StartReplay`). */
export const once = <A, E>(
  { requestTimeout }: Pick<Values, "requestTimeout">,
  action: string,
  request: Effect.Effect<A, E>
): Effect.Effect<A, AwsFailure.AwsError> =>
  request.pipe(
    Effect.mapError((error) => AwsFailure.of(`events:${action}`, error)),
    Effect.timeoutFail({
      duration: requestTimeout,
      onTimeout: () => AwsFailure.timedOut(Duration.toSeconds(requestTimeout))
    })
  )

/** `action`, tried again as often as the policy says: for calls that can be repeated safely. */
export const repeatable = <A, E>(
  config: Pick<Values, "requestTimeout" | "retry">,
  action: string,
  request: Effect.Effect<A, E>
): Effect.Effect<A, CallError> =>
  RetryPolicy.retrying({ policy: config.retry, operation: `events:${action}`, repeatable: true }, () =>
    once(config, action, request)
  )

/** The call where no exception means anything particular. */
export const plain = <A>(call: Effect.Effect<A, CallError>): Effect.Effect<A, ProviderError.ProviderError> =>
  Effect.catchTag(call, "AwsException", (exception) => Effect.fail(AwsFailure.rejected(exception)))

/** What the call answers, none where AWS has no such thing (`ResourceNotFoundException`); other exceptions mean nothing particular. */
export const found = <A>(
  call: Effect.Effect<A, CallError>
): Effect.Effect<Option.Option<A>, ProviderError.ProviderError> =>
  call.pipe(
    Effect.asSome,
    Effect.catchIf(
      (error) => error._tag === "AwsException" && error.code === "ResourceNotFoundException",
      () => Effect.succeedNone
    ),
    plain
  )
