/** Errors as a person reads them: one block that says what, where, why, and what to type next. */
import { Predicate } from "effect"
import type { Style } from "./Style.js"

/** An error, taken apart. */
export interface Explanation {
  readonly tag: string
  /** What happened. */
  readonly what: string
  /** Where and why, one line each. */
  readonly lines: ReadonlyArray<string>
  /** What to do or to type next. */
  readonly next: string | undefined
  /** Whether it may pass by itself. */
  readonly isTransient: boolean
}

const headings: Record<string, readonly [what: string, next: string | undefined]> = {
  CommandLineInvalid: [
    "the command line is not understood",
    "genesys-replay COMMAND --help shows what a command takes, genesys-replay --help the commands"
  ],
  UsageError: ["the command line is not complete", undefined],
  StandardOutputFailed: ["standard output cannot be written", undefined],
  OutputFileFailed: ["the file cannot be written", undefined],
  SpecFileUnreadable: [
    "the spec file cannot be read",
    "check the path, or write a spec: genesys-replay plan --schema shows its form"
  ],
  SpecFileInvalid: [
    "the spec file is not valid",
    "correct the places above; genesys-replay plan --schema shows the form"
  ],
  ProviderMismatch: ["the plan is for another provider: nothing was submitted", undefined],
  ProofNotPossible: [
    "a window cannot be proven as its spec says: nothing was submitted (--captured names events, --against a baseline)",
    undefined
  ],
  RecordsNotConfigured: ["the platform's records cannot be asked for", undefined],
  PlanRejected: ["the plan has errors: nothing was submitted", "correct the windows above and plan again"],
  AwsMisconfigured: ["AWS is not configured", "correct the variables above, or unset them"],
  ConfigurationInvalid: [
    "Genesys Cloud is not configured",
    "export GENESYS_CLIENT_ID=… GENESYS_CLIENT_SECRET_FILE=…, or try things on: genesys-replay sandbox"
  ],
  ProxyMisconfigured: [
    "the proxy cannot be used: nothing was sent",
    "correct the variable above, or unset it; NO_PROXY names the hosts that are asked directly"
  ],
  UnreadableSource: [
    "some of the captured events cannot be read; the others were counted",
    "check the path and verify again"
  ],
  UnsupportedFormat: [
    "some of the captured events are in a form that is not read; the others were counted",
    "convert them, and verify again"
  ],
  InvalidSequenceRange: ["the expected range is none", "genesys-replay verify --from 1 --to 15000 captured.ndjson"],
  InvalidFieldPath: [
    "the path names no place in an event",
    "genesys-replay verify --index-path detail.sequenceIndex captured.ndjson"
  ],
  BaselineEmpty: ["there is nothing to measure against: an empty baseline would prove anything", undefined],
  InvalidWindow: ["the window holds no time", undefined],
  BaselineChanged: ["what is missing cannot be told", undefined],
  TemporaryFileFailure: ["a temporary file cannot be written", undefined],
  RecordsEmpty: ["there is nothing to measure by: no records would prove anything", undefined],
  RecordsApiAbsent: ["the platform's records cannot be had", undefined],
  RecordsQueryFailed: ["the platform's records cannot be had", undefined],
  RecordsQueryTimedOut: ["the platform's records take too long", undefined],
  RecordsNotAvailable: ["the platform's records are not complete yet", undefined],
  TooManyConversations: ["the platform's records cannot be had in full", undefined],
  WindowNotOver: ["the window has not ended", undefined],
  NoSequenceExpected: [
    "there are no bounds to expect",
    "genesys-replay status ID --watch, then verify again; or give bounds with --from and --to"
  ],
  SandboxUnavailable: ["the sandbox could not be started", "genesys-replay sandbox --port 0"],
  ReplayConflict: [
    "the name is taken by another replay",
    "choose another name; with Genesys Cloud, genesys-replay cancel frees the name too"
  ],
  ReplayRefused: [
    "EventBridge could not replay the window as it is asked for: nothing of it was started",
    "correct the window, name another archive (--archive), or replay what there is (--partial)"
  ],
  ReplayNotFound: [
    "there is no such replay",
    "genesys-replay list shows those that exist; capture waits longer with --appears-within 1h"
  ],
  VerifierGone: ["the window stands, and is not proven", "genesys-replay verify captured.ndjson"],
  RequestRejected: ["the request was rejected", undefined],
  NotAuthenticated: [
    "the provider does not know this client",
    "check GENESYS_CLIENT_ID and the secret, and that GENESYS_ENV_URL is the client's own region; with EventBridge, the credentials of AWS"
  ],
  NotPermitted: [
    "this client may not do that",
    "give the OAuth client a role with the Event Streams permissions; with EventBridge, allow the IAM action above"
  ],
  RateLimited: ["rate limited", "wait a minute and run the same command again, or lower --concurrency"],
  ProviderUnavailable: [
    "the provider is not available",
    "run the same command again: a window is never submitted twice"
  ],
  CertificateRejected: ["the server cannot be trusted", undefined],
  AnswerUnreadable: [
    "the provider's answer makes no sense",
    "run it again with --log-level debug, and report the correlation id to the provider"
  ],
  QueueNotFound: ["there is no such queue", "aws sqs get-queue-url --queue-name NAME"],
  QueueUrlInvalid: ["this is no queue to capture from", "--queue https://sqs.REGION.amazonaws.com/ACCOUNT/NAME"],
  MessagesNotKept: ["the messages cannot be kept", undefined],
  CaptureFileFailed: ["the file cannot take the events", undefined],
  CapturedEventsUnread: ["captured events cannot be read: nothing behind them was sent", undefined],
  OnlyInvalid: ["what is to be sent is not clear: nothing was sent", undefined],
  TargetInvalid: ["events cannot be sent there: nothing was sent", undefined],
  ResendFileFailed: ["a file cannot be used; what was acknowledged is not sent again", undefined],
  HealRoundFailed: ["a round of the heal could not be finished", undefined],
  HealTooLarge: ["the heal would replay more than it may", undefined],
  MeasureUnread: ["what is missing cannot be measured: nothing was submitted for it", undefined],
  StateUnavailable: ["the state is not available: nothing is submitted without it", undefined],
  DatabaseUrlUnsupported: [
    "the database cannot be opened",
    "export GENESYS_REPLAY_DATABASE_URL=file:/path/to/state.db"
  ],
  EventBusSinkMisconfigured: [
    "the event bus cannot be told: nothing was submitted",
    "--event-bus arn:aws:events:REGION:ACCOUNT:event-bus/NAME"
  ],
  WebhookMisconfigured: ["the webhook cannot be used", undefined],
  TelemetryMisconfigured: [
    "telemetry cannot be sent as the environment says: nothing was started",
    "correct the variables above, or unset OTEL_EXPORTER_OTLP_ENDPOINT"
  ]
}

const textAt = (error: unknown, key: string): string | undefined =>
  Predicate.hasProperty(error, key) && typeof error[key] === "string" ? error[key] : undefined

/** What there is to say of an error, known or not. */
export const explain = (error: unknown): Explanation => {
  const tag = textAt(error, "_tag") ?? "Defect"
  const remedy = textAt(error, "remedy")
  const whole = textAt(error, "message") ?? String(error)
  // Some messages end with the remedy, which has a line of its own here.
  const message = remedy !== undefined && whole.endsWith(` ${remedy}`) ? whole.slice(0, -remedy.length - 1) : whole
  const [what, next] = headings[tag] ?? [tag === "Defect" ? "a bug in genesys-replay" : message, undefined]
  return {
    tag,
    what,
    lines: what === message ? [] : message.split("\n").filter((line) => line !== ""),
    next:
      remedy ??
      next ??
      (tag === "Defect" ? "run it again with --log-level debug and report what it prints" : undefined),
    isTransient: Predicate.hasProperty(error, "isTransient") && error.isTransient === true
  }
}

/** An error, as a report tells it. */
export interface Reported {
  /** The window, say. */
  readonly about: string
  readonly tag: string
  readonly message: string
  readonly remedy?: string | undefined
}

/** Several errors as one explanation for each kind and remedy; every line says what it is about. */
export const gather = (errors: ReadonlyArray<Reported>): ReadonlyArray<Explanation> => {
  const kinds = new Map<string, Explanation>()
  for (const { about, message, remedy, tag } of errors) {
    const one = explain({ _tag: tag, message, remedy })
    const kind = JSON.stringify([tag, one.what, remedy])
    const [first, ...rest] = one.lines
    const lines = first === undefined ? [about] : [`${about}: ${first}`, ...rest]
    kinds.set(kind, { ...one, lines: [...(kinds.get(kind)?.lines ?? []), ...lines] })
  }
  return [...kinds.values()]
}

const most = 20

/** The block. Of more than twenty lines the first twenty are shown. */
export const render = (explanation: Explanation, style: Style): string => {
  const { lines, next, what } = explanation
  const shown = lines.slice(0, most).map((line) => `  ${line}`)
  return [
    `${style("red", "error")}: ${style("bold", what)}`,
    ...shown,
    ...(lines.length > most ? [`  … and ${lines.length - most} more`] : []),
    ...(next === undefined ? [] : [`${style("cyan", "next")}: ${next}`])
  ].join("\n")
}
