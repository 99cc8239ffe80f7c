/** `genesys-replay demo`: the whole story, without credentials. */
import { Command } from "@effect/cli"
import { withExamples } from "../terminal/Help.js"
import { json } from "../terminal/JsonOption.js"
import { lazily } from "../terminal/Lazy.js"

/** The command. */
export const demo = Command.make(
  "demo",
  { json },
  lazily(() => import("./run.js"))
).pipe(
  Command.withDescription(
    withExamples(
      "See the whole story in seconds, against a sandbox on this machine: plan, apply, wait, verify, a loss that is found, an archive of Amazon EventBridge with an outage that is proven by the platform's records and healed, a webhook that is told, and the audit trail. Needs no credentials, changes nothing.",
      ["genesys-replay demo", "and then genesys-replay sandbox"]
    )
  )
)
