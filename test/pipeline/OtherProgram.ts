/** Another program on a state file, and how long work that meets its lock may take. */
import { Clock, Duration, Effect, Option } from "effect"
import type { DurationInput } from "effect/Duration"
import Sqlite from "libsql"

/** Another program that has this file open for as long as the scope is, and can hold it. */
export const on = (path: string) =>
  Effect.gen(function* () {
    const db = yield* Effect.acquireRelease(
      Effect.sync(() => new Sqlite(path)),
      (one) => Effect.sync(() => one.close())
    )
    // It waits for its turn as others do.
    db.exec("PRAGMA busy_timeout = 5000")
    return {
      hold: Effect.sync(() => void db.exec("BEGIN EXCLUSIVE")),
      letGo: Effect.sync(() => void (db.inTransaction && db.exec("ROLLBACK")))
    }
  })

// What a machine that has other things to do may take beyond what is allowed.
const margin = Duration.seconds(3)

/** How it ends, and after how many milliseconds. Dies where it takes much longer than `limit`, also where nothing can interrupt it. */
export const inTime = <A, E, R>(limit: DurationInput, work: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const since = yield* Clock.currentTimeMillis
    const exit = yield* Effect.exit(work).pipe(
      Effect.disconnect,
      Effect.timeoutOption(Duration.sum(Duration.decode(limit), margin))
    )
    if (Option.isNone(exit)) return yield* Effect.dieMessage("it waits for longer than it may")
    return { exit: exit.value, after: (yield* Clock.currentTimeMillis) - since }
  })
