/** How a window is healed: what the caller hands in, as effects that need a network or files. */
import type { ReplaySpec } from "@genesys-replay/domain"
import { Effect } from "effect"
import type { Healed, HealMeasure } from "./HealMeasure.js"
import type { HealProgress } from "./HealProgress.js"
import type * as HealReplays from "./HealReplays.js"

/** What a capture brought. */
export interface Captured {
  readonly captured: number
}

/** What a consumer has by now. */
export interface Resent {
  /** Events of this heal that it has acknowledged, in this process and earlier ones. */
  readonly resent: number
  /** Events that it refused. */
  readonly refused: number
}

/** How a window is healed. Effects of the caller do what needs a network or files. */
export interface Options<E, R> extends HealReplays.Options<E, R> {
  /** What heals are told apart by: the same for the same command. One that has not ended is gone on with. */
  readonly key: string
  /** What is replayed: one window; what a restart finds is what the first start meant. */
  readonly spec: ReplaySpec.ReplaySpec
  /** What the program needs to go on with it in another process, as JSON; kept, and not looked at. */
  readonly asked?: unknown
  /** What is missing now. The first time it is called for a new heal, it has to keep which events those are, for `resend`. */
  readonly measure: (healed: Healed) => Effect.Effect<HealMeasure, E, R>
  /** Captures what comes, while `replaying` goes on and until nothing comes any more; fails with what `replaying` fails with. */
  readonly capture: <E2, R2>(replaying: Effect.Effect<void, E2, R2>) => Effect.Effect<Captured, E | E2, R | R2>
  /** Hands those on that were missing when the heal began and have come since; each once, whatever is killed. Nobody unless told. */
  readonly resend?: ((healed: Healed) => Effect.Effect<Resent, E, R>) | undefined
  /** At most so many rounds; 3. */
  readonly rounds?: number | undefined
  /** A round that would replay more events is not begun; no limit unless told. */
  readonly maxEvents?: number | undefined
  /** Told of every step. */
  readonly onProgress?: ((progress: HealProgress) => Effect.Effect<void>) | undefined
}

/** No consumer is handed anything. */
export const noConsumer: Resent = { resent: 0, refused: 0 }

/** Tells the listener. What it dies of is logged and changes nothing. */
export const tell = <E, R>({ onProgress }: Options<E, R>, progress: HealProgress): Effect.Effect<void> =>
  Effect.suspend(() => onProgress?.(progress) ?? Effect.void).pipe(
    Effect.catchAllDefect((defect) => Effect.logWarning("the progress callback died", defect))
  )
