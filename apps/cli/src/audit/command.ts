/** `genesys-replay audit`: what was done, by whom it was asked, and how it ended. */
import { Command, Options } from "@effect/cli"
import { AuditEntry } from "@genesys-replay/domain"
import { Effect } from "effect"
import { withExamples } from "../terminal/Help.js"
import { json } from "../terminal/JsonOption.js"

const list = Command.make(
  "list",
  {
    window: Options.text("window").pipe(Options.withDescription("Only the window of this name"), Options.optional),
    action: Options.choice("action", AuditEntry.AuditAction.literals).pipe(
      Options.withDescription("Only this action"),
      Options.optional
    ),
    since: Options.text("since").pipe(
      Options.withDescription("Only from here on: 2024-01-15T08:00:00Z or -36h"),
      Options.optional
    ),
    until: Options.text("until").pipe(Options.withDescription("Only before; the same forms"), Options.optional),
    limit: Options.integer("limit").pipe(Options.withDescription("Only the latest so many"), Options.optional),
    json
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("./list.js")),
      ({ run }) => run(input)
    )
).pipe(
  Command.withDescription(
    withExamples("Lists the audit trail, oldest first.", [
      "genesys-replay audit list --since -1d",
      "what was done since yesterday"
    ])
  )
)

/** The command. */
export const audit = Command.make("audit").pipe(
  Command.withDescription(
    withExamples("The audit trail: what was submitted, refused, completed, verified, synced and cancelled.", [
      "genesys-replay audit list --since -1d",
      "what was done since yesterday"
    ])
  ),
  Command.withSubcommands([list])
)
