/** How fast a replay advances, and when it will have ended: from two looks at it. */
import { DateTime, Duration, Option } from "effect"
import * as Instant from "../value/Instant.js"
import type { Replay } from "./Replay.js"

/** A replay as it was at an instant. */
export interface Look {
  readonly at: DateTime.Utc
  readonly replay: Replay
}

/** The pace of a replay. */
export interface ReplayPace {
  /** Time of the window that is delivered in the same time of the clock: 60 is an hour in a minute. */
  readonly speed: number
  /** How long the rest will take at this speed. */
  readonly left: Duration.Duration
}

const millis = (text: string | undefined): Option.Option<number> =>
  Option.map(Option.flatMap(Option.fromNullable(text), Instant.parse), DateTime.toEpochMillis)

/**
 * The pace between two looks at one replay: how far the time of its last event came, in how long. None where it did not
 * advance, the provider does not tell, or the replay is at its end. A replay without an end goes up to the instant of the
 * later look.
 */
export const between = (earlier: Look, later: Look): Option.Option<ReplayPace> =>
  Option.all({
    from: millis(earlier.replay.progress.lastReplayedDate ?? earlier.replay.start),
    to: millis(later.replay.progress.lastReplayedDate)
  }).pipe(
    Option.flatMap(({ from, to }) => {
      const elapsed = DateTime.toEpochMillis(later.at) - DateTime.toEpochMillis(earlier.at)
      const end = Option.getOrElse(millis(later.replay.end), () => DateTime.toEpochMillis(later.at))
      if (later.replay.progress.state !== "RUNNING" || elapsed <= 0 || to <= from || end <= to) return Option.none()
      const speed = (to - from) / elapsed
      return Option.some({ speed, left: Duration.millis(Math.round((end - to) / speed)) })
    })
  )
