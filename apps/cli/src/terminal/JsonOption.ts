/** `--json`, which every command has. */
import { Options } from "@effect/cli"

/** Exactly one JSON document on standard output; everything else goes to standard error. */
export const json = Options.boolean("json").pipe(Options.withDescription("Print one JSON document instead of text"))
