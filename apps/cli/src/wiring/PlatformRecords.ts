/** Genesys Cloud's own records, as the environment configures the platform. */
import { Effect, Layer } from "effect"
import * as Http from "./Http.js"

/** The layer of conversation and audit records. Loads them where a command asks for them. */
export const layer = Layer.unwrapEffect(
  Effect.gen(function* () {
    const Genesys = yield* Effect.promise(() => import("@genesys-replay/genesys/Genesys"))
    const { ConversationRecords } = yield* Effect.promise(() => import("@genesys-replay/genesys/ConversationRecords"))
    const { AuditRecords } = yield* Effect.promise(() => import("@genesys-replay/genesys/AuditRecords"))
    return Layer.merge(ConversationRecords.layer, AuditRecords.layer).pipe(
      Layer.provide(Genesys.layer),
      Layer.provide(Http.layer)
    )
  })
)
