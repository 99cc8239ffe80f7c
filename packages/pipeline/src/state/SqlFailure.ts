/** What a refusal of the database means: `StateUnavailable`, in the words of SQLite's codes or of PostgreSQL's. */
import { Cause, Effect, Predicate } from "effect"
import * as PostgresFailure from "./postgres/PostgresFailure.js"
import { StateUnavailable } from "./StateUnavailable.js"
import * as SqliteFailure from "./sqlite/SqliteFailure.js"

// The driver's error is the cause of Effect's; the code stands on one or the other, the text in any of them.
const chain = (error: unknown): ReadonlyArray<unknown> =>
  Predicate.hasProperty(error, "cause") && error.cause !== undefined ? [error, ...chain(error.cause)] : [error]

const codesOf = (error: unknown): ReadonlyArray<string> =>
  chain(error).flatMap((link) =>
    Predicate.hasProperty(link, "code") && typeof link.code === "string" ? link.code : []
  )

const textOf = (error: unknown): string =>
  chain(error)
    .flatMap((link) => (Predicate.hasProperty(link, "message") && typeof link.message === "string" ? link.message : []))
    .filter((text) => text !== "")
    .at(-1) ?? String(error)

const first = <A>(error: unknown, of: (code: string) => A | undefined): A | undefined =>
  codesOf(error).map(of).find(Predicate.isNotUndefined)

// What is known of it: by its code, or by what the driver says without one.
const explanationOf = (error: unknown): SqliteFailure.Explanation | undefined => {
  const text = textOf(error)
  return (
    first(error, (code) => SqliteFailure.explain(code) ?? PostgresFailure.explain(code, text)) ??
    PostgresFailure.explain("", text)
  )
}

const explained = (error: unknown): SqliteFailure.Explanation => {
  const text = textOf(error)
  const codes = codesOf(error)
  return (
    explanationOf(error) ??
    first(error, (code) => PostgresFailure.quote(code, text)) ?? {
      reason: codes.length === 0 ? text : `${text} (${codes.join(", ")})`,
      remedy: "Check the database, or name another one in GENESYS_REPLAY_DATABASE_URL"
    }
  )
}

/** Whether two transactions were in each other's way, so that the same one, made again from its beginning, may go well. */
export const isConflict = (error: unknown): boolean => codesOf(error).some(PostgresFailure.isConflict)

/** Whether PostgreSQL is away for the moment, so that the same, tried again on another connection, may go well. */
export const isAway = (error: unknown): boolean => {
  const text = textOf(error)
  const codes = codesOf(error)
  return codes.length === 0
    ? PostgresFailure.isAway("", text)
    : codes.some((code) => PostgresFailure.isAway(code, text))
}

/** {@link StateUnavailable} for what the SQL client failed with; `location` is what the database is called. */
export const explainAt =
  (location: string) =>
  (operation: StateUnavailable["operation"]) =>
  (error: unknown): StateUnavailable => {
    const { isTransient = false, reason, remedy } = explained(error)
    return new StateUnavailable({ operation, location, reason, remedy, isTransient })
  }

/** Reads again what a connection that broke did not answer: that changes nothing, however often. */
export const readAgain = <A, E, R>(read: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.catchIf(read, isAway, () => Effect.retry(read, { while: isAway, times: 1 }))

/** Whether another program holds the SQLite file, so that a moment later it may go well. */
export const isBusy = (error: unknown): boolean => codesOf(error).some(SqliteFailure.isBusy)

/** Whether the database cannot be used now, as opposed to a statement that it refuses or that another one was in the way of. */
export const isOutage = (error: unknown): boolean => !isConflict(error) && explanationOf(error) !== undefined

// Whether a database refused at the bottom of it, whatever it was wrapped in.
const isFailure = (error: unknown): boolean =>
  chain(error).some((link) => Predicate.isTagged(link, "SqlError") || Predicate.isTagged(link, "PersistenceError"))

/** What the database refused, where that is in the cause, whoever failed or died of it; nothing where it is not. */
export const inCause =
  (location: string) =>
  (operation: StateUnavailable["operation"]) =>
  (cause: Cause.Cause<unknown>): StateUnavailable | undefined => {
    const errors = [...Cause.failures(cause), ...Cause.defects(cause)]
    return (
      errors.find((error) => error instanceof StateUnavailable) ??
      errors.filter(isFailure).map(explainAt(location)(operation))[0]
    )
  }

/** The cause with {@link inCause} as its failure. Every other error that it holds is a bug, and stays or becomes a defect. */
export const causeAt =
  (location: string) =>
  (operation: StateUnavailable["operation"]) =>
  (cause: Cause.Cause<unknown>): Cause.Cause<StateUnavailable> => {
    const unavailable = inCause(location)(operation)(cause)
    return unavailable === undefined ? Cause.flatMap(cause, Cause.die) : Cause.fail(unavailable)
  }
