/** `genesys-replay plan`: say what would be submitted, submit nothing. */
import { Command, Options } from "@effect/cli"
import * as WindowFlags from "../spec/WindowFlags.js"
import { maxWait } from "../terminal/DurationOption.js"
import { withExamples } from "../terminal/Help.js"
import { json } from "../terminal/JsonOption.js"
import { lazily } from "../terminal/Lazy.js"

/** The command. */
export const plan = Command.make(
  "plan",
  {
    spec: WindowFlags.spec,
    ...WindowFlags.window,
    ...WindowFlags.archived,
    provider: WindowFlags.provider,
    check: Options.boolean("check").pipe(
      Options.withDescription(
        "Ask the provider too: names, topics, archive, rules, how many replays are free, credentials. Changes nothing there"
      )
    ),
    maxWait,
    schema: Options.boolean("schema").pipe(Options.withDescription("Print the JSON Schema of spec files, for editors")),
    json
  },
  lazily(() => import("./run.js"))
).pipe(
  Command.withDescription(
    withExamples(
      "See what would be replayed, and what speaks against it, before anything is sent. Submits nothing.",
      ["genesys-replay plan replay.yaml", "every window of a spec file"],
      ["genesys-replay plan --topic genesys.conversations.message --start -36h --destination ARN", "one window"],
      ["genesys-replay plan replay.yaml --check", "and whether the provider could do it now"],
      ["genesys-replay plan --schema > replay-spec.schema.json", "completion and checks in your editor"]
    )
  )
)
