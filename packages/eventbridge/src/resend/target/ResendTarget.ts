/** Where events can be sent: what all targets have in common. */
import { Effect, Either } from "effect"
import type { SendError } from "../ResendError.js"
import type { ResendEvent } from "../ResendEvent.js"

/** What a target says of one event, once and for all. */
export type Verdict =
  | { readonly _tag: "Acknowledged" }
  /** It would be refused again: the target said why. */
  | { readonly _tag: "Refused"; readonly reason: string }

/** What became of one event. */
export type Outcome =
  | Verdict
  /** Trying ended with this error, or the target cannot be used at all. Whether the target has the event is not known. */
  | { readonly _tag: "Unsent"; readonly error: SendError }

/** The target has it, durably. */
export const acknowledged: Verdict = { _tag: "Acknowledged" }

/** The target does not take it. */
export const refused = (reason: string): Verdict => ({ _tag: "Refused", reason })

/** What becomes of these events where sending any of them fails with an error. */
export const unsent = <R>(
  events: ReadonlyArray<ResendEvent>,
  sending: Effect.Effect<ReadonlyArray<Outcome>, SendError, R>
): Effect.Effect<ReadonlyArray<Outcome>, never, R> =>
  Effect.catchAll(sending, (error) => Effect.succeed(events.map((): Outcome => ({ _tag: "Unsent", error }))))

/** A target. */
export interface ResendTarget {
  /** For people; no secret is in it. */
  readonly name: string
  /** The same for the same target in every process; what was acknowledged is kept under it. No secret is in it. */
  readonly location: string
  /** How much one request takes. */
  readonly batch: { readonly entries: number; readonly bytes: number }
  /** How many requests may be under way at the same time; where order is kept, it is kept all the same. */
  readonly concurrency: number
  /**
   * The group within which the target keeps the order of events, and so must get them in it; undefined where it keeps none. No
   * two events of a group are ever under way together.
   */
  readonly groupOf: ((event: ResendEvent) => string) | undefined
  /** The bytes that the event takes of a request, as the target counts them; left, with the reason, where no request can take it. */
  readonly measure: (event: ResendEvent) => Either.Either<number, string>
  /**
   * Sends one request's worth of events, and answers what became of each, in their order. What may pass is tried again inside.
   */
  readonly send: (events: ReadonlyArray<ResendEvent>) => Effect.Effect<ReadonlyArray<Outcome>>
}

/** How many bytes a text is on its way. */
export const bytesOf = (text: string): number => Buffer.byteLength(text, "utf8")

/** {@link ResendTarget.measure} for a target that takes so many bytes, of which the event has `size`. */
export const within = (size: number, most: number, what: string): Either.Either<number, string> =>
  size <= most ? Either.right(size) : Either.left(`too large: ${size} bytes, and ${what} takes ${most}`)
