/** `genesys-replay capture`: a queue into a file. */
import { Command, Options } from "@effect/cli"
import { ProviderName } from "@genesys-replay/domain"
import { withExamples } from "../terminal/Help.js"
import { json } from "../terminal/JsonOption.js"
import { lazily } from "../terminal/Lazy.js"
import * as RepeatedOption from "../terminal/RepeatedOption.js"

/** The command. */
export const capture = Command.make(
  "capture",
  {
    queue: Options.text("queue").pipe(
      Options.withPseudoName("URL"),
      Options.withDescription("URL of the SQS queue that a rule delivers into")
    ),
    out: Options.text("out").pipe(
      Options.withPseudoName("FILE"),
      Options.withDescription("The NDJSON file to append to, one event a line")
    ),
    until: Options.text("until").pipe(
      Options.withPseudoName("REPLAY"),
      Options.withDescription("Id or name of a replay: end when it has ended and the queue is empty"),
      Options.optional
    ),
    appearsWithin: Options.text("appears-within").pipe(
      Options.withPseudoName("DURATION"),
      Options.withDescription("How long --until waits for a replay that is not there yet (default: 15m)"),
      Options.withDefault("15m")
    ),
    provider: Options.choice("provider", ProviderName.shipped).pipe(
      Options.withDescription("Whose replay --until names (default: eventbridge)"),
      Options.withDefault(ProviderName.eventbridge)
    ),
    idle: Options.text("idle").pipe(
      Options.withPseudoName("DURATION"),
      Options.withDescription("End when no message came for so long: 90s, 5m (default: 30s)"),
      Options.withDefault("30s")
    ),
    count: Options.integer("count").pipe(
      Options.withPseudoName("N"),
      Options.withDescription("End after exactly so many messages"),
      Options.optional
    ),
    keep: Options.boolean("keep").pipe(
      Options.withDescription("Leave the messages in the queue, each captured once a run; for standard queues")
    ),
    topic: RepeatedOption.text(
      "topic",
      "Only events of this topic, a pattern (v2.detail.events.*); repeat for more. Messages with others stay in the queue"
    ),
    conversation: RepeatedOption.text("conversation", "Only events of the conversation with this id; repeat for more"),
    start: Options.text("start").pipe(
      Options.withPseudoName("TIME"),
      Options.withDescription("Only events from this time on: 2024-01-15T08:00:00Z, or -36h"),
      Options.optional
    ),
    end: Options.text("end").pipe(
      Options.withPseudoName("TIME"),
      Options.withDescription("Only events before this time"),
      Options.optional
    ),
    pollers: Options.integer("pollers").pipe(
      Options.withPseudoName("N"),
      Options.withDescription("How many ask for messages at the same time (default: 4)"),
      Options.withDefault(4)
    ),
    json
  },
  lazily(() => import("./run.js"))
).pipe(
  Command.withDescription(
    withExamples(
      "Get the events that were delivered to an SQS queue into a file that verify, reconcile and resend read. A message is deleted only when its line is on the disk: stop it, kill it, start it again, nothing is lost.",
      ["genesys-replay capture --queue URL --out captured.ndjson --until outage-2024-01-15", "one replay, to its end"],
      ["genesys-replay verify captured.ndjson --against lake/", "and the proof"],
      [
        "genesys-replay capture --queue DEAD-LETTERS --out one.ndjson --conversation ID --keep",
        "one conversation; without --keep only its messages are deleted"
      ]
    )
  )
)
