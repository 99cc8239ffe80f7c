/** `--json`, which every command has, and `--json-schema` for those whose document is described. */
import { Options } from "@effect/cli"

/** Exactly one JSON document on standard output; everything else goes to standard error. */
export const json = Options.boolean("json").pipe(Options.withDescription("Print one JSON document instead of text"))

/** The same, for a command that `JsonDocuments` has a schema for. `--json-schema` is answered before a command is run. */
export const describedJson = Options.all({
  json,
  schema: Options.boolean("json-schema").pipe(
    Options.withDescription("Print the JSON Schema of what --json prints, and do nothing else")
  )
}).pipe(Options.map((given) => given.json))
