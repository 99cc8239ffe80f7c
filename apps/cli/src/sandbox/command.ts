/** `genesys-replay sandbox`: a Genesys Cloud to try things on. */
import { Command, Options } from "@effect/cli"
import { withExamples } from "../terminal/Help.js"
import { json } from "../terminal/JsonOption.js"
import { lazily } from "../terminal/Lazy.js"

const rate = (name: string, description: string) =>
  Options.float(name).pipe(
    Options.withPseudoName("CHANCE"),
    Options.withDescription(`${description}: a chance from 0 to 1`),
    Options.withDefault(0)
  )

/** The command. */
export const sandbox = Command.make(
  "sandbox",
  {
    port: Options.integer("port").pipe(
      Options.withPseudoName("PORT"),
      Options.withDescription("Port on 127.0.0.1; 0 takes a free one"),
      Options.withDefault(0)
    ),
    seed: Options.text("seed").pipe(
      Options.withPseudoName("SEED"),
      Options.withDescription("Makes everything that is drawn repeatable"),
      Options.optional
    ),
    data: Options.directory("data").pipe(
      Options.withPseudoName("DIRECTORY"),
      Options.withDescription(
        "Where delivered events are written, one NDJSON file for each bus (default: a temporary directory)"
      ),
      Options.optional
    ),
    rateLimit: Options.integer("rate-limit").pipe(
      Options.withPseudoName("N"),
      Options.withDescription("Requests that a token is allowed in a minute"),
      Options.withDefault(300)
    ),
    rateWindow: Options.integer("rate-window").pipe(
      Options.withPseudoName("SECONDS"),
      Options.withDescription("Seconds that such a minute lasts, to see limits sooner"),
      Options.withDefault(60)
    ),
    tokenLifetime: Options.integer("token-lifetime").pipe(
      Options.withPseudoName("SECONDS"),
      Options.withDescription("Seconds for which a token is valid"),
      Options.withDefault(3_600)
    ),
    conversations: Options.integer("conversations").pipe(
      Options.withPseudoName("N"),
      Options.withDescription("Conversations in an hour"),
      Options.withDefault(120)
    ),
    history: Options.integer("history").pipe(
      Options.withPseudoName("HOURS"),
      Options.withDescription(
        "Hours of events that are in an archive of EventBridge, genesys-events, from the beginning (default: no archive)"
      ),
      Options.withDefault(0)
    ),
    live: Options.boolean("live").pipe(
      Options.withDescription("Send events to the partner bus as they happen, once there is such a bus")
    ),
    recordsLag: Options.integer("records-lag").pipe(
      Options.withPseudoName("MINUTES"),
      Options.withDescription("Minutes by which the conversation records of jobs are behind"),
      Options.withDefault(120)
    ),
    lose: rate("lose", "Events that never reach AWS: they are in no archive"),
    late: rate("late", "Events that reach AWS ten minutes late"),
    double: rate("double", "Events that reach AWS twice"),
    preliminary: rate("preliminary", "Conversation records that are not whole for two to three days"),
    drop: rate("drop", "Deliveries that never come: to a target, or of a stream's replay"),
    duplicate: rate("duplicate", "Deliveries that come twice"),
    reorder: rate("reorder", "Deliveries that come late"),
    tooMany: rate("fail-429", "Requests answered 429"),
    serverError: rate("fail-5xx", "Requests answered 503"),
    cutBefore: rate("cut-before", "Connections cut before the request is processed"),
    cutAfter: rate("cut-after", "Connections cut after the request was processed"),
    malformed: rate("malformed", "Answers that are cut short"),
    expired: rate("expire-tokens", "Requests at which every token expires"),
    slow: Options.integer("slow").pipe(
      Options.withPseudoName("MS"),
      Options.withDescription("Milliseconds that every answer takes longer"),
      Options.withDefault(0)
    ),
    json
  },
  lazily(() => import("./run.js"))
).pipe(
  Command.withDescription(
    withExamples(
      "Try things out without an account, against a Genesys Cloud on this machine: OAuth, Event Streams, topics, conversation records and audits; and an Amazon EventBridge with SQS that its events come to. Loopback only. Prints the variables to set, then runs until Ctrl-C.",
      ["genesys-replay sandbox > sandbox.env &  set -a; . ./sandbox.env", "run it, and talk to it from this shell"],
      ["genesys-replay sandbox --history 4 --lose 0.001", "with an archive of four hours that lacks a few events"],
      ["genesys-replay sandbox --drop 0.01 --cut-after 0.2 --seed 7", "with faults, the same ones each time"]
    )
  )
)
