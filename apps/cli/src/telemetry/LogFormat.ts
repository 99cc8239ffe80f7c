/** The form of the logs on standard error: `--log-format`. */
import { Options } from "@effect/cli"
import {
  Array,
  Cause,
  Context,
  DateTime,
  Effect,
  FiberRef,
  FiberRefs,
  Inspectable,
  Layer,
  Logger,
  Option,
  Tracer
} from "effect"
import * as ProgressLine from "../terminal/ProgressLine.js"
import { type Output, Screen } from "../terminal/Screen.js"
import * as Style from "../terminal/Style.js"

/** `logfmt`: a line of `key=value`, in words where a person sees it. `json`: one JSON object a line, for programs. */
export type LogFormat = "logfmt" | "json"

/** The option, of every command. */
export const option = Options.choice("log-format", ["logfmt", "json"]).pipe(
  Options.withDefault("logfmt"),
  Options.withDescription("The form of the logs: with json, standard error is one JSON object a line.")
)

/** What the arguments say of it, before the command line is read: the logs begin earlier. */
export const of = (argv: ReadonlyArray<string>): LogFormat =>
  /(?:^| )--log-format[= ]json(?: |$)/i.test(argv.join(" ")) ? "json" : "logfmt"

// What JSON has no form for becomes text; objects decide themselves, as Redacted does.
const plain = (_: string, value: unknown): unknown =>
  typeof value === "bigint" || typeof value === "symbol" || typeof value === "function" ? String(value) : value

const lineOf = (entry: Readonly<Record<string, unknown>>): string => {
  try {
    return JSON.stringify(entry, plain)
  } catch {
    // Something in it refers to itself.
    return JSON.stringify({ ...entry, message: String(entry["message"]), annotations: undefined })
  }
}

const spanIn = (refs: FiberRefs.FiberRefs) =>
  Option.map(
    Context.getOption(FiberRefs.getOrDefault(refs, FiberRef.currentContext), Tracer.ParentSpan),
    ({ spanId, traceId, ...span }) => ({ ...("name" in span ? { name: span.name } : {}), traceId, spanId })
  )

/**
 * One line for each entry: `timestamp` (ISO 8601), `level`, `message`; and, where there are any, `annotations`, `span` (name, trace
 * id and span id, the same as in exported traces) and `cause`.
 */
export const jsonLogger: Logger.Logger<unknown, string> = Logger.make(
  ({ annotations, cause, context, date, logLevel, message }) => {
    const parts = Array.ensure(message)
    return lineOf({
      timestamp: date.toISOString(),
      level: logLevel.label,
      message: parts.length === 1 ? parts[0] : parts,
      annotations: [...annotations].length === 0 ? undefined : Object.fromEntries(annotations),
      span: Option.getOrUndefined(spanIn(context)),
      cause: Cause.isEmpty(cause) ? undefined : Cause.pretty(cause, { renderErrorCause: true })
    })
  }
)

const inks = { Fatal: "red", Error: "red", Warning: "yellow", Info: "cyan", Debug: "dim", Trace: "dim" } as const

// A line of progress that stands there is drawn again below it.
const terminalLogger = (style: Style.Style): Logger.Logger<unknown, string> =>
  Logger.make(({ annotations, cause, logLevel, message }) => {
    const { _tag: level } = logLevel
    const label = level === "All" || level === "None" ? level : style(inks[level], level.toLowerCase())
    const text = Array.ensure(message).map((part) => Inspectable.toStringUnknown(part))
    const noted = [...annotations].map(([key, value]) => style("dim", `${key}=${Inspectable.toStringUnknown(value)}`))
    const because = Cause.isEmpty(cause) ? "" : `\n${Cause.pretty(cause, { renderErrorCause: true })}`
    return `${ProgressLine.clear}${label}: ${[...text, ...noted].join(" ")}${because}`
  })

/** The logger of a format, in place of Effect's own. It writes to standard error: standard output is the answer's alone. */
export const layer = (format: LogFormat): Layer.Layer<never, never, Screen> =>
  Layer.unwrapEffect(
    Effect.map(Screen, ({ err }) => {
      const plainly = err.isTerminal ? terminalLogger(Style.of(err)) : Logger.logfmtLogger
      return Logger.replace(Logger.defaultLogger, Logger.withConsoleError(format === "json" ? jsonLogger : plainly))
    })
  )

const asEntries = (err: Output, level: "INFO" | "ERROR"): Output => ({
  ...err,
  isTerminal: false,
  colour: false,
  write: (text) => {
    const message = Style.strip(text).trim()
    return message === ""
      ? Effect.void
      : Effect.flatMap(DateTime.now, (now) =>
          err.write(`${JSON.stringify({ timestamp: DateTime.formatIso(now), level, message })}\n`)
        )
  }
})

/** With `json`, everything that is said on standard error is an entry of this level; else nothing changes. */
export const onScreen =
  (format: LogFormat, level: "INFO" | "ERROR") =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | Screen> =>
    format === "logfmt"
      ? effect
      : Effect.updateService(effect, Screen, (screen) => ({ ...screen, err: asEntries(screen.err, level) }))
