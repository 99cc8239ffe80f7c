/** The commands, and how their arguments are read. */
import { CliConfig, Command, HelpDoc } from "@effect/cli"
import * as Span from "@effect/cli/HelpDoc/Span"
import { Effect } from "effect"
import { apply } from "./apply/command.js"
import { audit } from "./audit/command.js"
import { capture } from "./capture/command.js"
import { demo } from "./demo/command.js"
import { doctor } from "./doctor/command.js"
import * as JsonSchemas from "./JsonSchemas.js"
import { plan } from "./plan/command.js"
import { reconcile } from "./reconcile/command.js"
import { cancel, list, status } from "./replays/command.js"
import { resend } from "./resend/command.js"
import { resume, runner, runs } from "./runs/command.js"
import { sandbox } from "./sandbox/command.js"
import { sync } from "./sync/command.js"
import * as LogFormat from "./telemetry/LogFormat.js"
import * as HelpConsole from "./terminal/HelpConsole.js"
import * as JsonOption from "./terminal/JsonOption.js"
import * as Operand from "./terminal/Operand.js"
import { verify } from "./verify/command.js"
import { standardInput } from "./verify/Source.js"
import { version } from "./wiring/Version.js"

const name = "genesys-replay"

const meanings = [
  ["plan", "say what would be submitted, submit nothing"],
  ["apply", "plan, submit, record"],
  ["resume", "go on with what was begun and is not finished"],
  ["runs", "what was asked for, and how far it is: runs list, show, cancel"],
  ["runner", "work on what was handed over, alone or with others"],
  ["list", "the replays at the provider"],
  ["status", "how far replays are"],
  ["cancel", "stop replays"],
  ["capture", "drain an SQS queue into a file that verify reads"],
  ["doctor", "why nothing comes: look at everything that a replay needs"],
  ["verify", "prove from captured events that nothing is missing"],
  ["reconcile", "prove by the platform's own records that nothing is missing"],
  ["resend", "send captured events again: to a queue, an event bus, a webhook, a file"],
  ["audit", "what was done, and the proof of it: audit list, verify, export"],
  ["sync", "what the systems downstream are still to be told: sync list, retry"],
  ["sandbox", "a Genesys Cloud on this machine, to try things on"],
  ["demo", "the whole story against the sandbox"]
] as const

/** The whole command, with its subcommands. */
// The option is what Process reads before the command line is understood; here for the help, and for who mistypes it.
export const command = Command.make(name, { logFormat: LogFormat.option }).pipe(
  Command.withDescription(
    HelpDoc.blocks([
      HelpDoc.p("Replays windows of Genesys Cloud events into Amazon EventBridge, and proves that they came back."),
      ...meanings.map(([command, meaning]) => HelpDoc.p(`  ${command.padEnd(9)}  ${meaning}`)),
      HelpDoc.p("$ genesys-replay demo    # begin here: the whole story, without credentials"),
      HelpDoc.p(
        "$ genesys-replay plan --topic genesys.conversations.message --start -36h --destination ARN    # one window"
      ),
      HelpDoc.p("$ genesys-replay apply replay.yaml --wait    # many")
    ])
  ),
  Command.withSubcommands([
    plan,
    apply,
    resume,
    runs,
    runner,
    list,
    status,
    cancel,
    capture,
    doctor,
    verify,
    reconcile,
    resend,
    audit,
    sync,
    sandbox,
    demo
  ])
)

const read = Command.run(command, {
  name,
  version,
  summary: Span.text("a replay window is done when it is proven complete")
})

const groups: ReadonlyArray<string> = ["audit", "runs", "sync"]

// The command that the arguments name, for its help.
const pathOf = (words: ReadonlyArray<string>): string => {
  const [first = "COMMAND", second = ""] = words
  if (!meanings.some(([command]) => command === first)) return "COMMAND"
  return groups.includes(first) && /^[a-z]+$/.test(second) ? `${first} ${second}` : first
}

// The library finds these options only in front of a command's own.
const isGlobal = (word: string): boolean => /^--log-(?:level|format)(?:=|$)/.test(word)

/** The words of these options, and all others. */
const splitGlobals = (
  words: ReadonlyArray<string>
): readonly [globals: ReadonlyArray<string>, ReadonlyArray<string>] => {
  const at = words.findIndex(isGlobal)
  const word = words[at]
  if (word === undefined) return [[], words]
  const behind = at + (word.includes("=") ? 1 : 2)
  const [globals, others] = splitGlobals([...words.slice(0, at), ...words.slice(behind)])
  return [[...words.slice(at, behind), ...globals], others]
}

/**
 * Reads the arguments and runs the command that they name; where they ask for the schema of its document, prints that, whatever else they
 * lack or say. Fails with the errors of the command, or a ValidationError.
 */
export const run = (argv: ReadonlyArray<string>) => {
  const given = argv.slice(2).map((word) => (word === "-" ? standardInput : word))
  const [globals, words] = splitGlobals(Operand.marked(Operand.repeated("--against", given)))
  const path = pathOf(words)
  const reading = read([...argv.slice(0, 2), ...globals, ...words]).pipe(
    Effect.withSpan(`${name} ${path}`),
    Effect.provide(CliConfig.layer({ autoCorrectLimit: 0 })),
    HelpConsole.about(path)
  )
  return JsonOption.asksForSchema(given) && JsonSchemas.has(path) ? JsonSchemas.print(path) : reading
}
