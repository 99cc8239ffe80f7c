/** `genesys-replay completions`: what a shell is told once, to complete commands, options and names. */
import { Args, Command, type CommandDescriptor } from "@effect/cli"
import { Effect } from "effect"
import { withExamples } from "../terminal/Help.js"
import { json } from "../terminal/JsonOption.js"
import type * as HelpTree from "./HelpTree.js"
import { type Shell, shells } from "./Shell.js"

const shell = Args.choice(
  shells.map((shell): [string, Shell] => [shell, shell]),
  { name: shells.join("|") }
).pipe(Args.withDescription("The shell that you type in"))

/** The command, which completes what `whole` has: itself among that. */
export const completionsOf = (whole: () => CommandDescriptor.Command<unknown>, groups: HelpTree.Groups) =>
  Command.make("completions", { shell, json }, (input) =>
    Effect.gen(function* () {
      const [{ run }, { of }] = yield* Effect.promise(() => Promise.all([import("./run.js"), import("./HelpTree.js")]))
      yield* run(input, of("genesys-replay", whole(), groups))
    })
  ).pipe(
    Command.withDescription(
      withExamples(
        "Have your shell complete commands, options, and the names of runs, windows, replays and messages. Prints what the shell's start-up file needs, once: it stays right with later releases.",
        ["genesys-replay completions bash >> ~/.bashrc", "from the next shell on"],
        ["genesys-replay completions zsh >> ~/.zshrc", "in zsh"],
        ["genesys-replay completions fish >> ~/.config/fish/config.fish", "in fish"]
      )
    )
  )
