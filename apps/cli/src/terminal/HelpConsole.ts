/** The console that help texts are printed to: short, coloured where a person sees it, plain everywhere else. */
import { Console, Effect } from "effect"
import * as HelpText from "./HelpText.js"
import { Screen } from "./Screen.js"
import * as Style from "./Style.js"

const helping = (
  original: Console.Console,
  path: string,
  colours: { readonly out: boolean; readonly err: boolean }
): Console.Console => {
  const fit = (coloured: boolean, values: ReadonlyArray<unknown>) =>
    values.map((value) =>
      typeof value === "string" ? HelpText.tighten(coloured ? value : Style.strip(value), path) : value
    )
  return {
    ...original,
    log: (...values) => original.log(...fit(colours.out, values)),
    error: (...values) => original.error(...fit(colours.err, values))
  }
}

/** Runs an effect whose help is about the command that `path` names. */
export const about =
  (path: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | Screen> =>
    Effect.flatMap(Screen, ({ err, out }) =>
      Console.consoleWith((original) =>
        Effect.withConsole(effect, helping(original, path, { out: out.colour, err: err.colour }))
      )
    )
