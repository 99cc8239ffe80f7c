/** `genesys-replay sync`: what the systems downstream were told, what they are still to be told, and what was given up. */
import { Args, Command, Options } from "@effect/cli"
import { withExamples } from "../terminal/Help.js"
import { json } from "../terminal/JsonOption.js"
import { lazily } from "../terminal/Lazy.js"
import { operand } from "../terminal/Operand.js"

const list = Command.make(
  "list",
  {
    state: Options.choice("state", ["pending", "delivered", "dead"]).pipe(
      Options.withDescription("Only those that are still tried, that were given up, or that were taken"),
      Options.optional
    ),
    window: Options.text("window").pipe(
      Options.withPseudoName("WINDOW"),
      Options.withDescription("Only the window of this name"),
      Options.optional
    ),
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
    withExamples(
      "See what the systems downstream were told and what not yet, oldest first: for which sink, how often it was tried, and why it was not taken.",
      ["genesys-replay sync list --state pending", "what is still to be delivered"],
      ["genesys-replay sync list --state dead", "what was given up, until sync retry"]
    )
  )
)

const retry = Command.make(
  "retry",
  {
    ids: Args.text({ name: "MESSAGE" }).pipe(
      Args.withDescription("The id of a sync event, or its beginning, as genesys-replay sync list shows it"),
      Args.mapEffect(operand),
      Args.repeated
    ),
    all: Options.boolean("all").pipe(Options.withDescription("Every one that was given up")),
    json
  },
  lazily(() => import("./retry.js"))
).pipe(
  Command.withDescription(
    withExamples(
      "Tell the systems downstream again what was given up, and at once what still waits. Exit code 0 when all of it was taken, 5 when some was not; that stays in the outbox and is tried again by a runner.",
      ["genesys-replay sync retry --all", "everything that was given up"],
      ["genesys-replay sync retry msg_3fa9c1", "one, by the beginning of its id"]
    )
  )
)

/** The command. */
export const sync = Command.make("sync").pipe(
  Command.withDescription(
    withExamples(
      "See what the systems downstream were not told yet, and tell them again.",
      ["genesys-replay sync list --state dead", "what was given up"],
      ["genesys-replay sync retry --all", "deliver it again"]
    )
  ),
  Command.withSubcommands([list, retry])
)
