/** Where the command line writes: the answer to standard output, everything else to standard error. */
import { fstatSync, writeFile } from "node:fs"
import { WriteFailure } from "@genesys-replay/domain"
import { Config, Context, Effect, Layer, Option, Schema } from "effect"

/** Standard output does not take the answer: a full disk behind it, or nobody who reads it. */
export class StandardOutputFailed extends Schema.TaggedError<StandardOutputFailed>()("StandardOutputFailed", {
  reason: Schema.String,
  /** What to do. */
  remedy: Schema.String,
  /** A reader that has seen enough (head, say) is no error. */
  readerIsGone: Schema.Boolean
}) {
  override get message(): string {
    return `${this.reason}. What the command has done stays done`
  }
}

/** One of the two streams, and what it can show. */
export interface Output<E = never> {
  /** Writes text as it is and waits until it is taken. */
  readonly write: (text: string) => Effect.Effect<void, E>
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
    readonly out: Output<StandardOutputFailed>
    readonly err: Output
    /** Whether block characters and arrows can be shown. */
    readonly unicode: boolean
  }
>() {
  /**
   * The process's own streams. Standard output that cannot be written ends the command. Standard error that cannot be written
   * ends nothing: the work, and the answer, are worth more than what is said about them.
   */
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
      const output = <E>(stream: NodeJS.WriteStream, write: Output<E>["write"]): Output<E> => ({
        write,
        isTerminal: stream.isTTY === true && dumb !== "dumb",
        colour: stream.isTTY === true && dumb !== "dumb" && !noColour,
        width: () => (stream.isTTY && stream.columns > 0 ? stream.columns : 80)
      })
      return {
        out: output(process.stdout, toStandardOutput),
        err: output(process.stderr, (text) => Effect.ignore(toStream(process.stderr, text))),
        unicode: /utf-?8/i.test(locale)
      }
    }).pipe(Effect.orDie)
  )
}

const present = (name: string) =>
  Config.option(Config.string(name)).pipe(Config.map((value) => Option.isSome(value) && value.value !== ""))

const outputFailed = (error: unknown) =>
  new StandardOutputFailed({ ...WriteFailure.of(error), readerIsGone: WriteFailure.codeOf(error) === "EPIPE" })

const toStream = (stream: NodeJS.WriteStream, text: string) =>
  Effect.async<void, StandardOutputFailed>((resume) => {
    const taken = (error: Error | null | undefined) => resume(error ? Effect.fail(outputFailed(error)) : Effect.void)
    if (stream.destroyed || stream.writableEnded) taken(stream.errored)
    else stream.write(text, taken)
  })

const isFile = (descriptor: number): boolean => {
  try {
    return fstatSync(descriptor).isFile()
  } catch {
    return false
  }
}

// Node writes to a file once and does not look how much the disk has taken; this writes until all of it is there.
const toFile = (descriptor: number, text: string) =>
  Effect.async<void, StandardOutputFailed>((resume) =>
    writeFile(descriptor, text, (error) => resume(error ? Effect.fail(outputFailed(error)) : Effect.void))
  )

const toStandardOutput = (text: string) =>
  Effect.suspend(() => (isFile(process.stdout.fd) ? toFile(process.stdout.fd, text) : toStream(process.stdout, text)))

/** A line to standard output. */
export const print = (text: string) => Effect.flatMap(Screen, ({ out }) => out.write(`${text}\n`))

/** A line to standard error. */
export const say = (text: string) => Effect.flatMap(Screen, ({ err }) => err.write(`${text}\n`))

/** The one JSON document of a `--json` run. */
export const printJson = (document: unknown) => print(JSON.stringify(document, null, 2))
