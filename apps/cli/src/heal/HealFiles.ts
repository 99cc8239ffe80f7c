/** The files of a heal, in the state directory: what is missing, and what of it the consumer has. */
import { Path } from "@effect/platform"
import type { HealRecord } from "@genesys-replay/pipeline"
import { Effect } from "effect"
import * as StateDirectory from "../wiring/StateDirectory.js"

/** Where they are. */
export interface HealFiles {
  /** The events that were missing when it began, as `resend --only` reads them. */
  readonly missing: string
  /** What the consumer has acknowledged. */
  readonly acknowledged: string
  /** What it refused, with the reasons. */
  readonly refused: string
}

/** The files of the heal of this id. */
export const of = (id: HealRecord.HealId): Effect.Effect<HealFiles, never, Path.Path> =>
  Effect.zipWith(Path.Path, StateDirectory.path, ({ join }, directory) => ({
    missing: join(directory, "heal", `${id}.missing.ndjson`),
    acknowledged: join(directory, "heal", `${id}.acknowledged`),
    refused: join(directory, "heal", `${id}.refused.ndjson`)
  }))
