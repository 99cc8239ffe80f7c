/** The end of `--timeout`. */
import { Duration, Effect, Option, Schema } from "effect"

/** What was waited for did not end in time. Nothing was stopped. */
export class WaitTimedOut extends Schema.TaggedError<WaitTimedOut>()("WaitTimedOut", {
  /** How long, in words: `5m`. */
  after: Schema.String,
  /** What to type next. */
  remedy: Schema.String
}) {
  override get message(): string {
    return `the replays have not ended within ${this.after}. Nothing was stopped`
  }
}

/** The work, for no longer than that. */
export const within =
  (timeout: Option.Option<Duration.Duration>, remedy: string) =>
  <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E | WaitTimedOut, R> =>
    Option.match(timeout, {
      onNone: () => work,
      onSome: (duration) =>
        Effect.timeoutFail(work, {
          duration,
          onTimeout: () => new WaitTimedOut({ after: Duration.format(duration), remedy })
        })
    })
