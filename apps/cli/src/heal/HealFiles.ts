/** The files of a heal, in one directory: what is missing, and what of it the consumer has. */
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

/** Where heals keep them unless they are told: in the state directory of this user. */
export const directory: Effect.Effect<string, never, Path.Path> = Effect.zipWith(
  Path.Path,
  StateDirectory.path,
  ({ join }, state) => join(state, "heal")
)

/** The files of the heal of this id. */
export const of = (directory: string, id: HealRecord.HealId): Effect.Effect<HealFiles, never, Path.Path> =>
  Effect.map(Path.Path, ({ join }) => ({
    missing: join(directory, `${id}.missing.ndjson`),
    acknowledged: join(directory, `${id}.acknowledged`),
    refused: join(directory, `${id}.refused.ndjson`)
  }))
