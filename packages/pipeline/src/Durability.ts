/**
 * When a transaction is acknowledged: when what it has written outlives a power failure.
 *
 * SQLite can wait for the disk at every commit, with the whole thread. Most of what a workflow engine commits is bookkeeping that
 * a restart makes good by itself, and what must last is often several transactions at once. So the file is committed without
 * waiting, and who must know waits here: one sync of the write-ahead log, off the thread, for all who wait for one. The log is
 * written from front to back; with a transaction, everything before it lasts too.
 */
import { FileSystem } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import { Context, Deferred, Effect, FiberId, Option, Scope } from "effect"

/** Waits until all that was committed so far outlives a power failure. */
export type Flush = Effect.Effect<void, PlatformError>

/** How the database of the context makes commits last; one that does so by itself, as PostgreSQL, has nothing to do. */
export class Durability extends Context.Reference<Durability>()("@genesys-replay/pipeline/Durability", {
  defaultValue: (): Flush => Effect.void
}) {}

/** One call of `sync` for all who wait for one that begins after they asked. */
const shared = (sync: Flush, scope: Scope.Scope) =>
  Effect.map(Effect.makeSemaphore(1), (turn): Flush => {
    let next = Option.none<Deferred.Deferred<void, PlatformError>>()
    // What was committed before this sync begins is in it; who comes later waits for another one.
    const begin = Effect.suspend(() => {
      next = Option.none()
      return sync
    })
    return Effect.suspend(() => {
      if (Option.isSome(next)) return Deferred.await(next.value)
      const mine = Deferred.unsafeMake<void, PlatformError>(FiberId.none)
      next = Option.some(mine)
      return Effect.zipRight(
        Effect.forkIn(Effect.intoDeferred(turn.withPermits(1)(begin), mine), scope),
        Deferred.await(mine)
      )
    })
  })

/** For an SQLite file in WAL mode that is open as long as the scope is. */
export const ofFile = (file: string): Effect.Effect<Flush, never, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const scope = yield* Effect.scope
    // The log is made with the first change, and stays as long as the database is open.
    const log = yield* Effect.cached(files.open(`${file}-wal`, { flag: "r+" }).pipe(Scope.extend(scope)))
    return yield* shared(
      Effect.flatMap(log, ({ sync }) => sync),
      scope
    )
  })
