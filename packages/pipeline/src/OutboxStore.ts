/**
 * Where the messages of the outbox are kept, and who delivers which of them. A lane is one window's name and one sink: the
 * messages of a lane go one after the other. Only the first pending message of a lane can be claimed, and a claim ends by
 * itself: at `until`, by the Clock.
 */
import type { Duration, Effect, Option } from "effect"
import type { StateUnavailable } from "./StateUnavailable.js"
import type { MessageState, SyncMessage } from "./SyncMessage.js"

/** Which messages. Without any field: all. */
export interface Filter {
  readonly state?: MessageState | undefined
  /** Only those of the window of this name. */
  readonly window?: string | undefined
  /** Only those of this window of this run. */
  readonly key?: string | undefined
  /** At most so many: the latest ones, still in order. */
  readonly limit?: number | undefined
}

/** What claims a message: the one who holds the token delivers it, until the claim ends. */
export interface Claim {
  readonly token: string
  /** Milliseconds since 1970. */
  readonly now: number
  /** When the claim ends, in milliseconds since 1970. */
  readonly until: number
}

/** What a message becomes. */
export type Verdict = Pick<SyncMessage, "state" | "attempts" | "reason" | "dueAt">

/** How much there is. */
export interface Tally {
  readonly pending: number
  readonly dead: number
  /** When the oldest pending message was written, in milliseconds since 1970. */
  readonly oldest: Option.Option<number>
}

/** The operations. */
export interface Service {
  /** Writes messages; one that is there already, by `id` and `sink`, stays as it is. */
  readonly add: (messages: ReadonlyArray<SyncMessage>) => Effect.Effect<void, StateUnavailable>
  /** The messages that pass the filter, in the order in which they were written. */
  readonly list: (filter?: Filter) => Effect.Effect<ReadonlyArray<SyncMessage>, StateUnavailable>
  /** For each sink the earliest instant at which a message of it can be claimed, in milliseconds since 1970. */
  readonly due: Effect.Effect<ReadonlyArray<{ readonly sink: string; readonly at: number }>, StateUnavailable>
  /** Claims messages of a sink that are due, the ones that wait longest first. */
  readonly claim: (
    sink: string,
    claim: Claim,
    limit: number
  ) => Effect.Effect<ReadonlyArray<SyncMessage>, StateUnavailable>
  /** Claims the first message of a lane, due or not. None where there is none, or it is claimed. */
  readonly claimFirst: (
    lane: { readonly window: string; readonly sink: string },
    claim: Claim
  ) => Effect.Effect<Option.Option<SyncMessage>, StateUnavailable>
  /** Moves the end of a claim. Nothing where the claim is another's by now. */
  readonly extend: (message: SyncMessage, token: string, until: number) => Effect.Effect<void, StateUnavailable>
  /** Ends a claim with this verdict. False, and nothing is changed, where the claim is another's by now. */
  readonly settle: (message: SyncMessage, token: string, verdict: Verdict) => Effect.Effect<boolean, StateUnavailable>
  /** Makes dead messages pending again, due at `now`, untried: those with these ids, or all. Answers them in order. */
  readonly revive: (
    ids: ReadonlyArray<string> | "all",
    now: number
  ) => Effect.Effect<ReadonlyArray<SyncMessage>, StateUnavailable>
  /** Says why the messages of a sink are not even tried, where nothing else was said of them. */
  readonly excuse: (sink: string, reason: string) => Effect.Effect<void, StateUnavailable>
  readonly tally: Effect.Effect<Tally, StateUnavailable>
  /** How often to look for what other processes have changed; none where there are no others. */
  readonly others: Option.Option<Duration.Duration>
}
