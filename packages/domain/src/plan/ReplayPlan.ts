/** From a spec to the streams that will be submitted, and what there is to say about them. Pure: an instant and a hash are arguments. */
import { Array as Arr, DateTime, type Duration, Effect, Either, Option, Schema } from "effect"
import type { ReplaySpec } from "../spec/ReplaySpec.js"
import type { WindowName } from "../spec/ReplayWindow.js"
import * as RetentionMatrix from "../spec/RetentionMatrix.js"
import * as Instant from "../value/Instant.js"
import type { ProviderName } from "../value/ProviderName.js"
import * as TimePoint from "../value/TimePoint.js"
import { defaultDescription } from "./EventStreamPayload.js"
import { anyError, Finding } from "./Finding.js"
import { type Hash, PayloadHasher } from "./PayloadHash.js"
import { identity, PlannedWindow } from "./PlannedWindow.js"
import * as PlanRules from "./PlanRules.js"
import type * as RegionPlanRules from "./RegionPlanRules.js"
import type { ReplayPlanner } from "./ReplayPlanner.js"
import * as ShippedPlanners from "./ShippedPlanners.js"
import * as StreamNames from "./StreamNames.js"
import * as TimeConsistency from "./TimeConsistency.js"
import * as WindowOverlap from "./WindowOverlap.js"

/** What planning takes from its surroundings, whoever replays. */
export interface PlanOptions {
  /** Starts younger than this raise `start-too-recent`; 300 seconds by default. */
  readonly minimumAge?: Duration.DurationInput | undefined
}

/** What planning for a provider that ships takes from its surroundings. */
export interface Options extends PlanOptions, RegionPlanRules.Surroundings {}

/** A plan with everything that was found. Its encoded side is the document that `plan --json` prints. */
export const PlanDraft = Schema.Struct({
  plannedAt: Instant.Instant,
  /** The streams of those windows that have no error. */
  windows: Schema.Array(PlannedWindow),
  /** In the order of the windows; overlaps last, and behind them what the provider says. */
  findings: Schema.Array(Finding),
  /** Whom the plan was checked with, in words that hold no secret; absent where nobody was asked. */
  checkedWith: Schema.optionalWith(Schema.String, { exact: true })
}).annotations({ identifier: "PlanDraft" })

/** See {@link PlanDraft}. */
export interface PlanDraft extends Schema.Schema.Type<typeof PlanDraft> {}

/** A plan without errors: the only thing that can be submitted. */
export const ReplayPlan = PlanDraft.pipe(
  Schema.filter((draft) => !anyError(draft.findings) || "the plan has errors", { identifier: "ReplayPlan" }),
  Schema.brand("ReplayPlan")
)

/** See {@link ReplayPlan}. */
export type ReplayPlan = typeof ReplayPlan.Type

/** The plan has errors; nothing of it is submitted. Holds the whole draft. */
export class PlanRejected extends Schema.TaggedError<PlanRejected>()("PlanRejected", { draft: PlanDraft }) {
  /** The errors, one a line. */
  override get message(): string {
    return this.draft.findings
      .filter((finding) => finding.severity === "error")
      .map((finding) => `${finding.path} (${finding.window}): ${finding.message} [${finding.code}]`)
      .join("\n")
  }
}

/** A draft, and which window of the spec each of its windows comes from. */
export interface TracedDraft {
  readonly draft: PlanDraft
  /** For each window of the draft, the position in the spec, from 0, of the window that it comes from. */
  readonly positions: ReadonlyArray<number>
}

/** {@link trace} for a provider of somebody else's. */
export const traceFor = <Destination, Name extends ProviderName>(
  planner: ReplayPlanner<Destination, Name>,
  spec: ReplaySpec<Destination, Name>,
  now: DateTime.Utc,
  hash: Hash,
  { minimumAge = TimeConsistency.defaultMinimumAge }: PlanOptions = {}
): TracedDraft => {
  const matrix = RetentionMatrix.compile(spec.retention)
  const names = StreamNames.make(
    now,
    spec.windows.flatMap((window) => (window.name === undefined ? [] : [window.name]))
  )
  const windows: Array<PlannedWindow> = []
  const positions: Array<number> = []
  const findings: Array<Finding> = []
  const subjects: Array<PlanRules.Subject<Destination>> = []

  for (const [index, window] of spec.windows.entries()) {
    const windowName = window.name ?? names.generate()
    const subject: PlanRules.Subject<Destination> = {
      index,
      name: windowName,
      window,
      start: TimePoint.resolve(window.start, now),
      end: Option.map(Option.fromNullable(window.end), (end) => TimePoint.resolve(end, now))
    }
    const byRetention = PlanRules.splitByRetention(subject, matrix)
    const split = planner.isSplit ? byRetention : PlanRules.together(subject, byRetention)
    const streams = [...split.streams].map(
      ([days, topics]): PlanRules.Stream => ({
        name: split.streams.size === 1 ? windowName : StreamNames.split(windowName, days),
        days,
        topics
      })
    )
    const asked = { subject, streams, split, now, counted: TimePoint.countedFrom(window.start, now), minimumAge }
    const found = [
      ...planner.rules.flatMap((rule) => rule(asked)),
      ...streams.flatMap(({ name }) => (names.take(name) ? [] : [duplicate(index, name)]))
    ]
    findings.push(...found)
    if (anyError(found)) continue
    const measured = planner.measured(subject)
    subjects.push(measured)
    for (const { days, name, topics } of streams) {
      if (!Arr.isNonEmptyReadonlyArray(topics)) continue
      positions.push(index)
      const planned = {
        name,
        provider: planner.provider,
        retentionDays: days,
        description: window.description ?? defaultDescription,
        topics,
        start: measured.start,
        ...planner.placed(measured, now)
      }
      windows.push({ ...planned, payloadHash: hash(identity(planned)) })
    }
  }
  const overlaps = WindowOverlap.findings(subjects, planner, now)
  return { draft: { plannedAt: now, windows, findings: [...findings, ...overlaps] }, positions }
}

/** The draft of {@link draft}, with the positions of its windows in the spec. */
export const trace = (spec: ReplaySpec, now: DateTime.Utc, hash: Hash, options: Options = {}): TracedDraft =>
  traceFor(ShippedPlanners.of(spec.provider, options), spec, now, hash, options)

/**
 * Plans `spec` at the instant `now`. Every finding of every window is collected; a window with an error gets no payload.
 * A payload that comes out keeps the platform's limits, whatever the spec.
 */
export const draft = (spec: ReplaySpec, now: DateTime.Utc, hash: Hash, options: Options = {}): PlanDraft =>
  trace(spec, now, hash, options).draft

const duplicate = (index: number, stream: WindowName): Finding =>
  PlanRules.finding(
    { index, name: stream },
    "error",
    "duplicate-window",
    "name",
    `two windows are named ${stream}: a name is the key of one stream. Rename one of them`
  )

/** The draft as a plan, or {@link PlanRejected} where it has an error. */
export const accept = (plan: PlanDraft): Either.Either<ReplayPlan, PlanRejected> =>
  anyError(plan.findings) ? Either.left(new PlanRejected({ draft: plan })) : Either.right(ReplayPlan.make(plan, true))

/**
 * Plans `spec` now, by the Clock. Fails with {@link PlanRejected} where any window has an error.
 *
 * @example
 * ```ts
 * import { ReplayPlan, ReplaySpec } from "@genesys-replay/domain"
 * import { Effect } from "effect"
 *
 * const plan = ReplaySpec.decode({
 *   defaults: { destination: "arn:aws:events:us-east-1:123456789012:event-bus/gen-cx-events" },
 *   windows: [{ name: "outage", topics: ["genesys.conversations.message"], start: "-36h" }]
 * }).pipe(Effect.flatMap((spec) => ReplayPlan.make(spec)))
 * ```
 */
export const make = Effect.fn("ReplayPlan.make")(function* (
  spec: ReplaySpec,
  options?: Options
): Effect.fn.Return<ReplayPlan, PlanRejected> {
  const { hash } = yield* PayloadHasher
  return yield* accept(draft(spec, yield* DateTime.now, hash, options))
})

/** {@link make} for a provider of somebody else's, by its planner. Fails with {@link PlanRejected} where any window has an error. */
export const makeFor = <Destination, Name extends ProviderName>(planner: ReplayPlanner<Destination, Name>) =>
  Effect.fn("ReplayPlan.make")(function* (
    spec: ReplaySpec<Destination, Name>,
    options?: PlanOptions
  ): Effect.fn.Return<ReplayPlan, PlanRejected> {
    const { hash } = yield* PayloadHasher
    return yield* accept(traceFor(planner, spec, yield* DateTime.now, hash, options).draft)
  })
