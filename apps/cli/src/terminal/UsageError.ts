/** What is typed on the command line and cannot be done. */
import { Schema } from "effect"

/** The command line does not say what to do, or says two things. */
export class UsageError extends Schema.TaggedError<UsageError>()("UsageError", {
  problem: Schema.String,
  /** What to type instead. */
  remedy: Schema.String
}) {
  override get message(): string {
    return this.problem
  }
}
