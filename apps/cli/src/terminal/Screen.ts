/** Where the command line writes: the answer to standard output, everything else to standard error. */
import { Config, Context, Effect, Layer, Option } from "effect"

/** One of the two streams, and what it can show. */
export interface Output {
  /** Writes text as it is and waits until it is taken. */
  readonly write: (text: string) => Effect.Effect<void>
  /** Whether a person sees it. */
  readonly isTerminal: boolean
  /** Whether it may be coloured: a terminal, and no `NO_COLOR`. */
  readonly colour: boolean
  /** Columns now; 80 where it is no terminal. */
  readonly width: () => number
}

/** The screen. */
export class Screen extends Context.Tag("@genesys-replay/cli/Screen")<
  Screen,
  {
    readonly out: Output
    readonly err: Output
    /** Whether block characters and arrows can be shown. */
    readonly unicode: boolean
  }
>() {
  /** The process's own streams. A reader that closed its end ends the writing quietly. */
  static readonly layer: Layer.Layer<Screen> = Layer.effect(
    Screen,
    Effect.gen(function* () {
      const noColour = yield* present("NO_COLOR")
      const locale = yield* Config.string("LC_ALL").pipe(
        Config.orElse(() => Config.string("LC_CTYPE")),
        Config.orElse(() => Config.string("LANG")),
        Config.withDefault("C.UTF-8")
      )
      const dumb = yield* Config.string("TERM").pipe(Config.withDefault(""))
      const output = (stream: NodeJS.WriteStream): Output => ({
        write: (text) => writeTo(stream, text),
        isTerminal: stream.isTTY === true && dumb !== "dumb",
        colour: stream.isTTY === true && dumb !== "dumb" && !noColour,
        width: () => (stream.isTTY && stream.columns > 0 ? stream.columns : 80)
      })
      return { out: output(process.stdout), err: output(process.stderr), unicode: /utf-?8/i.test(locale) }
    }).pipe(Effect.orDie)
  )
}

const present = (name: string) =>
  Config.option(Config.string(name)).pipe(Config.map((value) => Option.isSome(value) && value.value !== ""))

const writeTo = (stream: NodeJS.WriteStream, text: string): Effect.Effect<void> =>
  Effect.async<void>((resume) => {
    if (stream.destroyed || stream.writableEnded) return resume(Effect.void)
    stream.write(text, () => resume(Effect.void))
  })

/** A line to standard output. */
export const print = (text: string) => Effect.flatMap(Screen, ({ out }) => out.write(`${text}\n`))

/** A line to standard error. */
export const say = (text: string) => Effect.flatMap(Screen, ({ err }) => err.write(`${text}\n`))

/** The one JSON document of a `--json` run. */
export const printJson = (document: unknown) => print(JSON.stringify(document, null, 2))
