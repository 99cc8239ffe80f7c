/** One window of a run: what was asked for, for whom, and how far it is. */
import { Instant, PlannedWindow, Proof } from "@genesys-replay/domain"
import { Schema } from "effect"
import { ApplyResult } from "./ApplyReport.js"
import * as WindowError from "./WindowError.js"

/** The id of a run: the windows that were asked for together. The instant, and what tells runs of one second apart. */
export const RunId = Schema.String.pipe(
  Schema.pattern(/^\d{14}-[0-9a-f]{6}$/),
  Schema.brand("RunId"),
  Schema.annotations({ identifier: "RunId" })
)

export type RunId = typeof RunId.Type

/** `RUN/NAME`: one window of one run, and the idempotency key of all that is done for it. */
export const RunKey = Schema.NonEmptyString.pipe(Schema.brand("RunKey"), Schema.annotations({ identifier: "RunKey" }))

export type RunKey = typeof RunKey.Type

/** The key of the window of this name. */
export const keyOf = (run: RunId, name: string): RunKey => RunKey.make(`${run}/${name}`)

/**
 * How far a window is. Each state has everything of the ones before it.
 *
 * - `requested`: written down, nothing was sent;
 * - `submitting`: a request may have been sent, its answer is not known;
 * - `submitted`: a replay stands, `result` has its id;
 * - `ended`: the replay has ended, `result` says how;
 * - `finished`: nothing more is to be done. `result` says whether it went well;
 * - `cancelled`: somebody stopped it, nothing more is to be done.
 */
export const WindowState = Schema.Literal(
  "requested",
  "submitting",
  "submitted",
  "ended",
  "finished",
  "cancelled"
).annotations({ identifier: "WindowState" })

export type WindowState = typeof WindowState.Type

/** The states after which nothing happens. */
export const finalStates = ["finished", "cancelled"] as const satisfies ReadonlyArray<WindowState>

const failureOf = <E, I>(error: Schema.Schema<E, I>) =>
  Schema.Struct({
    error,
    at: Instant.UtcText,
    /** How many tries have failed in a row. */
    times: Schema.Positive.pipe(Schema.int())
  }).annotations({ identifier: "Failure" })

/** What the work on a window failed with, where it is tried again. */
export const Failure = failureOf(WindowError.WindowError)

export interface Failure extends Schema.Schema.Type<typeof Failure> {}

/** A {@link Failure} as documents have it: its error is told in words. */
export const FailureDocument = failureOf(WindowError.InWords)

/** The span that asked for a window, as W3C names it: the trace of the work on it is linked to that one. */
export const AskedIn = Schema.Struct({
  traceId: Schema.String,
  spanId: Schema.String,
  sampled: Schema.Boolean
}).annotations({ identifier: "AskedIn" })

export interface AskedIn extends Schema.Schema.Type<typeof AskedIn> {}

/** That the platform's records of a window are waited for, and since when. */
export const AwaitingRecords = Schema.Struct({
  since: Instant.UtcText,
  /** Up to when they were complete at the latest look; null where the platform did not say. */
  availableUntil: Schema.NullOr(Instant.UtcText)
}).annotations({ identifier: "AwaitingRecords" })

export type AwaitingRecords = typeof AwaitingRecords.Type

/** A window of a run. */
export const RunWindow = Schema.Struct({
  key: RunKey,
  run: RunId,
  /** Its place in the plan, from 0. */
  position: Schema.NonNegativeInt,
  /** For whom it was taken on: `ReplayProvider.target`. */
  target: Schema.String,
  window: PlannedWindow.PlannedWindow,
  /** Whether the end of the replay is waited for. */
  wait: Schema.Boolean,
  /** What measures completeness: nothing, the program that asked, or the captured events in these files. */
  verify: Schema.Union(Schema.Literal("nothing", "caller"), Schema.Array(Schema.NonEmptyString)),
  /** The files of the baseline, where the window is proven by one. */
  against: Schema.optionalWith(Schema.Array(Schema.NonEmptyString), { exact: true }),
  /** The names of the sinks that are told. */
  sinks: Schema.Array(Schema.String),
  state: WindowState,
  /** As far as it is known: null until a replay stands, or it is known that none will. */
  result: Schema.NullOr(ApplyResult),
  /** Why it does not get on, though a replay stands: null as long as the latest try went well. */
  failure: Schema.optionalWith(Schema.NullOr(Failure), { default: () => null }),
  /** Absent where the platform's records were not waited for. */
  awaiting: Schema.optionalWith(AwaitingRecords, { exact: true }),
  /** Absent where nothing was traced. */
  askedIn: Schema.optionalWith(AskedIn, { exact: true }),
  requestedAt: Instant.UtcText,
  updatedAt: Instant.UtcText
}).annotations({ identifier: "RunWindow" })

export interface RunWindow extends Schema.Schema.Type<typeof RunWindow> {}

/** What measures a window: what it is measured from, and by what. */
export type Measuring = Pick<RunWindow, "verify" | "against"> & { readonly window: Pick<RunWindow["window"], "prove"> }

/** Whether two are measured alike. */
export const isMeasuredAlike = (one: Measuring, other: Measuring): boolean =>
  String(one.verify) === String(other.verify) &&
  String(one.against) === String(other.against) &&
  Proof.isSame(one.window.prove, other.window.prove)

/** Whether the platform's records are what it is measured by: a program that measures by itself needs none. */
export const isProvenByRecords = ({ verify, window }: Measuring): boolean =>
  window.prove?.by === "records" && verify !== "nothing" && verify !== "caller"

/** Whether a replay stands that something is still to be done for. */
export const isStanding = ({ result, state }: RunWindow): boolean =>
  (state === "submitted" || state === "ended") && result !== null

/** Whether nothing more is to be done. */
export const isFinal = ({ state }: RunWindow): boolean => finalStates.some((one) => one === state)

/** A window that does not get on. */
export type Failing = RunWindow & { readonly failure: Failure }

/** Whether something is to be done and its latest try failed. */
export const isFailing = (window: RunWindow): window is Failing => window.failure !== null && !isFinal(window)

/** Whether the latest try failed, and was made since the window was as it is in `before`. */
export const hasFailedSince =
  (before: RunWindow | undefined) =>
  (now: RunWindow): boolean =>
    isFailing(now) && (now.failure.at !== before?.failure?.at || now.failure.times !== before.failure.times)
