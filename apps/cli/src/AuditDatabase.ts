/** The audit trail of this machine, loaded with its database driver only where a command needs it. */
import { Effect, Layer } from "effect"

/** The trail in the database that the environment names. */
export const layer = Layer.unwrapEffect(
  Effect.map(
    Effect.promise(() => import("@genesys-replay/pipeline/Database")),
    ({ layerConfig }) => layerConfig
  )
)
