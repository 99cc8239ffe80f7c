/** The console that help texts are printed to: coloured where a person sees it, plain everywhere else. */
import { Console, Effect } from "effect"
import { Screen } from "./Screen.js"
import * as Style from "./Style.js"

const plainer = (
  original: Console.Console,
  colours: { readonly out: boolean; readonly err: boolean }
): Console.Console => {
  const clean = (coloured: boolean, values: ReadonlyArray<unknown>) =>
    values.map((value) => (typeof value === "string" && !coloured ? Style.strip(value) : value))
  return {
    ...original,
    log: (...values) => original.log(...clean(colours.out, values)),
    error: (...values) => original.error(...clean(colours.err, values)),
    unsafe: {
      ...original.unsafe,
      log: (...values: ReadonlyArray<unknown>) => original.unsafe.log(...clean(colours.out, values)),
      error: (...values: ReadonlyArray<unknown>) => original.unsafe.error(...clean(colours.err, values))
    }
  }
}

/** Runs an effect with a console that leaves colours out where the screen shows none. */
export const plainWhereNotShown = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | Screen> =>
  Effect.flatMap(Screen, ({ err, out }) =>
    Console.consoleWith((original) =>
      Effect.withConsole(effect, plainer(original, { out: out.colour, err: err.colour }))
    )
  )
