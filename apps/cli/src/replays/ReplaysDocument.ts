/** Replays, as `--json` prints them. */
import { Replay } from "@genesys-replay/domain"
import { Schema } from "effect"

/** The document of some replays. */
export const Replays = Schema.Struct({ replays: Schema.Array(Replay.Replay) })
