/** A window of which its spec says by what it is to be proven is not submitted where that cannot be done. */
import { ExpectedEvents, type PlannedWindow, PlatformRecords, Plural } from "@genesys-replay/domain"
import { Effect, Schema } from "effect"
import type { RunWindow } from "./RunWindow.js"

const missing = {
  "captured events": {
    what: "no captured events are named to measure from",
    remedy: "Name the files with the captured events, or leave out by what the window is to be proven"
  },
  baseline: {
    what: "no baseline is named",
    remedy: "Name the files of a baseline, or prove the window by its sequence or by records"
  },
  "judged topics": {
    what: "no conversation record makes one expect an event of its topics",
    remedy:
      "Name topics of conversations, such as v2.detail.events.conversation.{id}.acd.start, or prove the window by a baseline"
  },
  "window for the baseline": {
    what: "a baseline is named, and no window is to be proven by one",
    remedy: "Write prove: baseline into the window, or leave the baseline out"
  }
} as const

/** Windows cannot be proven as they are to be. Nothing was written down, and nothing submitted. */
export class ProofNotPossible extends Schema.TaggedError<ProofNotPossible>()("ProofNotPossible", {
  /** The names of the windows. */
  windows: Schema.NonEmptyArray(Schema.String),
  /** What is missing. */
  lacks: Schema.Literal("captured events", "baseline", "judged topics", "window for the baseline")
}) {
  override get message(): string {
    const [first, ...others] = this.windows
    const more = others.length === 0 ? "" : ` and ${Plural.counted(others.length, "other window")}`
    return `${JSON.stringify(first)}${more} cannot be proven: ${missing[this.lacks].what}. ${this.remedy}`
  }
  /** What to do about it. */
  get remedy(): string {
    return missing[this.lacks].remedy
  }
}

type Planned = Pick<PlannedWindow.PlannedWindow, "name" | "topics" | "prove">

/** The topics of a window of which no record tells: measured by records, nothing is proven of them. */
export const topicsNotJudged = ({ topics }: Pick<Planned, "topics">): ReadonlyArray<string> =>
  topics.filter((topic) => !ExpectedEvents.isJudged(topic))

const lack = (
  lacks: ProofNotPossible["lacks"],
  windows: ReadonlyArray<Planned>
): Effect.Effect<void, ProofNotPossible> => {
  const [first, ...others] = windows
  return first === undefined
    ? Effect.void
    : new ProofNotPossible({ lacks, windows: [first.name, ...others.map(({ name }) => name)] })
}

/**
 * Whether all windows can be proven as they are to be, as far as that is known beforehand. Fails with {@link ProofNotPossible}, and with
 * `RecordsNotConfigured` where the platform's records are asked for and cannot be had. A program that measures by itself needs nothing.
 */
export const check = Effect.fn("ProofNotPossible.check")(function* (
  windows: ReadonlyArray<Planned>,
  { against = [], verify }: Pick<RunWindow, "against" | "verify">
) {
  if (verify === "caller") return
  const by = (measure: "baseline" | "records") => windows.filter(({ prove }) => prove?.by === measure)
  if (verify === "nothing")
    yield* lack(
      "captured events",
      windows.filter(({ prove }) => prove !== undefined)
    )
  if (against.length === 0) yield* lack("baseline", by("baseline"))
  if (against.length > 0 && by("baseline").length === 0) yield* lack("window for the baseline", windows)
  const byRecords = by("records")
  yield* lack(
    "judged topics",
    byRecords.filter((window) => topicsNotJudged(window).length === window.topics.length)
  )
  if (byRecords.length > 0) yield* Effect.flatMap(PlatformRecords.PlatformRecords, ({ configured }) => configured)
})
