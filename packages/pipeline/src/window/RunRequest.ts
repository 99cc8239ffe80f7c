/** Asking for windows: they are written down, and an engine takes them up. */
import { Instant, ProviderMismatch, type ReplayPlan, ReplayProvider } from "@genesys-replay/domain"
import { Array as Arr, DateTime, Effect, Option, Random } from "effect"
import { recordFor } from "../audit/AuditTrail.js"
import { atomically } from "../state/Database.js"
import { SyncSinks } from "../sync/SyncSink.js"
import * as ProofNotPossible from "./ProofNotPossible.js"
import { Runs } from "./Runs.js"
import { isFailing, isMeasuredAlike, keyOf, RunId, type RunWindow } from "./RunWindow.js"

/** What is done beyond submitting. It is written down with the windows, so that whoever works on them knows it. */
export interface RequestOptions {
  /** Wait until the replay has ended. */
  readonly wait?: boolean | undefined
  /** Files with captured events: completeness is measured from them when the replay has ended. Naming some is asking to wait. */
  readonly captured?: ReadonlyArray<string> | undefined
  /** Files of the baseline that `captured` is measured against, for windows that are to be proven by one (`prove: baseline`). */
  readonly against?: ReadonlyArray<string> | undefined
}

/** What is asked for. */
export type Windows = Pick<ReplayPlan.ReplayPlan, "windows">

const newRun = Effect.gen(function* () {
  const salt = yield* Random.nextIntBetween(0, 0x1000000)
  return RunId.make(`${Instant.compact(yield* DateTime.now)}-${salt.toString(16).padStart(6, "0")}`)
})

// The span of the program that asks, which the work on the windows is linked to.
const asking = Effect.map(Effect.option(Effect.currentParentSpan), (span) =>
  Option.match(span, {
    onNone: () => ({}),
    onSome: ({ sampled, spanId, traceId }) => ({ askedIn: { traceId, spanId, sampled } })
  })
)

/** What is written down with every window. */
export type Wishes = Pick<RunWindow, "wait" | "verify" | "against">

type Wished = Pick<RunWindow, "wait" | "verify" | "against" | "sinks" | "window">

/** What is written down of what is to be measured, and from what. */
export const measuredFrom = ({
  against = [],
  captured = []
}: Pick<RequestOptions, "against" | "captured">): Pick<Wishes, "verify" | "against"> => ({
  verify: captured.length > 0 ? captured : "nothing",
  ...(against.length > 0 ? { against } : {})
})

// The replay has ended, and what was to measure it failed: the next try may be another.
const couldNotMeasure = (before: RunWindow): boolean => before.state === "ended" && isFailing(before)

// Whether what is asked for now can be had of a window that is worked on already: it is early enough, or is done anyway.
const canHave = (before: RunWindow, wished: Wished): boolean =>
  before.state === "requested" ||
  before.state === "submitting" ||
  ((before.wait || !wished.wait) &&
    (wished.verify === "nothing" || isMeasuredAlike(before, wished) || couldNotMeasure(before)) &&
    wished.sinks.every((sink) => before.sinks.includes(sink)))

// What was asked for first is done, and what is asked for now.
const wishing = (before: RunWindow, { against, sinks, verify, wait, window }: Wished): RunWindow => {
  const { against: _, ...rest } = before
  const isMeasuredAnew =
    verify !== "nothing" && !isMeasuredAlike(before, { verify, window, ...(against === undefined ? {} : { against }) })
  return {
    ...(isMeasuredAnew ? { ...rest, verify, window, ...(against === undefined ? {} : { against }) } : before),
    wait: before.wait || wait,
    sinks: [...new Set([...before.sinks, ...sinks])]
  }
}

/**
 * Writes the windows down, each with its `plan_replay_config`; a window that is still being worked on for the same target
 * is not asked for again, it is that one, unless its request is answered and more is to be done for it now. In the order of
 * the plan. `ProviderMismatch` where one was planned for another provider, `ProofNotPossible` and `RecordsNotConfigured` where one cannot be
 * proven as it is to be: none is written down then.
 */
export const writeDown = Effect.fn("ReplayPipeline.request")(function* ({ windows }: Windows, wishes: Wishes) {
  const { provider, target } = yield* ReplayProvider.ReplayProvider
  yield* ProviderMismatch.check(windows, provider)
  yield* ProofNotPossible.check(windows, wishes)
  const runs = yield* Runs
  const run = yield* newRun
  const requestedAt = Instant.format(yield* DateTime.now)
  const { register, sinks } = yield* SyncSinks
  const askedIn = yield* asking
  const wished = { ...wishes, sinks: sinks.map(({ name }) => name) }
  return yield* atomically(
    Effect.gen(function* () {
      yield* register
      const unfinished = yield* runs.list({ target, unfinished: true })
      const standing = new Map(unfinished.map((one) => [one.window.name, one]))
      const records = windows.map((window, position): RunWindow => {
        const same = standing.get(window.name)
        if (same?.window.payloadHash === window.payloadHash && canHave(same, { ...wished, window })) return same
        const key = keyOf(run, window.name)
        const record = {
          key,
          run,
          position,
          target,
          window,
          ...wished,
          ...askedIn,
          requestedAt,
          updatedAt: requestedAt
        }
        return { ...record, state: "requested", result: null, failure: null }
      })
      const fresh = records.filter((record) => record.run === run)
      yield* runs.add(fresh)
      yield* Effect.forEach(
        fresh,
        ({ window }) => recordFor(window, "plan_replay_config", { detail: { run, provider, target } }),
        { discard: true }
      )
      return yield* Effect.forEach(Arr.zip(records, windows), ([record, window]) =>
        record.run === run
          ? Effect.succeed(record)
          : Effect.map(
              runs.change(record.key, (now) => Option.some(wishing(now, { ...wished, window }))),
              (changed) => changed.window
            )
      )
    })
  )
})

/** Tells this process of new windows. Not in the transaction: who hears of a window must find it. */
export const announce = (windows: ReadonlyArray<RunWindow>) =>
  Effect.flatMap(Runs, ({ announce }) => Effect.forEach(windows, ({ key }) => announce(key), { discard: true }))

/**
 * Asks for the windows of an accepted plan, and waits for nothing: an engine that works for the same target takes them up,
 * in this process or in another one on the same database, now or later. `StateUnavailable` where they cannot be written
 * down, `ProviderMismatch` where one was planned for another provider than that of the context, `ProofNotPossible` and
 * `RecordsNotConfigured` where one cannot be proven as it is to be; none of them is submitted then.
 */
export const request = Effect.fn("ReplayPipeline.request")(function* (plan: Windows, options: RequestOptions = {}) {
  const measuring = measuredFrom(options)
  const asked = yield* writeDown(plan, { wait: options.wait === true || measuring.verify !== "nothing", ...measuring })
  yield* announce(asked)
  return asked
})
