/** One process at a time works on a heal: two would capture from one queue, and hand the same events on. */
import type { FileSystem } from "@effect/platform"
import { ReplayProvider } from "@genesys-replay/domain"
import { Effect, type Scope } from "effect"
import * as CanonicalJson from "../digest/CanonicalJson.js"
import { Database } from "../state/Database.js"
import type { StateUnavailable } from "../state/StateUnavailable.js"

/**
 * Waits for the lock of the heal with this key, and holds it as long as the scope is open. It is a file beside the database; on PostgreSQL,
 * where processes of several machines share one, nobody is waited for: there it is for the caller to start a heal once.
 */
export const acquire: (
  key: string
) => Effect.Effect<
  void,
  StateUnavailable,
  Database | FileSystem.FileSystem | ReplayProvider.ReplayProvider | Scope.Scope
> = Effect.fn("HealLock.acquire")(function* (key: string) {
  const { kind, location } = yield* Database
  if (kind !== "file") return
  const { target } = yield* ReplayProvider.ReplayProvider
  const { acquire } = yield* Effect.promise(() => import("../state/sqlite/ProcessLock.js"))
  yield* acquire(
    `${location}.h${CanonicalJson.digest([key, target], 12)}.lock`,
    Effect.logInfo("another process works on this heal: waiting until it has ended")
  )
})
