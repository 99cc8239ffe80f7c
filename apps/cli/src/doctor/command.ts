/** `genesys-replay doctor`: what a replay needs, looked at. */
import { Args, Command } from "@effect/cli"
import { withExamples } from "../terminal/Help.js"
import { json } from "../terminal/JsonOption.js"
import { lazily } from "../terminal/Lazy.js"
import { operand } from "../terminal/Operand.js"

/** The command. */
export const doctor = Command.make(
  "doctor",
  {
    spec: Args.text({ name: "SPEC" }).pipe(
      Args.withDescription("A spec file: its windows are checked too, and the event buses that they go to"),
      Args.mapEffect(operand),
      Args.optional
    ),
    json
  },
  lazily(() => import("./run.js"))
).pipe(
  Command.withDescription(
    withExamples(
      "Find out why nothing comes, or what would keep a replay from working, and what to do about it. Asks Genesys Cloud and AWS, and changes nothing anywhere. Exit code 3 where a check failed, 5 where nobody could be asked.",
      ["genesys-replay doctor", "credentials, integration, event bus, rules, queues, archives, state"],
      ["genesys-replay doctor replay.yaml", "and whether the windows of a spec could be replayed now"],
      [
        "genesys-replay doctor --json | jq '.checks[] | select(.status == \"failed\")'",
        "what failed, for another program"
      ]
    )
  )
)
