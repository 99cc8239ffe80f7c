/** Calls for records: how they are marked, and what their answers mean. What can go wrong is declared by the domain. */
import { ProviderError } from "@genesys-replay/domain"
import { RecordsApiAbsent } from "@genesys-replay/domain/RecordsError"
import { Effect } from "effect"
import * as PlatformClient from "../client/PlatformClient.js"
import * as PlatformAnswer from "../http/PlatformAnswer.js"
import * as RateLimit from "../rate/RateLimit.js"

export {
  RecordsApiAbsent,
  type RecordsError,
  RecordsNotAvailable,
  RecordsQueryFailed,
  RecordsQueryTimedOut,
  TooManyConversations,
  WindowNotOver
} from "@genesys-replay/domain/RecordsError"

/**
 * The errors of a call to an API that needs `permission`, which a 403 then names; what a 404 means is for the caller to say, as with
 * {@link absent}.
 */
export const ofCall =
  <Absence>(permission: string, notFound: (error: PlatformAnswer.NoSuchEntity) => Absence) =>
  <A, R>(
    call: Effect.Effect<A, PlatformAnswer.PlatformError, R>
  ): Effect.Effect<A, ProviderError.ProviderError | Absence, R> =>
    Effect.mapError(call, (error) => {
      switch (error._tag) {
        case "NotPermitted": {
          const remedy = `Give the OAuth client a role that has the permission ${permission}`
          return new ProviderError.NotPermitted({ ...error, remedy })
        }
        case "NoSuchEntity":
          return notFound(error)
        case "NameTaken":
          return PlatformAnswer.undocumented(error)
        default:
          return error
      }
    })

/** A 404 that means that there is no such API. */
export const absent = ({ correlationId, operation }: PlatformAnswer.NoSuchEntity): RecordsApiAbsent =>
  new RecordsApiAbsent({ operation, ...PlatformAnswer.cited(correlationId) })

/** Marks a call for records: submissions of replays go before it, and as it changes nothing it may be asked twice. */
export const asRead = <A, E, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  RateLimit.background(PlatformClient.readOnly(call))
