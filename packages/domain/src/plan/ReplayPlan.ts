/** From a spec to the streams that will be submitted, and what there is to say about them. Pure: an instant and a hash are arguments. */
import { DateTime, type Duration, Effect, Either, Option, Schema } from "effect"
import type * as Arr from "effect/Array"
import * as ArchiveReplay from "../spec/ArchiveReplay.js"
import type { Proof } from "../spec/Proof.js"
import type { ReplaySpec } from "../spec/ReplaySpec.js"
import { RoleArn, type WindowName } from "../spec/ReplayWindow.js"
import * as RetentionMatrix from "../spec/RetentionMatrix.js"
import * as Instant from "../value/Instant.js"
import type { RetentionDays } from "../value/RetentionDays.js"
import * as TimePoint from "../value/TimePoint.js"
import type { TopicId } from "../value/TopicId.js"
import * as ArchivePlanRules from "./ArchivePlanRules.js"
import { defaultDescription, type EventStreamPayload } from "./EventStreamPayload.js"
import { anyError, Finding } from "./Finding.js"
import { type Hash, PayloadHasher } from "./PayloadHash.js"
import { PlannedWindow } from "./PlannedWindow.js"
import * as PlanRules from "./PlanRules.js"
import * as RegionPlanRules from "./RegionPlanRules.js"
import * as StreamNames from "./StreamNames.js"
import * as TimeConsistency from "./TimeConsistency.js"
import * as TopicPlanRules from "./TopicPlanRules.js"
import * as WindowOverlap from "./WindowOverlap.js"

/** What planning takes from its surroundings. */
export interface Options {
  /** Starts younger than this raise `start-too-recent`; 300 seconds by default. */
  readonly minimumAge?: Duration.DurationInput | undefined
  /** The role for windows that name none (`GENESYS_EVENTBRIDGE_ROLE_ARN`); empty by default. */
  readonly roleArn?: RoleArn | undefined
  /** The region where neither the ARN nor the window tells one (`AWS_REGION`); `us-east-1` by default. */
  readonly region?: string | undefined
}

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
export type PlanDraft = typeof PlanDraft.Type

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

const roleOf = ({ window }: PlanRules.Subject, { roleArn }: Options): RoleArn =>
  window.roleArn ?? roleArn ?? RoleArn.make("")

const payloadOf = (
  subject: PlanRules.Subject,
  name: WindowName,
  retentionDays: RetentionDays,
  topics: Arr.NonEmptyReadonlyArray<TopicId>,
  options: Options
): EventStreamPayload => ({
  name,
  description: subject.window.description ?? defaultDescription,
  enabled: true,
  retentionDays,
  destination: {
    type: "eventbridge",
    eventBridgeConfig: {
      arn: subject.window.destination.text,
      roleArn: roleOf(subject, options),
      region: RegionPlanRules.regionOf(subject, options.region)
    }
  },
  filters: { topics },
  replayConfig: { enabled: true, startDate: Instant.format(subject.start), sequenceIndexTrigger: "automatic" }
})

/** Where a window ends: now, where the spec leaves that open. */
const endOf = ({ end }: PlanRules.Subject, now: DateTime.Utc) => ({
  end: Instant.format(Option.getOrElse(end, () => Instant.wholeSecond(now))),
  endIsFixed: Option.isSome(end)
})

const archiveReplayOf = (subject: PlanRules.Subject, now: DateTime.Utc): ArchiveReplay.ArchiveReplay => {
  const { archive, partial = false, rules = [] } = subject.window
  return {
    ...endOf(subject, now),
    ...(archive === undefined ? {} : { archive }),
    rules,
    partial
  }
}

const proofOf = (subject: PlanRules.Subject, now: DateTime.Utc): { readonly prove?: Proof } => {
  const { prove: by } = subject.window
  return by === undefined ? {} : { prove: { by, ...endOf(subject, now) } }
}

const isNonEmpty = <A>(values: ReadonlyArray<A>): values is Arr.NonEmptyReadonlyArray<A> => values.length > 0

/** A draft, and which window of the spec each of its windows comes from. */
export interface TracedDraft {
  readonly draft: PlanDraft
  /** For each window of the draft, the position in the spec, from 0, of the window that it comes from. */
  readonly positions: ReadonlyArray<number>
}

/** The draft of {@link draft}, with the positions of its windows in the spec. */
export const trace = (spec: ReplaySpec, now: DateTime.Utc, hash: Hash, options: Options): TracedDraft => {
  const matrix = RetentionMatrix.compile(spec.retention)
  const names = StreamNames.make(
    now,
    spec.windows.flatMap((window) => (window.name === undefined ? [] : [window.name]))
  )
  const minimumAge = options.minimumAge ?? TimeConsistency.defaultMinimumAge
  const windows: Array<PlannedWindow> = []
  const positions: Array<number> = []
  const findings: Array<Finding> = []
  const subjects: Array<PlanRules.Subject> = []

  for (const [index, window] of spec.windows.entries()) {
    const windowName = window.name ?? names.generate()
    const asked: PlanRules.Subject = {
      index,
      name: windowName,
      window,
      start: TimePoint.resolve(window.start, now),
      end: Option.map(Option.fromNullable(window.end), (end) => TimePoint.resolve(end, now))
    }
    const subject = spec.provider === "eventbridge" ? ArchivePlanRules.inWholeSeconds(asked) : asked
    const counted = TimePoint.countedFrom(window.start, now)
    const byRetention = PlanRules.splitByRetention(subject, matrix)
    // A replay from an archive brings every topic that the archive holds: two of them would bring every event twice.
    const split = spec.provider === "eventbridge" ? PlanRules.together(subject, byRetention) : byRetention
    const streams = [...split.streams].map(([days, topics]) => ({
      name: split.streams.size === 1 ? windowName : StreamNames.split(windowName, days),
      days,
      topics
    }))
    const found = [
      ...PlanRules.startTime(asked, spec.provider, counted, minimumAge),
      ...streams.flatMap(({ days, name }) => PlanRules.retained(asked, spec.provider, name, days, counted)),
      ...PlanRules.endTime(asked, spec.provider),
      ...split.findings,
      ...RegionPlanRules.findings(asked, spec.provider, roleOf(asked, options), options.region),
      ...TopicPlanRules.findings(asked),
      ...ArchivePlanRules.findings(asked, spec.provider, now),
      ...PlanRules.proof(asked, spec.provider),
      ...streams.flatMap(({ name }) => (names.take(name) ? [] : [duplicate(subject, name)]))
    ]
    findings.push(...found)
    if (anyError(found)) continue
    subjects.push(subject)
    for (const { days, name, topics } of streams) {
      if (!isNonEmpty(topics)) continue
      positions.push(index)
      const payload = payloadOf(subject, name, days, topics, options)
      const planned = { name, provider: spec.provider, retentionDays: days, payload, ...proofOf(subject, now) }
      if (spec.provider === "genesys") {
        windows.push({ ...planned, payloadHash: hash(payload) })
      } else {
        const eventbridge = archiveReplayOf(subject, now)
        const identity = { ...payload, eventbridge: ArchiveReplay.identity(eventbridge) }
        windows.push({ ...planned, payloadHash: hash(identity), eventbridge })
      }
    }
  }
  const overlaps = WindowOverlap.findings(subjects, spec.provider, now)
  return { draft: { plannedAt: now, windows, findings: [...findings, ...overlaps] }, positions }
}

/**
 * Plans `spec` at the instant `now`. Every finding of every window is collected; a window with an error gets no payload.
 * A payload that comes out keeps the platform's limits, whatever the spec.
 */
export const draft = (spec: ReplaySpec, now: DateTime.Utc, hash: Hash, options: Options = {}): PlanDraft =>
  trace(spec, now, hash, options).draft

const duplicate = (subject: PlanRules.Subject, stream: string): Finding =>
  PlanRules.finding(
    { index: subject.index, name: stream },
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
export const make = Effect.fn("ReplayPlan.make")(function* (spec: ReplaySpec, options?: Options) {
  const { hash } = yield* PayloadHasher
  return yield* accept(draft(spec, yield* DateTime.now, hash, options))
})
