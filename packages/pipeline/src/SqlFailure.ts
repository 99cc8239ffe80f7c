/** What a refusal of the database means: `StateUnavailable`, in the words of SQLite's codes or of PostgreSQL's. */
import { Predicate } from "effect"
import * as PostgresFailure from "./PostgresFailure.js"
import * as SqliteFailure from "./SqliteFailure.js"
import { StateUnavailable } from "./StateUnavailable.js"

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

const explained = (error: unknown): { readonly reason: string; readonly remedy: string } => {
  const text = textOf(error)
  return (
    codesOf(error)
      .map((code) => SqliteFailure.explain(code) ?? PostgresFailure.explain(code, text))
      .find(Predicate.isNotUndefined) ??
    PostgresFailure.explain("", text) ?? {
      reason: text,
      remedy: "Check the database, or name another one in GENESYS_REPLAY_DATABASE_URL"
    }
  )
}

// Marks an error that came from two transactions in each other's way: it is nothing that a caller should know of. A mark and not
// a set of such errors, because Effect hands on copies of an error that crosses a span.
const conflict = Symbol.for("@genesys-replay/pipeline/SqlFailure/conflict")

/** Whether two transactions were in each other's way, so that the same one, made again from its beginning, may go well. */
export const isConflict = (error: unknown): boolean =>
  Predicate.hasProperty(error, conflict) || codesOf(error).some(PostgresFailure.isConflict)

/** {@link StateUnavailable} for what the SQL client failed with; `location` is what the database is called. */
export const explainAt =
  (location: string) =>
  (operation: StateUnavailable["operation"]) =>
  (error: unknown): StateUnavailable => {
    const { reason, remedy } = explained(error)
    const unavailable = new StateUnavailable({ operation, location, reason, remedy })
    if (isConflict(error)) Object.defineProperty(unavailable, conflict, { value: true })
    return unavailable
  }

/** Whether another program holds the SQLite file, so that a moment later it may go well. */
export const isBusy = (error: unknown): boolean => codesOf(error).some(SqliteFailure.isBusy)

/** Whether the SQLite file cannot be used, as opposed to a statement that it refuses. */
export const isOutage = (error: unknown): boolean =>
  codesOf(error).some((code) => SqliteFailure.explain(code) !== undefined)

/** Whether a database refused at the bottom of it, whatever it was wrapped in. */
export const isFailure = (error: unknown): boolean =>
  chain(error).some((link) => Predicate.isTagged(link, "SqlError") || Predicate.isTagged(link, "PersistenceError"))
