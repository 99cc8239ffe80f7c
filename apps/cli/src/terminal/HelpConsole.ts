/** The console that help texts are printed to: short, coloured where a person sees it, plain everywhere else. */
import { format } from "node:util"
import { Console, Effect, Option, Ref } from "effect"
import * as HelpText from "./HelpText.js"
import { type Output, Screen, type StandardOutputFailed } from "./Screen.js"
import * as Style from "./Style.js"

const fit = (value: unknown, path: string, out: Pick<Output, "colour" | "width">): unknown =>
  typeof value === "string"
    ? HelpText.tighten(out.colour ? value : Style.strip(value), path, out.width()).trimEnd()
    : value

/** Runs an effect whose help is about the command that `path` names. */
export const about =
  (path: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | StandardOutputFailed, R | Screen> =>
    Effect.gen(function* () {
      const { out } = yield* Screen
      // A console cannot fail: what becomes of its writing is asked for behind it.
      const failed = yield* Ref.make(Option.none<StandardOutputFailed>())
      const helping = (original: Console.Console): Console.Console => ({
        ...original,
        log: (...values) =>
          out
            .write(`${format(...values.map((value) => fit(value, path, out)))}\n`)
            .pipe(Effect.catchAll((error) => Ref.set(failed, Option.some(error)))),
        // What is wrong with the arguments: told by Failure, in a block as every other error is.
        error: () => Effect.void
      })
      const result = yield* Console.consoleWith((original) => Effect.withConsole(effect, helping(original)))
      const error = yield* Ref.get(failed)
      if (Option.isSome(error)) return yield* error.value
      return result
    })
