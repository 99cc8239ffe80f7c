/** `--json`, and `--json-schema`, which every command has that has `--json`. */
import { Options } from "@effect/cli"
import * as Operand from "./Operand.js"

const schemaName = "json-schema"

/**
 * Exactly one JSON document on standard output; everything else goes to standard error. Whether its schema is asked for is seen before
 * the arguments are read ({@link asksForSchema}): here it is for the help.
 */
export const json = Options.all({
  json: Options.boolean("json").pipe(Options.withDescription("Print one JSON document instead of text")),
  schema: Options.boolean(schemaName).pipe(
    Options.withDescription("Print the JSON Schema of what --json prints, and do nothing else")
  )
}).pipe(Options.map((given) => given.json))

/** Whether these words ask for the schema of a document instead of the document; for help they ask before that. */
export const asksForSchema = (words: ReadonlyArray<string>): boolean => {
  const options = Operand.optionsIn(words)
  return options.includes(`--${schemaName}`) && !options.includes("--help")
}
