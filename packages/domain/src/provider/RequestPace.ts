/** Whether requests wait for a limit of the provider, and how long: for those who show it. */
import { type DateTime, Option } from "effect"

/** How requests stand. */
export interface RequestPace {
  /** Requests that wait to be sent. */
  readonly waiting: number
  /** When the limit lets the next one go; none while it holds nobody back. */
  readonly resumesAt: Option.Option<DateTime.Utc>
  /** Submissions that wait because as many replays are running as may run at once; none where a provider knows no such limit. */
  readonly queued: number
}

/** Nobody waits. */
export const idle: RequestPace = { waiting: 0, resumesAt: Option.none(), queued: 0 }
