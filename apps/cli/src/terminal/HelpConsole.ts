/** The console that help texts are printed to: short, coloured where a person sees it, plain everywhere else. */
import { Console, Effect } from "effect"
import * as HelpText from "./HelpText.js"
import { Screen } from "./Screen.js"
import * as Style from "./Style.js"

const helping = (original: Console.Console, path: string, coloured: boolean): Console.Console => {
  const fit = (value: unknown) =>
    typeof value === "string" ? HelpText.tighten(coloured ? value : Style.strip(value), path).trimEnd() : value
  return {
    ...original,
    log: (...values) => original.log(...values.map(fit)),
    // What is wrong with the arguments: told by Failure, in a block as every other error is.
    error: () => Effect.void
  }
}

/** Runs an effect whose help is about the command that `path` names. */
export const about =
  (path: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | Screen> =>
    Effect.flatMap(Screen, ({ out }) =>
      Console.consoleWith((original) => Effect.withConsole(effect, helping(original, path, out.colour)))
    )
