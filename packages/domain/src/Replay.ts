/** A replay as every provider describes it: what `list`, `status` and `submit` answer. */
import { Schema } from "effect"
import { ReplayId, ReplayProgress } from "./EventStream.js"
import { ProviderName } from "./ProviderName.js"

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
export type Replay = typeof Replay.Type
