/** `genesys-replay verify`: prove completeness. */
import { Args, Command, Options } from "@effect/cli"
import { withExamples } from "../terminal/Help.js"
import { json } from "../terminal/JsonOption.js"
import { lazily } from "../terminal/Lazy.js"
import { operand } from "../terminal/Operand.js"
import * as RepeatedOption from "../terminal/RepeatedOption.js"

/** The command. */
export const verify = Command.make(
  "verify",
  {
    files: Args.text({ name: "FILE" }).pipe(
      Args.withDescription(
        "Captured events: files, pipes, directories, patterns (*, **, ?, [a-z], {a,b}); NDJSON, JSON arrays, objects without newlines, gzip and tar of any of them; - or no FILE reads standard input"
      ),
      Args.mapEffect(operand),
      Args.repeated
    ),
    against: RepeatedOption.text(
      "against",
      "A baseline: another capture of the same time, of which every event is expected; one or more, in the same forms as FILE"
    ),
    start: Options.text("start").pipe(
      Options.withPseudoName("TIME"),
      Options.withDescription(
        "With --against: only events from this time on, by their event time: 2024-01-15T08:00:00Z, or relative to now: -36h, -3d"
      ),
      Options.optional
    ),
    end: Options.text("end").pipe(
      Options.withPseudoName("TIME"),
      Options.withDescription("With --against: only events before this time; the same forms"),
      Options.optional
    ),
    topic: RepeatedOption.text(
      "topic",
      'With --against: only events of this topic, as detail-type or topicName have it; * stands for a segment or, at the end, for all that follow ("v2.users.*"); repeat for more'
    ),
    conversation: RepeatedOption.text(
      "conversation",
      "With --against: only events of the conversation with this id; repeat for more"
    ),
    key: Options.text("key").pipe(
      Options.withPseudoName("PATH,…"),
      Options.withDescription(
        "With --against: the paths whose values make two records one event, with commas between them (default: detail.topicName,detail.eventBody)"
      ),
      Options.optional
    ),
    missing: Options.text("missing").pipe(
      Options.withPseudoName("FILE"),
      Options.withDescription(
        "With --against: also write the missing events into this file, as the baseline has them, one a line"
      ),
      Options.optional
    ),
    memory: Options.text("memory").pipe(
      Options.withPseudoName("SIZE"),
      Options.withDescription(
        "With --against: how much memory the comparison may take, 512M or 2G; beyond it goes a temporary file (default: 1G)"
      ),
      Options.optional
    ),
    from: Options.integer("from").pipe(
      Options.withPseudoName("INDEX"),
      Options.withDescription("The first index that is expected (default: the smallest seen)"),
      Options.optional
    ),
    to: Options.integer("to").pipe(
      Options.withPseudoName("INDEX"),
      Options.withDescription("The last index that is expected (default: the largest seen)"),
      Options.optional
    ),
    indexPath: Options.text("index-path").pipe(
      Options.withPseudoName("PATH"),
      Options.withDescription("Where the sequence index stands in an event (default: detail.sequenceIndex)"),
      Options.optional
    ),
    groupBy: Options.text("group-by").pipe(
      Options.withPseudoName("PATH"),
      Options.withDescription("What tells one sequence from another: a path, or none (default: replay-name)"),
      Options.optional
    ),
    maxMissing: Options.integer("max-missing").pipe(
      Options.withPseudoName("N"),
      Options.withDescription(
        "How many gaps of a group are listed, with --against missing events; the counts are always exact"
      ),
      Options.withDefault(20)
    ),
    expect: RepeatedOption.text(
      "expect",
      "Bounds as the provider told them: a file (a stream, or what status, list or apply printed with --json), or the id of a replay; repeat for more"
    ),
    all: Options.boolean("all").pipe(
      Options.withDescription(
        "Read every file of a directory or an archive, not only those whose names say that they hold events (*.ndjson, *.jsonl, *.json, *.gz and the like, and names without ending)"
      )
    ),
    allowRejected: Options.integer("allow-rejected").pipe(
      Options.withPseudoName("N"),
      Options.withDescription(
        "So many rejected records are known to be no events, and do not keep inferred bounds from being a proof"
      ),
      Options.withDefault(0)
    ),
    failUnder: Options.float("fail-under").pipe(
      Options.withPseudoName("PERCENT"),
      Options.withDescription(
        "Exit code 0 also where something is missing, as long as this percentage of every group came (the report says incomplete all the same)"
      ),
      Options.optional
    ),
    html: Options.text("html").pipe(
      Options.withPseudoName("FILE"),
      Options.withDescription("Also write the report as one self-contained HTML file"),
      Options.optional
    ),
    json
  },
  lazily(() => import("./run.js"))
).pipe(
  Command.withDescription(
    withExamples(
      "Know from captured events whether everything came, and what did not: against a baseline, by the events themselves; else by the index that replays of Event Streams give them. Exit code 0: complete; 3: something is missing, or nothing is proven; 2: a source cannot be read, or the baseline is empty.",
      [
        "genesys-replay verify captured.ndjson --against archive/ --missing missing.ndjson",
        "every event of the baseline, and what is missing as a file"
      ],
      [
        "genesys-replay verify captured/ --against other/ --start -36h --end -24h --topic 'v2.detail.events.*' --html report.html",
        "of that time and those topics, as a report to attach"
      ],
      ["genesys-replay verify captured.ndjson", "by index, where events have one; several files are one log"],
      ["zcat captured/*.gz | genesys-replay verify --from 1 --to 15000", "standard input, with bounds"],
      ["genesys-replay verify captured/ --expect ID --html report.html", "a directory, with the bounds of a replay"],
      ["genesys-replay verify captured.ndjson --json | jq .verdict", "for machines"],
      ["genesys-replay verify -- -odd-name.ndjson", "what stands behind -- is no option"]
    )
  )
)
