/** The documents of `--json`: each is printed through the schema that describes it, so that the two cannot differ. */
import { Effect, Schema } from "effect"
import { printJson } from "./Screen.js"

/** The document of a command that failed before it had another one. */
export const CommandFailure = Schema.Struct({
  error: Schema.Struct({
    /** The error's `_tag`. */
    tag: Schema.String,
    message: Schema.String,
    exitCode: Schema.Int
  })
}).annotations({ identifier: "CommandFailure" })

/** Prints a document as its schema encodes it; what the schema does not know is left out. One that is not of the schema is a bug. */
export const print = <A, I>(schema: Schema.Schema<A, I>, document: NoInfer<A>) =>
  Effect.flatMap(Effect.orDie(Schema.encode(schema)(document)), printJson)
