/** The one error of everything that is kept: runs, audit trail, outbox. */
import { Schema } from "effect"

/**
 * What is kept cannot be opened, written or read. Nothing is submitted without it, and what was acknowledged stays: do what
 * `remedy` says and run the same command again.
 */
export class StateUnavailable extends Schema.TaggedError<StateUnavailable>()("StateUnavailable", {
  /** What was tried, as a verb: `opened`, `written`, `read`. */
  operation: Schema.Literal("opened", "written", "read"),
  /** The file, or the server and the database on it; never a password. */
  location: Schema.String,
  /** What happened. */
  reason: Schema.String,
  /** What to do next. */
  remedy: Schema.String,
  /** Whether it may pass by itself, so that the same command, run again later, may go well: a server that is away or too busy. */
  isTransient: Schema.Boolean.pipe(
    Schema.propertySignature,
    Schema.withConstructorDefault(() => false)
  )
}) {
  override get message(): string {
    return `the state in ${this.location} cannot be ${this.operation}: ${this.reason}. ${this.remedy}`
  }
}
