/** One process at a time works on a heal: two would capture from one queue, and hand the same events on. */
import type { FileSystem } from "@effect/platform"
import * as SqlClient from "@effect/sql/SqlClient"
import { ReplayProvider } from "@genesys-replay/domain"
import { Deferred, Effect, Fiber, Schedule, type Scope } from "effect"
import * as CanonicalJson from "../digest/CanonicalJson.js"
import { Database } from "../state/Database.js"
import * as AdvisoryLock from "../state/postgres/AdvisoryLock.js"
import * as SqlFailure from "../state/SqlFailure.js"
import { StateUnavailable } from "../state/StateUnavailable.js"

/** What the lock needs. */
export type Needs = Database | FileSystem.FileSystem | ReplayProvider.ReplayProvider | Scope.Scope

/** The lock, held. */
export interface Held {
  /** Fails when it is lost, as the connection to the server is that holds it: work on the heal must end then. */
  readonly lost: Effect.Effect<never, StateUnavailable>
}

// How often a lock that another process holds is asked for again, and whether the connection is there that holds this one.
const [interval, glance] = ["250 millis", "5 seconds"] as const

const onServer = Effect.fn("HealLock.onServer")(function* (name: string, isPatient: boolean) {
  const { location, sql } = yield* Database
  const { attempt, check } = yield* Effect.provideService(AdvisoryLock.make(name), SqlClient.SqlClient, sql)
  const said = yield* Effect.cached(waiting)
  const patient = Effect.tap(attempt, (held) => (held ? Effect.void : said)).pipe(
    Effect.repeat({ until: (held) => held, schedule: Schedule.spaced(interval) }),
    Effect.as(true)
  )
  if (!(yield* isPatient ? patient : attempt)) return undefined
  const lost = Effect.catchAll(Effect.forever(Effect.delay(check, glance)), (error) =>
    Effect.fail(
      new StateUnavailable({
        operation: "read",
        location,
        reason: `the lock of the heal is lost with its connection: ${error.message}`,
        remedy: "Run the same command again: it goes on from here"
      })
    )
  )
  return { lost } satisfies Held
})

const waiting = Effect.logInfo("another process works on this heal: waiting until it has ended")

const nothingToLose: Held = { lost: Effect.never }

// A file beside the database, a lock of the server; nothing where no other process sees the database.
const taken = Effect.fn("HealLock.taken")(function* (key: string, isPatient: boolean) {
  const { kind, location } = yield* Database
  if (kind === "memory") return nothingToLose
  const { target } = yield* ReplayProvider.ReplayProvider
  const name = CanonicalJson.digest([key, target], 12)
  if (kind === "postgres") {
    return yield* Effect.mapError(onServer(`heal ${name}`, isPatient), SqlFailure.explainAt(location)("read"))
  }
  const { acquire, attempt } = yield* Effect.promise(() => import("../state/sqlite/ProcessLock.js"))
  const file = `${location}.h${name}.lock`
  if (isPatient) return yield* Effect.as(acquire(file, waiting), nothingToLose)
  return (yield* attempt(file)) ? nothingToLose : undefined
})

/** Waits for the lock of the heal with this key, and holds it as long as the scope is open. */
export const acquire = (key: string): Effect.Effect<Held, StateUnavailable, Needs> =>
  Effect.flatMap(taken(key, true), (held) =>
    held === undefined ? Effect.dieMessage("a lock that was waited for is held") : Effect.succeed(held)
  )

/** The same where nobody holds it; undefined where another process works on the heal. */
export const attempt = (key: string): Effect.Effect<Held | undefined, StateUnavailable, Needs> => taken(key, false)

/**
 * Works while the lock is held, and fails where it is lost. Interrupted, it ends when the work has ended: not before that is the lock to be
 * given back, which no race of effects waits for.
 */
export const whileHeld = <A, E, R>(
  { lost }: Held,
  work: Effect.Effect<A, E, R>
): Effect.Effect<A, E | StateUnavailable, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const loss = yield* Deferred.make<never, StateUnavailable>()
      const working = yield* Effect.fork(restore(work))
      const watching = Effect.catchAll(lost, (error) =>
        Effect.zipRight(Deferred.fail(loss, error), Fiber.interrupt(working))
      )
      const watcher = yield* Effect.fork(Effect.interruptible(watching))
      const exit = yield* restore(Fiber.await(working)).pipe(Effect.onInterrupt(() => Fiber.interrupt(working)))
      yield* Fiber.interrupt(watcher)
      return yield* (yield* Deferred.isDone(loss)) ? Deferred.await(loss) : exit
    })
  )
