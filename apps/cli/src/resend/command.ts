/** `genesys-replay resend`: captured events to a queue, an event bus, a webhook or a file. */
import { Args, Command, Options } from "@effect/cli"
import { withExamples } from "../terminal/Help.js"
import { json } from "../terminal/JsonOption.js"
import { lazily } from "../terminal/Lazy.js"
import { operand } from "../terminal/Operand.js"
import * as RepeatedOption from "../terminal/RepeatedOption.js"

/** The command. */
export const resend = Command.make(
  "resend",
  {
    files: Args.text({ name: "FILE" }).pipe(
      Args.withDescription(
        "Captured events, in any form that verify reads: what capture wrote, or what verify --missing did; - reads standard input"
      ),
      Args.mapEffect(operand),
      Args.atLeast(1)
    ),
    to: Options.text("to").pipe(
      Options.withPseudoName("TARGET"),
      Options.withDescription(
        "The URL of an SQS queue, the ARN of an event bus, the https URL of a webhook (signed with GENESYS_REPLAY_WEBHOOK_SECRET), or a file"
      )
    ),
    source: Options.text("source").pipe(
      Options.withPseudoName("NAME"),
      Options.withDescription(
        "To an event bus: the source of events whose own begins with aws., which AWS refuses (default: genesys-replay)"
      ),
      Options.optional
    ),
    only: RepeatedOption.text(
      "only",
      "A file of events, as verify --missing or reconcile --missing writes it: send these and no others; repeat for more"
    ),
    start: Options.text("start").pipe(
      Options.withPseudoName("TIME"),
      Options.withDescription("By event time, not before: 2024-01-15T08:00:00Z, or -36h"),
      Options.optional
    ),
    end: Options.text("end").pipe(
      Options.withPseudoName("TIME"),
      Options.withDescription("By event time, before: 2024-01-15T11:00:00Z, or -33h"),
      Options.optional
    ),
    topic: RepeatedOption.text(
      "topic",
      "Of this topic: v2.detail.events.conversation.{id}.acd.start, v2.detail.*; repeat for more"
    ),
    conversation: RepeatedOption.text("conversation", "Of the conversation with this id; repeat for more"),
    order: Options.choice("order", ["file", "time"] as const).pipe(
      Options.withDescription("As the files have them, or by event time (default: file; time with --speed 1x)"),
      Options.optional
    ),
    speed: Options.text("speed").pipe(
      Options.withPseudoName("SPEED"),
      Options.withDescription(
        "1x as they happened, 10x ten times as fast, 50/s so many a second (default: as fast as it goes)"
      ),
      Options.optional
    ),
    limit: Options.integer("limit").pipe(
      Options.withPseudoName("N"),
      Options.withDescription("Send at most so many in this run"),
      Options.optional
    ),
    concurrency: Options.integer("concurrency").pipe(
      Options.withPseudoName("N"),
      Options.withDescription("How many requests are under way at the same time (default: 8; 1 where order is kept)"),
      Options.optional
    ),
    refused: Options.text("refused").pipe(
      Options.withPseudoName("FILE"),
      Options.withDescription(
        "The file that refused events are appended to, with their reasons (default: in the state directory)"
      ),
      Options.optional
    ),
    again: Options.boolean("again").pipe(
      Options.withDescription("Send also what this target has acknowledged from these files before")
    ),
    all: Options.boolean("all").pipe(
      Options.withDescription(
        "Read every file of a directory or an archive, not only those whose names say that they hold events"
      )
    ),
    dryRun: Options.boolean("dry-run").pipe(
      Options.withDescription("Say what would be sent, by hour and topic, and send nothing")
    ),
    json
  },
  lazily(() => import("./run.js"))
).pipe(
  Command.withDescription(
    withExamples(
      "Give a consumer the events again that it missed, each once: what the target has acknowledged is written down and not sent a second time, whether the run was stopped, killed, or is only asked for once more. Exit code 0: everything was taken; 3: something was refused (it is listed, and kept in a file), was no event, or was not found; 4: the target refuses to be used; 5: it could not be had, and the same command goes on.",
      ["genesys-replay verify captured.ndjson --against baseline.ndjson --missing missing.ndjson", "what is missing"],
      [
        "genesys-replay resend missing.ndjson --to https://sqs.us-east-1.amazonaws.com/123456789012/orders --dry-run",
        "what would be sent"
      ],
      [
        "genesys-replay resend missing.ndjson --to https://sqs.us-east-1.amazonaws.com/123456789012/orders",
        "and send it"
      ],
      [
        "genesys-replay resend captured/ --only missing.ndjson --to ARN --order time --speed 10x",
        "onto an event bus, ten times as fast as it happened"
      ],
      [
        "genesys-replay resend captured.ndjson --to https://example.com/hook --conversation ID --limit 10",
        "to a webhook, ten to begin with"
      ]
    )
  )
)
