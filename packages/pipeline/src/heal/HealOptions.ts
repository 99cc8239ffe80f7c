/** How a window is healed: what the caller hands in, as effects that need a network or files. */
import type { ReplaySpec } from "@genesys-replay/domain"
import { Effect } from "effect"
import type { Healed, HealMeasure } from "./HealMeasure.js"
import type { HealProgress } from "./HealProgress.js"
import type * as HealReplays from "./HealReplays.js"
import type { ReplayingError } from "./HealRoundFailed.js"

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
  readonly capture: (replaying: Effect.Effect<void, ReplayingError>) => Effect.Effect<Captured, E | ReplayingError, R>
  /** Hands those on that were missing when the heal began and have come since; each once, whatever is killed. Nobody unless told. */
  readonly resend?: ((healed: Healed) => Effect.Effect<Resent, E, R>) | undefined
  /** At most so many rounds; 3. */
  readonly rounds?: number | undefined
  /** A round that would replay more events is not begun; no limit unless told. */
  readonly maxEvents?: number | undefined
  /** Told of every step. */
  readonly onProgress?: ((progress: HealProgress) => Effect.Effect<void>) | undefined
}

type Steps = "capture" | "measure" | "resend" | "source"

/** Options whose steps fail with, and need, different things. */
export const options = <E1, R1, E2, R2, E3, R3, E4 = never, R4 = never>(
  given: Omit<Options<never, never>, Steps> &
    Pick<Options<E1, R1>, "source"> &
    Pick<Options<E2, R2>, "measure"> &
    Pick<Options<E3, R3>, "capture"> &
    Pick<Options<E4, R4>, "resend">
): Options<E1 | E2 | E3 | E4, R1 | R2 | R3 | R4> => given

/** No consumer is handed anything. */
export const noConsumer: Resent = { resent: 0, refused: 0 }

/** Tells the listener. What it dies of is logged and changes nothing. */
export const tell = <E, R>({ onProgress }: Options<E, R>, progress: HealProgress): Effect.Effect<void> =>
  Effect.suspend(() => onProgress?.(progress) ?? Effect.void).pipe(
    Effect.catchAllDefect((defect) => Effect.logWarning("the progress callback died", defect))
  )
