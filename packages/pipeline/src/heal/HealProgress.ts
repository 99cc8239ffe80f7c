/** What happens while a window is healed, for progress lines and the like. */
import type { HealPlan } from "@genesys-replay/domain"
import { Data } from "effect"
import type { ApplyProgress } from "../window/ApplyProgress.js"
import type { HealId, HealRound } from "./HealRecord.js"

/** In this order: `Measured` at every measure; `Planned`, `Replaying` and `RoundEnded` for every round. */
export type HealProgress = Data.TaggedEnum<{
  /** So many events are missing. */
  Measured: { readonly id: HealId; readonly missing: number }
  /** A round begins, or is gone on with (`plan` is undefined then). */
  RoundBegun: { readonly round: HealRound; readonly plan: HealPlan.HealPlan | undefined }
  /** A step of one of its replays. */
  Replaying: { readonly round: HealRound; readonly progress: ApplyProgress }
  /** The round is over: so many came back, and the consumer has so many in all. */
  RoundEnded: { readonly round: HealRound; readonly recovered: number; readonly resent: number }
}>

/** Makes and matches {@link HealProgress}. */
export const { $is, $match, Measured, Replaying, RoundBegun, RoundEnded } = Data.taggedEnum<HealProgress>()
