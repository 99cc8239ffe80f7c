/** `genesys-replay heal`: bring back what is missing, until nothing is. */
import { Args, Command, Options } from "@effect/cli"
import { withExamples } from "../terminal/Help.js"
import { json } from "../terminal/JsonOption.js"
import { lazily } from "../terminal/Lazy.js"
import { operand } from "../terminal/Operand.js"
import * as RepeatedOption from "../terminal/RepeatedOption.js"

/** The command. */
export const heal = Command.make(
  "heal",
  {
    spec: Args.text({ name: "SPEC" }).pipe(
      Args.withDescription(
        "The spec file of the window, YAML or JSON; its topics, destination, archive and rules hold for every replay"
      ),
      Args.mapEffect(operand)
    ),
    window: Options.text("window").pipe(
      Options.withPseudoName("WINDOW"),
      Options.withDescription("The window of the spec that is healed; needed where it has more than one"),
      Options.optional
    ),
    queue: Options.text("queue").pipe(
      Options.withPseudoName("URL"),
      Options.withDescription("URL of the SQS queue that the spec's rules deliver replayed events into")
    ),
    captured: Options.text("captured").pipe(
      Options.withPseudoName("FILE"),
      Options.withDescription(
        "The file of captured events: what it lacks is missing, and what the queue delivers is appended to it"
      )
    ),
    against: RepeatedOption.text(
      "against",
      "Measure against a baseline: another capture of the same time; one or more"
    ),
    reconcile: Options.boolean("reconcile").pipe(
      Options.withDescription("Measure against the conversation records of Genesys Cloud")
    ),
    records: RepeatedOption.text("records", "Measure against conversation records in a file; repeat for more"),
    to: Options.text("to").pipe(
      Options.withPseudoName("TARGET"),
      Options.withDescription(
        "Hand what was missing on, each event once: the URL of an SQS queue, the ARN of an event bus, the https URL of a webhook (signed with GENESYS_REPLAY_WEBHOOK_SECRET), or a file"
      ),
      Options.optional
    ),
    speed: Options.text("speed").pipe(
      Options.withPseudoName("SPEED"),
      Options.withDescription(
        "With --to: 1x as they happened, 10x ten times as fast, 50/s so many a second (default: as fast as it goes)"
      ),
      Options.optional
    ),
    rounds: Options.integer("rounds").pipe(
      Options.withPseudoName("N"),
      Options.withDescription("At most so many rounds of replays"),
      Options.withDefault(3)
    ),
    maxEvents: Options.integer("max-events").pipe(
      Options.withPseudoName("N"),
      Options.withDescription("Begin no round that would replay more events than this"),
      Options.optional
    ),
    idle: Options.text("idle").pipe(
      Options.withPseudoName("DURATION"),
      Options.withDescription("A round is captured when its replays have ended and no message came for so long"),
      Options.withDefault("30s")
    ),
    webhook: Options.text("webhook").pipe(
      Options.withPseudoName("URL"),
      Options.withDescription(
        "URL that is told of every replay and of the end, signed with GENESYS_REPLAY_WEBHOOK_SECRET"
      ),
      Options.optional
    ),
    syncFile: Options.text("sync-file").pipe(
      Options.withPseudoName("FILE"),
      Options.withDescription("NDJSON file that the sync events are appended to"),
      Options.optional
    ),
    eventBus: Options.text("event-bus").pipe(
      Options.withPseudoName("ARN"),
      Options.withDescription("ARN of an event bus that the sync events are put on, source genesys-replay"),
      Options.optional
    ),
    dryRun: Options.boolean("dry-run").pipe(
      Options.withDescription("Say how many replays, minutes and events it would be, and change nothing")
    ),
    json
  },
  lazily(() => import("./run.js"))
).pipe(
  Command.withDescription(
    withExamples(
      "Bring back exactly what is missing: the fewest minutes that cover it are replayed, what comes is captured, and all is measured again, round by round, until nothing is missing or nothing more comes. Every round is in the audit trail. Killed at any moment, the same command or genesys-replay resume goes on, and nothing is replayed or handed on twice. Exit code 0: nothing is missing, and that is proven; 3: something is, and the report says why; 4 and 5 as everywhere, and the same command goes on.",
      [
        "genesys-replay heal replay.yaml --queue URL --captured captured.ndjson --against baseline.ndjson --dry-run",
        "how many replays, minutes and events"
      ],
      ["genesys-replay heal replay.yaml --queue URL --captured captured.ndjson --against baseline.ndjson", "and do it"],
      [
        "genesys-replay heal replay.yaml --queue URL --captured captured.ndjson --reconcile --to ORDERS-QUEUE-URL",
        "by the platform's own records; the consumer gets what it missed, each event once"
      ],
      [
        "genesys-replay heal replay.yaml --window outage --queue URL --captured captured.ndjson --against b/ --rounds 1 --max-events 100000",
        "one window of several, one round, and no more than that"
      ]
    )
  )
)
