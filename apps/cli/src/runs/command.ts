/** `genesys-replay runs`, `resume` and `runner`: what was asked for, how far it is, and who works on it. */
import { Args, Command, Options } from "@effect/cli"
import { maxWait } from "../terminal/DurationOption.js"
import { withExamples } from "../terminal/Help.js"
import { json } from "../terminal/JsonOption.js"
import { lazily } from "../terminal/Lazy.js"
import { operand } from "../terminal/Operand.js"
import { provider } from "../terminal/ProviderOption.js"

const run = Args.text({ name: "RUN" }).pipe(
  Args.withDescription("A run, as genesys-replay runs list shows it"),
  Args.mapEffect(operand)
)

const list = Command.make(
  "list",
  {
    open: Options.boolean("open").pipe(Options.withDescription("Only what something is still to be done for")),
    since: Options.text("since").pipe(
      Options.withPseudoName("TIME"),
      Options.withDescription("Only runs that were asked for since then: -1d, or an instant"),
      Options.optional
    ),
    check: Options.boolean("check").pipe(
      Options.withDescription(
        "Exit code 3 where one that is listed is open, has failed or is not complete: for schedules"
      )
    ),
    json
  },
  lazily(() => import("./list.js"))
).pipe(
  Command.withDescription(
    withExamples(
      "See which runs there are, oldest first, and how far each is.",
      ["genesys-replay runs list --open", "what is not finished"],
      ["genesys-replay runs list --since -1d --check", "from a schedule, which hears of what went wrong"]
    )
  )
)

const show = Command.make(
  "show",
  { run, json },
  lazily(() => import("./show.js"))
).pipe(
  Command.withDescription(
    withExamples("See how far the windows of a run are.", ["genesys-replay runs show RUN", "one line a window"])
  )
)

const cancel = Command.make(
  "cancel",
  {
    run,
    names: Args.text({ name: "WINDOW" }).pipe(
      Args.withDescription("Only the windows of these names"),
      Args.mapEffect(operand),
      Args.repeated
    ),
    provider,
    abandon: Options.boolean("abandon").pipe(
      Options.withDescription("Do not ask the provider: a replay that stands, and cannot be stopped, is left as it is")
    ),
    maxWait,
    json
  },
  lazily(() => import("./cancel.js"))
).pipe(
  Command.withDescription(
    withExamples(
      "Take back what of a run is not finished: nothing more is submitted, and the replays that were started are stopped.",
      ["genesys-replay runs cancel RUN", "all of it"],
      ["genesys-replay runs cancel RUN outage-2024-01-15", "one window"]
    )
  )
)

/** `runs`. */
export const runs = Command.make("runs").pipe(
  Command.withDescription(
    withExamples(
      "See what was asked for and how far it is, or take it back. A run is one apply.",
      ["genesys-replay runs list --open", "what is not finished"],
      ["genesys-replay runs show RUN", "how far each of its windows is"],
      ["genesys-replay runs cancel RUN", "take it back"]
    )
  ),
  Command.withSubcommands([list, show, cancel])
)

/** `resume`. */
export const resume = Command.make(
  "resume",
  { provider, maxWait, json },
  lazily(() => import("./resume.js"))
).pipe(
  Command.withDescription(
    withExamples(
      "Finish everything that was begun: after a crash, a reboot, Ctrl-C, or an apply --detach. Nothing is submitted twice.",
      ["genesys-replay resume", "finish what was begun"]
    )
  )
)

/** `runner`. */
export const runner = Command.make(
  "runner",
  {
    provider,
    untilIdle: Options.boolean("until-idle").pipe(Options.withDescription("End when nothing is left to do")),
    maxWait,
    json
  },
  lazily(() => import("./runner.js"))
).pipe(
  Command.withDescription(
    withExamples(
      "Leave replays to a process that stays: it works on whatever is asked for with apply --detach, until it is stopped. With GENESYS_REPLAY_DATABASE_URL=postgres://… several runners share the work, on one machine or many.",
      ["genesys-replay runner", "work until Ctrl-C"],
      ["genesys-replay runner --until-idle", "for cron: end when nothing is left to do"]
    )
  )
)
