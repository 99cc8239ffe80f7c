/** `genesys-replay reconcile`: prove completeness by the platform's own records. */
import { Args, Command, Options } from "@effect/cli"
import { withExamples } from "../terminal/Help.js"
import { json } from "../terminal/JsonOption.js"
import { lazily } from "../terminal/Lazy.js"
import { operand } from "../terminal/Operand.js"
import * as RepeatedOption from "../terminal/RepeatedOption.js"

const optional = (name: string, description: string) =>
  Options.text(name).pipe(Options.withPseudoName("FILE"), Options.withDescription(description), Options.optional)

/** The command. */
export const reconcile = Command.make(
  "reconcile",
  {
    files: Args.text({ name: "CAPTURE" }).pipe(
      Args.withDescription(
        "Captured events, as verify reads them: files, pipes, directories, patterns; - or no CAPTURE reads standard input"
      ),
      Args.mapEffect(operand),
      Args.repeated
    ),
    start: Options.text("start").pipe(
      Options.withPseudoName("TIME"),
      Options.withDescription("Where the window begins: 2024-01-15T08:00:00Z, or -36h before now")
    ),
    end: Options.text("end").pipe(
      Options.withPseudoName("TIME"),
      Options.withDescription("Where the window ends; what is expected at this very instant is not of it")
    ),
    topic: RepeatedOption.text(
      "topic",
      "Only these topics: a topic, or a pattern; repeat for more (default: all that can be judged)"
    ),
    records: RepeatedOption.text(
      "records",
      "Conversation records from a file instead of the platform: NDJSON, arrays, or pages as the API gives them; repeat for more"
    ),
    saveRecords: optional("save-records", "Also keep the platform's records in this file, for --records"),
    tolerance: Options.text("tolerance").pipe(
      Options.withPseudoName("DURATION"),
      Options.withDescription(
        "How far an event's time may be from the record's before it is told; it changes no match"
      ),
      Options.withDefault("5s")
    ),
    longestConversation: Options.text("longest-conversation").pipe(
      Options.withPseudoName("DURATION"),
      Options.withDescription(
        "How long before the window a conversation may have begun that young records are asked for"
      ),
      Options.withDefault("72h")
    ),
    calibrate: optional(
      "calibrate",
      "Learn from this window, which is known to be good, which classes of sessions always have which events, and write it to this file"
    ),
    calibration: optional("calibration", "Judge only what always came when this file was learned"),
    audits: Options.boolean("audits").pipe(
      Options.withDescription("Also the platform's audit records: one record, one event")
    ),
    missing: optional("missing", "Write all missing events to this file, one a line"),
    html: optional("html", "Also write the report as one self-contained HTML file"),
    maxMissing: Options.integer("max-missing").pipe(
      Options.withPseudoName("N"),
      Options.withDescription("How many missing events and conversations are listed; the counts are always exact"),
      Options.withDefault(10)
    ),
    all: Options.boolean("all").pipe(
      Options.withDescription("Read every file of a directory or an archive, whatever its name")
    ),
    json
  },
  lazily(() => import("./run.js"))
).pipe(
  Command.withDescription(
    withExamples(
      "Know whether every event came, also those that never reached AWS, and which did not: Genesys Cloud's own conversation records say which events must have come. The OAuth client needs the permission analytics:conversationDetail:view. Exit code 0: complete; 3: something is missing, or nothing is proven; 2: bad input, a source cannot be read; 4: refused; 5: not available.",
      [
        "genesys-replay reconcile captured/ --start 2024-01-15T08:00:00Z --end 2024-01-15T11:00:00Z --missing missing.ndjson",
        "a window, and what is missing of it as a file"
      ],
      [
        "genesys-replay reconcile captured/ --start -5d --end -4d --save-records records.ndjson --html report.html",
        "keep the records, and a report to attach"
      ],
      ["genesys-replay reconcile captured/ --start -5d --end -4d --records records.ndjson", "without the platform"],
      ["genesys-replay reconcile good-day/ --start -9d --end -8d --calibrate calibration.json", "learn on a good day"],
      ["genesys-replay reconcile captured/ --start -5d --end -4d --calibration calibration.json --json", "for machines"]
    )
  )
)
