/** How a run ends that did not go well. */
import { HelpDoc, ValidationError } from "@effect/cli"
import * as SqlFailure from "@genesys-replay/pipeline/SqlFailure"
import { Cause, Effect, Exit, Option, Schema } from "effect"
import * as ErrorBlock from "./ErrorBlock.js"
import * as ExitCode from "./ExitCode.js"
import * as JsonDocument from "./JsonDocument.js"
import { Screen, StandardOutputFailed, say } from "./Screen.js"
import * as Style from "./Style.js"

/** The run is over, everything was said; only the exit code is left. */
export class Finished extends Schema.TaggedError<Finished>()("Finished", { exitCode: Schema.Number }) {}

/** Ends the run with this code, without another word; not at all where it is 0. */
export const finish = (exitCode: number): Effect.Effect<void, Finished> =>
  exitCode === ExitCode.done ? Effect.void : Effect.fail(new Finished({ exitCode }))

// A database that refuses is no bug, also where a library died of it.
const refusedByDatabase = SqlFailure.inCause("the database")("written")

// What a cause is told by.
const errorOf = (cause: Cause.Cause<unknown>): unknown =>
  refusedByDatabase(cause) ??
  (Cause.isDie(cause) ? Cause.squash(cause) : Option.getOrElse(Cause.failureOption(cause), () => Cause.squash(cause)))

const code = (cause: Cause.Cause<unknown>): number => {
  if (Cause.isInterruptedOnly(cause)) return ExitCode.interrupted
  const refused = refusedByDatabase(cause)
  if (refused !== undefined) return ExitCode.of(ErrorBlock.explain(refused))
  const error = Option.getOrUndefined(Cause.failureOption(cause))
  if (Cause.isDie(cause) || error === undefined) return ExitCode.bug
  if (error instanceof Finished) return error.exitCode
  if (error instanceof StandardOutputFailed && error.readerIsGone) return ExitCode.done
  if (ValidationError.isValidationError(error)) return ExitCode.badInput
  return ExitCode.of(ErrorBlock.explain(error))
}

/**
 * The exit code of a process that has ended like this. Stopped with Ctrl-C it was interrupted, whatever else went wrong on the
 * way out: `resume` goes on from what is written.
 */
export const codeOf: (exit: Exit.Exit<unknown, unknown>) => number = Exit.match({
  onSuccess: (value) => (typeof value === "number" ? value : ExitCode.done),
  onFailure: (cause) => (Cause.isInterrupted(cause) ? ExitCode.interrupted : code(cause))
})

/** Says what went wrong when nobody was left to {@link report} it: on the way out. */
export const tellLast = (exit: Exit.Exit<unknown, unknown>): Effect.Effect<void, never, Screen> => {
  if (Exit.isSuccess(exit) || Cause.isInterruptedOnly(exit.cause)) return Effect.void
  const stopping = Cause.isInterrupted(exit.cause) ? "while stopping: " : ""
  const refused = refusedByDatabase(exit.cause)
  const words = refused === undefined ? Cause.pretty(exit.cause, { renderErrorCause: true }) : refused.message
  return say(`error: ${stopping}${words}`)
}

// Of letters behind one dash the parser says nothing.
const unknownOption = "a word that begins with - is no option of the command; put -- in front of it where it is a name"

// The argument parser's errors are documents; their colours and blank lines are left out.
const explained = (error: unknown): ErrorBlock.Explanation =>
  ErrorBlock.explain(
    ValidationError.isValidationError(error)
      ? { _tag: "CommandLineInvalid", message: Style.strip(HelpDoc.toAnsiText(error.error)).trim() || unknownOption }
      : error
  )

/** How a failure is told. */
export interface Telling {
  /** Also as the one document on standard output. */
  readonly json: boolean
  /** With the whole cause and its stack traces. */
  readonly debug: boolean
}

// Who stopped it, or reads no further, asked for the end.
const quiet = new Set([ExitCode.interrupted, ExitCode.done])

/** Says what went wrong in a block on standard error. Answers the exit code. */
export const report = Effect.fn("Failure.report")(function* (cause: Cause.Cause<unknown>, { debug, json }: Telling) {
  const exitCode = code(cause)
  const error = errorOf(cause)
  if (error instanceof Finished || quiet.has(exitCode)) return exitCode
  const { err } = yield* Screen
  const explanation = explained(error)
  if (json) {
    const message = explanation.lines.join("\n") || explanation.what
    // Where that cannot be printed either, it is still said.
    yield* Effect.ignore(
      JsonDocument.print(JsonDocument.CommandFailure, { error: { tag: explanation.tag, message, exitCode } })
    )
  }
  yield* say(ErrorBlock.render(explanation, Style.of(err)))
  if (debug) yield* say(Cause.pretty(cause, { renderErrorCause: true }))
  return exitCode
})
