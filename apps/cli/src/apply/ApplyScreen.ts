/** What a person sees while windows are applied: one line that counts, and a line for everything worth keeping. */
import { Instant, Replay, ReplayProvider, RequestPace } from "@genesys-replay/domain"
import { type ApplyProgress, WindowError } from "@genesys-replay/pipeline"
import { DateTime, Effect, HashMap, HashSet, Option, Ref, Stream } from "effect"
import * as ProgressLine from "../terminal/ProgressLine.js"
import { Screen } from "../terminal/Screen.js"
import * as Style from "../terminal/Style.js"
import * as ProofText from "./ProofText.js"

interface Tally {
  /** The names of the windows whose replay stands. */
  readonly submitted: HashSet.HashSet<string>
  readonly finished: number
  readonly failed: number
  /** Window → how much of it is delivered, 0 to 1. */
  readonly delivered: HashMap.HashMap<string, number>
  /** When the submissions of the last minute were accepted, in milliseconds since 1970. */
  readonly recent: ReadonlyArray<number>
}

const minute = 60_000

const sum = (values: Iterable<number>): number => {
  let total = 0
  for (const value of values) total += value
  return total
}

// A limit that holds requests back, in the words of the line and of the log.
const held = ({ resumesAt, waiting }: RequestPace.RequestPace): Option.Option<string> =>
  Option.map(resumesAt, (at) => `${waiting} waiting for the rate limit until ${Instant.timeOfDay(at)}`)

interface View {
  readonly windows: number
  readonly wait: boolean
  readonly unicode: boolean
}

const summary = (tally: Tally, pace: RequestPace.RequestPace, { unicode, wait, windows }: View): string => {
  const submitted = HashSet.size(tally.submitted)
  const fraction = wait ? sum(HashMap.values(tally.delivered)) / windows : tally.finished / windows
  const parts = [
    `${submitted}/${windows} submitted`,
    ...(wait ? [`${tally.finished} done`] : []),
    ...(tally.failed > 0 ? [`${tally.failed} failed`] : []),
    ...(submitted < windows && tally.recent.length > 0 ? [`${tally.recent.length}/min`] : []),
    ...Option.toArray(held(pace)),
    ...(pace.queued > 0 ? [`${pace.queued} waiting for a running replay to end`] : [])
  ]
  return `${ProgressLine.bar(windows === 0 ? 1 : fraction, 24, unicode)}  ${parts.join(", ")}`
}

const verified = (
  { accuracy, unproven, window }: Extract<ApplyProgress.ApplyProgress, { readonly _tag: "Verified" }>,
  style: Style.Style
): string =>
  unproven === undefined && accuracy !== undefined
    ? `verified   ${window.name}  ${ProofText.sentence(accuracy)}`
    : `${style("yellow", "unproven ")}  ${window.name}  ${unproven ?? ""}`

const awaiting = ({
  dataAvailableUntil,
  end,
  until,
  window
}: Extract<ApplyProgress.ApplyProgress, { readonly _tag: "AwaitingRecords" }>): string => {
  const has = dataAvailableUntil === null ? "does not say" : `has them until ${Instant.format(dataAvailableUntil)}`
  return `waiting    ${window.name}  for the platform's records until ${Instant.format(end)}: it ${has}; given up ${Instant.format(until)}`
}

const lineOf = (progress: ApplyProgress.ApplyProgress, style: Style.Style): Option.Option<string> => {
  switch (progress._tag) {
    case "Submitted":
      return Option.some(
        `${style("green", progress.outcome.padEnd(9))}  ${progress.window.name}  ${style("dim", `${progress.id}, ${progress.latencyMs.toFixed(0)} ms`)}`
      )
    case "Stalled":
      return Option.some(
        `${style("yellow", "stalled  ")}  ${progress.window.name}  ${WindowError.summarize(progress.error).tag}`
      )
    case "AwaitingRecords":
      return Option.some(awaiting(progress))
    case "Verified":
      return Option.some(verified(progress, style))
    case "Synced":
      return Option.match(progress.result.failure, {
        onNone: () =>
          Option.some(`synced     ${progress.window.name}  ${progress.result.document} to ${progress.result.sink}`),
        onSome: ({ reason }) =>
          Option.some(`${style("yellow", "not synced")} ${progress.window.name}  ${progress.result.sink}: ${reason}`)
      })
    case "Finished": {
      const { error, replay } = progress.result
      if (error !== null)
        return Option.some(`${style("red", "failed   ")}  ${progress.window.name}  ${WindowError.summarize(error).tag}`)
      return replay === undefined
        ? Option.none()
        : Option.some(
            `${style(replay.state === "COMPLETED" ? "green" : "red", replay.state.toLowerCase().padEnd(9))}  ${progress.window.name}`
          )
    }
    case "Submitting":
    case "Watching":
      return Option.none()
  }
}

const stands = (progress: ApplyProgress.ApplyProgress): boolean =>
  progress._tag !== "Submitting" && (progress._tag !== "Finished" || progress.result.outcome !== "failed")

const changed = (tally: Tally, progress: ApplyProgress.ApplyProgress, now: DateTime.Utc): Tally => {
  const name = progress.window.name
  switch (progress._tag) {
    case "Submitted": {
      const at = DateTime.toEpochMillis(now)
      return { ...tally, recent: [...tally.recent.filter((one) => at - one < minute), at] }
    }
    case "Watching": {
      const delivered = HashMap.set(tally.delivered, name, Replay.fractionDone(progress.replay, now))
      return { ...tally, delivered }
    }
    case "Finished":
      return {
        ...tally,
        finished: tally.finished + 1,
        failed: tally.failed + (progress.result.error === null ? 0 : 1),
        delivered: HashMap.set(tally.delivered, name, 1)
      }
    default:
      return tally
  }
}

const counted = (tally: Tally, progress: ApplyProgress.ApplyProgress, now: DateTime.Utc): Tally => {
  const after = changed(tally, progress, now)
  return stands(progress) ? { ...after, submitted: HashSet.add(after.submitted, progress.window.name) } : after
}

// What the provider says of its limit, as long as the scope is open; one line a wait where nobody sees the line that moves.
const follow = Effect.fn("ApplyScreen.follow")(function* (
  onChange: (pace: RequestPace.RequestPace) => Effect.Effect<void>
) {
  const provider = yield* Effect.serviceOption(ReplayProvider.ReplayProvider)
  const pace = Option.flatMapNullable(provider, (one) => one.pace)
  if (Option.isSome(pace)) yield* Effect.forkScoped(Stream.runForEach(pace.value.changes, onChange))
})

/**
 * A listener for the pipeline's progress that shows it on standard error, for as long as the scope is open. `standing` are the
 * names of the windows that were submitted before.
 */
export const make = Effect.fn("ApplyScreen.make")(function* (
  windows: number,
  wait: boolean,
  standing: ReadonlyArray<string> = []
) {
  const { err, unicode } = yield* Screen
  const line = yield* ProgressLine.make
  const style = Style.of(err)
  const view: View = { windows, wait, unicode }
  const tally = yield* Ref.make<Tally>({
    submitted: HashSet.fromIterable(standing),
    finished: 0,
    failed: 0,
    delivered: HashMap.empty(),
    recent: []
  })
  const latest = yield* Ref.make(RequestPace.idle)
  const draw = Effect.flatMap(Effect.all([Ref.get(tally), Ref.get(latest)]), ([counts, pace]) =>
    line.set(summary(counts, pace, view))
  )
  yield* follow((pace) =>
    Effect.gen(function* () {
      const before = yield* Ref.getAndSet(latest, pace)
      const begins = Option.isNone(before.resumesAt) && !err.isTerminal
      yield* Option.match(begins ? held(pace) : Option.none(), { onNone: () => Effect.void, onSome: line.log })
      yield* draw
    })
  )
  return (progress: ApplyProgress.ApplyProgress) =>
    Effect.gen(function* () {
      const now = yield* DateTime.now
      yield* Ref.update(tally, (before) => counted(before, progress, now))
      yield* draw
      yield* Option.match(lineOf(progress, style), { onNone: () => Effect.void, onSome: line.log })
    })
})
