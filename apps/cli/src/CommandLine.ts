/** The commands, and how their arguments are read. */
import { CliConfig, Command, type CommandDescriptor, HelpDoc } from "@effect/cli"
import * as Span from "@effect/cli/HelpDoc/Span"
import { Effect } from "effect"
import { apply } from "./apply/command.js"
import { audit } from "./audit/command.js"
import { capture } from "./capture/command.js"
import { completionsOf } from "./completions/command.js"
import type * as HelpTree from "./completions/HelpTree.js"
import { demo } from "./demo/command.js"
import { doctor } from "./doctor/command.js"
import { heal } from "./heal/command.js"
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
import * as RepeatedOption from "./terminal/RepeatedOption.js"
import { verify } from "./verify/command.js"
import { standardInput } from "./verify/Source.js"
import { version } from "./wiring/Version.js"

const name = "genesys-replay"

const meanings = [
  ["plan", "see what would be replayed, before anything is sent"],
  ["apply", "bring the events of a window back"],
  ["resume", "finish what was begun, after a crash or Ctrl-C"],
  ["runs", "see what was asked for and how far it is: runs list, show, cancel"],
  ["runner", "leave replays to a process that stays, alone or with others"],
  ["list", "see the replays that the provider has"],
  ["status", "see how far a replay is"],
  ["cancel", "stop a replay"],
  ["capture", "get what was delivered to an SQS queue into a file"],
  ["doctor", "find out why nothing comes"],
  ["verify", "know whether everything came back, by another capture or by index"],
  ["reconcile", "know what never came, by Genesys Cloud's own records"],
  ["heal", "bring back exactly what is missing, until nothing is"],
  ["resend", "give a consumer again what it missed, each event once"],
  ["audit", "show what was done, and prove it: audit list, verify, export"],
  ["sync", "see what systems downstream were not told yet: sync list, retry"],
  ["sandbox", "try things out without an account, on this machine"],
  ["demo", "see the whole story in seconds"],
  ["completions", "have your shell complete commands, options and names"]
] as const

// The commands that have commands below them.
const groups: HelpTree.Groups = { audit: audit.descriptor, runs: runs.descriptor, sync: sync.descriptor }

const whole = (): CommandDescriptor.Command<unknown> => command.descriptor

/** The whole command, with its subcommands. */
// The option is what Process reads before the command line is understood; here for the help, and for who mistypes it.
export const command = Command.make(name, { logFormat: LogFormat.option }).pipe(
  Command.withDescription(
    HelpDoc.blocks([
      HelpDoc.p(
        "Bring back the Genesys Cloud events that went missing on Amazon EventBridge, and prove that all of them came."
      ),
      ...meanings.map(([command, meaning]) => HelpDoc.p(`  ${command.padEnd(11)}  ${meaning}`)),
      HelpDoc.p("$ genesys-replay demo    # begin here: the whole story, without credentials"),
      HelpDoc.p("$ genesys-replay plan --topic v2.users.{id}.presence --start -36h --destination ARN    # one window"),
      HelpDoc.p("$ genesys-replay apply replay.yaml --wait    # many"),
      HelpDoc.p("$ genesys-replay COMMAND --help    # what a command takes, and examples")
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
    heal,
    resend,
    audit,
    sync,
    sandbox,
    demo,
    completionsOf(whole, groups)
  ])
)

const read = Command.run(command, {
  name,
  version,
  summary: Span.text("a replay window is done when it is proven complete")
})

// The command that the arguments name, for its help.
const pathOf = (words: ReadonlyArray<string>): string => {
  const [first = "COMMAND", second = ""] = words
  if (!meanings.some(([command]) => command === first)) return "COMMAND"
  return Object.hasOwn(groups, first) && /^[a-z]+$/.test(second) ? `${first} ${second}` : first
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
 * lack or say. Fails with the errors of the command, a UsageError or a ValidationError.
 */
export const run = (argv: ReadonlyArray<string>) => {
  const given = argv.slice(2).map((word) => (word === "-" ? standardInput : word))
  const [globals, words] = splitGlobals(Operand.marked(Operand.repeated("--against", given)))
  const path = pathOf(words)
  const reading = RepeatedOption.check(given).pipe(
    Effect.andThen(read([...argv.slice(0, 2), ...globals, ...words])),
    Effect.withSpan(`${name} ${path}`),
    Effect.provide(CliConfig.layer({ autoCorrectLimit: 0 })),
    HelpConsole.about(path)
  )
  if (!JsonOption.asksForSchema(given)) return reading
  // Loaded where it is asked for: no other command waits for it.
  return Effect.flatMap(
    Effect.promise(() => import("./JsonSchemas.js")),
    (JsonSchemas) => (JsonSchemas.has(path) ? JsonSchemas.print(path) : reading)
  )
}
