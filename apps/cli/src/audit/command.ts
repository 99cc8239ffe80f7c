/** `genesys-replay audit`: what was done, by whom it was asked, how it ended, and the proof that nobody changed it. */
import { Command, Options } from "@effect/cli"
import { withExamples } from "../terminal/Help.js"
import { json } from "../terminal/JsonOption.js"
import { lazily } from "../terminal/Lazy.js"
import * as Filter from "./Filter.js"

const list = Command.make(
  "list",
  {
    ...Filter.options,
    limit: Options.integer("limit").pipe(
      Options.withPseudoName("N"),
      Options.withDescription("Only the latest so many"),
      Options.optional
    ),
    json
  },
  lazily(() => import("./list.js"))
).pipe(
  Command.withDescription(
    withExamples("See what was done, oldest first.", [
      "genesys-replay audit list --since -1d",
      "what was done since yesterday"
    ])
  )
)

const verify = Command.make(
  "verify",
  {
    head: Options.text("head").pipe(
      Options.withPseudoName("HASH"),
      Options.withDescription("A head that was noted earlier: it must still be in the trail"),
      Options.optional
    ),
    json
  },
  lazily(() => import("./verify.js"))
).pipe(
  Command.withDescription(
    withExamples(
      "Prove that no entry of the audit trail was edited, removed, inserted or moved, and that its end was not cut. Else it names the first bad entry, with exit code 3.",
      ["genesys-replay audit verify", "prints how many entries there are, and the head to note elsewhere"],
      ["genesys-replay audit verify --head HASH", "finds out a trail that was rewritten as a whole"]
    )
  )
)

const exportEntries = Command.make(
  "export",
  {
    format: Options.choice("format", ["ndjson", "csv"]).pipe(
      Options.withDescription("One JSON document a line, or RFC 4180; ndjson unless told"),
      Options.optional
    ),
    ...Filter.options,
    out: Options.text("out").pipe(
      Options.withPseudoName("FILE"),
      Options.withDescription("Write to this file instead of standard output"),
      Options.optional
    ),
    json
  },
  lazily(() => import("./export.js"))
).pipe(
  Command.withDescription(
    withExamples(
      "Hand the audit trail to an auditor, or to another program: oldest first, each entry with its place in the hash chain.",
      ["genesys-replay audit export --format csv --out audit.csv", "all of it, for a spreadsheet"],
      ["genesys-replay audit export --since -30d --action create_replay_config", "what was created, a line each"]
    )
  )
)

/** The command. */
export const audit = Command.make("audit").pipe(
  Command.withDescription(
    withExamples(
      "Show what was planned, submitted, adopted, refused, completed, verified, synced and cancelled, and prove that nobody changed the record of it.",
      ["genesys-replay audit list --since -1d", "what was done since yesterday"],
      ["genesys-replay audit verify", "prove that nobody changed it"],
      ["genesys-replay audit export --format csv --out audit.csv", "for a spreadsheet"]
    )
  ),
  Command.withSubcommands([list, verify, exportEntries])
)
