/** Who starts, finds and stops replays. Declared here, implemented by the provider packages. */
import { Context, type Effect, type Option, type Stream, type Subscribable } from "effect"
import type { Finding } from "../plan/Finding.js"
import type { PlannedWindow } from "../plan/PlannedWindow.js"
import type { ProviderName } from "../value/ProviderName.js"
import type { ReplayId } from "./EventStream.js"
import type { ProviderError, ReplayNotFound, SubmissionError } from "./ProviderError.js"
import type { Replay } from "./Replay.js"
import type { RequestPace } from "./RequestPace.js"

/**
 * How a submitted window stands.
 *
 * - `created`: this submission made the replay;
 * - `unchanged`: it was there already, with the same payload;
 * - `adopted`: the outcome of an earlier request of this submission was unknown, and it turned out to have made the replay.
 */
export type SubmissionOutcome = "created" | "unchanged" | "adopted"

/** A window that now has a replay. */
export interface Submission {
  readonly outcome: SubmissionOutcome
  readonly replay: Replay
  /** The provider's id of the exchange, where there is one. */
  readonly correlationId?: string | undefined
}

/** The operations of a provider. Every one has its time-outs and retries inside. */
export interface Service {
  readonly provider: ProviderName
  /**
   * Whom it talks to and as whom, in words that hold no secret: `https://api.mypurecloud.com as CLIENT`. A window that was
   * taken on for one target is never submitted to another.
   */
  readonly target: string
  /**
   * Makes sure that exactly one replay of this window exists. A request whose outcome is unknown is looked up by name,
   * never blindly repeated; submitting the same window again is always safe. `ReplayConflict` where the name is taken
   * by a replay with another payload, `ReplayRefused` where the provider's own rules speak against it.
   */
  readonly submit: (window: PlannedWindow) => Effect.Effect<Submission, SubmissionError>
  /**
   * What there is to say of submitting this window, asked of the provider: whether its name is free, and whether there is what it
   * needs. Nothing is changed there. The path of a finding begins at the window: `archive`, `topics[0]`.
   */
  readonly check: (window: PlannedWindow) => Effect.Effect<ReadonlyArray<Finding>, ProviderError>
  /** The replay with exactly this name. */
  readonly findByName: (name: string) => Effect.Effect<Option.Option<Replay>, ProviderError>
  /** The replay with this id, with its progress now. */
  readonly describe: (id: ReplayId) => Effect.Effect<Replay, ProviderError | ReplayNotFound>
  /** All replays, page by page as they are pulled; only those with this name, where one is given. */
  readonly list: (options?: { readonly name?: string | undefined }) => Stream.Stream<Replay, ProviderError>
  /** Stops a replay. What was delivered stays delivered. */
  readonly cancel: (id: ReplayId) => Effect.Effect<void, ProviderError | ReplayNotFound>
  /** How its requests stand with the provider's limit, now and as it changes; absent where it paces none. */
  readonly pace?: Subscribable.Subscribable<RequestPace>
}

/** The service tag; `EventStreams.layer` of `@genesys-replay/genesys` is one implementation. */
export class ReplayProvider extends Context.Tag("@genesys-replay/domain/ReplayProvider")<ReplayProvider, Service>() {}
