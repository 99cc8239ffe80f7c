/** The commands, and how their arguments are read. */
import { CliConfig, Command, HelpDoc } from "@effect/cli"
import * as Span from "@effect/cli/HelpDoc/Span"
import { Effect } from "effect"
import { apply } from "./apply/command.js"
import { audit } from "./audit/command.js"
import { demo } from "./demo/command.js"
import { plan } from "./plan/command.js"
import { cancel, list, status } from "./replays/command.js"
import { sandbox } from "./sandbox/command.js"
import { version } from "./Version.js"
import { verify } from "./verify/command.js"
import { standardInput } from "./verify/Source.js"

const name = "genesys-replay"

const command = Command.make(name).pipe(
  Command.withDescription(
    HelpDoc.blocks([
      HelpDoc.p("Replay windows of Genesys Cloud events into Amazon EventBridge, and prove that they came back."),
      HelpDoc.p("Begin here, without credentials:  genesys-replay demo"),
      HelpDoc.p(
        "Then, for one window:             genesys-replay plan --topic genesys.conversations.message --start -36h --destination ARN"
      ),
      HelpDoc.p("For many:                         genesys-replay apply replay.yaml --wait")
    ])
  ),
  Command.withSubcommands([plan, apply, list, status, cancel, verify, audit, sandbox, demo])
)

const read = Command.run(command, {
  name,
  version,
  summary: Span.text("a replay window is done when it is proven complete")
})

/** Reads the arguments and runs the command that they name. Fails with the errors of the command, or a ValidationError. */
export const run = (argv: ReadonlyArray<string>) =>
  read(argv.map((word) => (word === "-" ? standardInput : word))).pipe(
    Effect.provide(CliConfig.layer({ showBuiltIns: true, showTypes: true, finalCheckBuiltIn: true }))
  )
