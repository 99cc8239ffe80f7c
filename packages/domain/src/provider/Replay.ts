/** A replay as every provider describes it: what `list`, `status` and `submit` answer. */
import { DateTime, Option, Schema } from "effect"
import * as Instant from "../value/Instant.js"
import { ProviderName } from "../value/ProviderName.js"
import { ReplayId, ReplayProgress } from "./EventStream.js"

/** A replay at its provider. Optional is what not every provider tells. */
export const Replay = Schema.Struct({
  id: ReplayId,
  name: Schema.String,
  provider: ProviderName,
  /** How far it is; `PENDING` where the provider does not say. */
  progress: ReplayProgress,
  topics: Schema.Array(Schema.String),
  /** Where the window begins, ISO 8601. */
  start: Schema.optional(Schema.String),
  /** Where it ends, ISO 8601; absent where the provider replays up to now. */
  end: Schema.optional(Schema.String),
  retentionDays: Schema.optional(Schema.Number),
  /** The event bus ARN. */
  destination: Schema.optional(Schema.String),
  dateCreated: Schema.optional(Schema.String)
}).annotations({ identifier: "Replay" })

/** See {@link Replay}. */
export interface Replay extends Schema.Schema.Type<typeof Replay> {}

const millis = (text: string | undefined): Option.Option<number> =>
  Option.map(Option.flatMap(Option.fromNullable(text), Instant.parse), DateTime.toEpochMillis)

/**
 * How much of the window is delivered, from 0 to 1: how far the last replayed event time has come from the start to the end,
 * or to `now` where there is no end. 1 when completed, 0 where the provider does not tell.
 */
export const fractionDone = (replay: Replay, now: DateTime.Utc): number => {
  if (replay.progress.state === "COMPLETED") return 1
  const { end, start } = replay
  return Option.match(Option.all({ start: millis(start), last: millis(replay.progress.lastReplayedDate) }), {
    onNone: () => 0,
    onSome: ({ last, start }) => {
      const until = Option.getOrElse(millis(end), () => DateTime.toEpochMillis(now))
      return until <= start ? 0 : Math.min(1, Math.max(0, (last - start) / (until - start)))
    }
  })
}
