/**
 * What is to be replayed so that missing events come back, and why some of them cannot.
 *
 * Pure: from what is missing, from what can be replayed, and from the instant that it is now.
 */
import { DateTime, Duration, Option } from "effect"
import { archiveDelay } from "../plan/ArchivePlanRules.js"
import * as Instant from "../value/Instant.js"
import * as ReplayCover from "./ReplayCover.js"

/** An event that is missing, as far as a plan needs it. */
export interface Missing {
  /** Its envelope's time in milliseconds since 1970; null where nobody knows it. */
  readonly timeMs: number | null
  /** The `detail-type`; null where nobody knows it. */
  readonly topic: string | null
  /** False for one of which nobody can say whether it had to come. */
  readonly isJudged?: boolean | undefined
}

/** What replays bring events back from: an archive of EventBridge, or the platform itself. */
export interface ReplaySource {
  /** Since when it takes events in: the creation of an archive. None where it always has. */
  readonly since: Option.Option<DateTime.Utc>
  /** Until when it took events in, exclusive. None while it does. */
  readonly until: Option.Option<DateTime.Utc>
  /** How long it keeps an event; none for ever. */
  readonly retention: Option.Option<Duration.Duration>
  /** Whether it may hold events of this topic. */
  readonly holds: (topic: string) => boolean
  /** How long an event may take to reach it; ten minutes into an archive of EventBridge. */
  readonly delay: Duration.Duration
  /** `window`: a replay has a start and an end. `to-now`: it has a start, and goes up to now, as the Event Streams API does it. */
  readonly reach: "window" | "to-now"
}

/** A source that holds every topic for ever, and whose replays have an end: an archive of a whole bus. */
export const everything: ReplaySource = {
  since: Option.none(),
  until: Option.none(),
  retention: Option.none(),
  holds: () => true,
  delay: archiveDelay,
  reach: "window"
}

/** Why an event is not brought back. */
export type Reason =
  | "not-judged"
  | "time-unknown"
  | "outside-pattern"
  | "beyond-retention"
  | "outside-life"
  | "not-yet-archived"
  | "not-replayed"
  | "not-in-archive"

/** Events that are not brought back for one reason. */
export interface Left {
  readonly reason: Reason
  readonly count: number
  /** The times of the first and the last of them; none where they have none. */
  readonly span: Option.Option<{ readonly from: DateTime.Utc; readonly to: DateTime.Utc }>
}

/** A window to be replayed; the end is exclusive. */
export interface HealWindow {
  readonly start: DateTime.Utc
  readonly end: DateTime.Utc
  /** How many of the missing events lie in it. */
  readonly events: number
}

/** A plan. */
export interface HealPlan {
  /** In the order of time. */
  readonly windows: ReadonlyArray<HealWindow>
  /** The same windows: those of a batch are replayed at the same time, one batch after the other. */
  readonly batches: ReadonlyArray<ReadonlyArray<HealWindow>>
  /** Minutes of all windows. */
  readonly minutes: number
  /** Missing events that the windows should bring back. */
  readonly recoverable: number
  /** The others, by reason, in the order of {@link rules}. */
  readonly left: ReadonlyArray<Left>
}

/** How a plan is made. */
export interface Options extends ReplayCover.CoverOptions {
  readonly now: DateTime.Utc
  /** How many replays may run at the same time; 10, as many as an account of AWS has in a region. */
  readonly atOnce?: number | undefined
}

interface Bounds {
  readonly holds: (topic: string) => boolean
  readonly sinceMs: number
  readonly untilMs: number
  readonly keptFromMs: number
  readonly settledMs: number
}

interface Rule {
  readonly reason: Reason
  /** Whether it keeps the event from coming back; `timeMs` is NaN where it is not known, which no comparison is true of. */
  readonly when: (missing: Missing, timeMs: number, bounds: Bounds) => boolean
  /** Said of all events of the reason together. */
  readonly message: string
}

/**
 * Why an event cannot come back: the first rule that applies says it. `not-replayed` and `not-in-archive` are what is left when the
 * replays have ended (see {@link remaining}).
 */
export const rules: ReadonlyArray<Rule> = [
  {
    reason: "not-judged",
    when: ({ isJudged }) => isJudged === false,
    message: "nobody can say whether they had to come"
  },
  {
    reason: "outside-pattern",
    when: ({ topic }, _, { holds }) => topic !== null && !holds(topic),
    message: "the archive's pattern lets no event of their topic in"
  },
  {
    reason: "time-unknown",
    when: ({ timeMs }) => timeMs === null || Number.isNaN(timeMs),
    message: "their time is not known, and a replay is asked for by time"
  },
  {
    reason: "beyond-retention",
    when: (_, timeMs, { keptFromMs }) => timeMs < keptFromMs,
    message: "they are older than events are kept"
  },
  {
    reason: "outside-life",
    when: (_, timeMs, { sinceMs, untilMs }) => timeMs < sinceMs || timeMs >= untilMs,
    message: "the archive was not there, or took nothing in, at their time"
  },
  {
    reason: "not-yet-archived",
    when: (_, timeMs, { settledMs }) => timeMs > settledMs,
    message: "they may not have reached the archive yet: try again some minutes later"
  },
  {
    reason: "not-replayed",
    when: () => false,
    message: "no replay of their minutes was completed"
  },
  {
    reason: "not-in-archive",
    when: () => false,
    message: "their minutes were replayed and they did not come: they never reached the archive"
  }
]

/** What is said of events that are left for this reason. */
export const messageOf = (reason: Reason): string => rules.find((rule) => rule.reason === reason)?.message ?? reason

const remembered = (holds: (topic: string) => boolean): ((topic: string) => boolean) => {
  const known = new Map<string, boolean>()
  return (topic) => {
    const found = known.get(topic)
    if (found !== undefined) return found
    const answer = holds(topic)
    known.set(topic, answer)
    return answer
  }
}

const boundsOf = (source: ReplaySource, now: DateTime.Utc): Bounds => {
  const nowMs = DateTime.toEpochMillis(now)
  const instant = (option: Option.Option<DateTime.Utc>, otherwise: number) =>
    Option.match(option, { onNone: () => otherwise, onSome: DateTime.toEpochMillis })
  return {
    holds: remembered(source.holds),
    sinceMs: instant(source.since, Number.NEGATIVE_INFINITY),
    untilMs: instant(source.until, Number.POSITIVE_INFINITY),
    keptFromMs: Option.match(source.retention, {
      onNone: () => Number.NEGATIVE_INFINITY,
      onSome: (kept) => nowMs - Duration.toMillis(kept)
    }),
    settledMs: nowMs - Duration.toMillis(source.delay)
  }
}

// How many events are left for each reason, and when they happened.
class Tallies {
  private readonly tallies = new Map<Reason, { count: number; firstMs: number; lastMs: number }>()

  add(reason: Reason, timeMs: number): void {
    const tally = this.tallies.get(reason) ?? { count: 0, firstMs: Number.NaN, lastMs: Number.NaN }
    tally.count++
    if (!(tally.firstMs <= timeMs) && !Number.isNaN(timeMs)) tally.firstMs = timeMs
    if (!(tally.lastMs >= timeMs) && !Number.isNaN(timeMs)) tally.lastMs = timeMs
    this.tallies.set(reason, tally)
  }

  left(): ReadonlyArray<Left> {
    return rules.flatMap(({ reason }): ReadonlyArray<Left> => {
      const tally = this.tallies.get(reason)
      if (tally === undefined) return []
      const { count, firstMs, lastMs } = tally
      const span = Option.zipWith(DateTime.make(firstMs), DateTime.make(lastMs), (from, to) => ({ from, to }))
      return [{ reason, count, span }]
    })
  }
}

const windowOf = ({ events, fromMs, toMs }: ReplayCover.Stretch): HealWindow => ({
  start: DateTime.unsafeMake(fromMs),
  end: DateTime.unsafeMake(toMs),
  events
})

// A replay that goes up to now brings back everything since the first.
const toNow = (
  stretches: ReadonlyArray<ReplayCover.Stretch>,
  now: DateTime.Utc
): ReadonlyArray<ReplayCover.Stretch> => {
  const [first] = stretches
  if (first === undefined) return []
  const events = stretches.reduce((sum, stretch) => sum + stretch.events, 0)
  return [{ fromMs: first.fromMs, toMs: DateTime.toEpochMillis(Instant.wholeSecond(now)), events }]
}

/**
 * The plan for these events. Each is recoverable or left for one reason, never both: `recoverable` and the counts of `left` add
 * up to what is missing. A million of them take about a second.
 */
export const make = (missing: Iterable<Missing>, source: ReplaySource, options: Options): HealPlan => {
  const { atOnce = 10, now } = options
  const bounds = boundsOf(source, now)
  const tallies = new Tallies()
  const times: Array<number> = []
  for (const event of missing) {
    const timeMs = event.timeMs ?? Number.NaN
    const rule = rules.find(({ when }) => when(event, timeMs, bounds))
    if (rule === undefined) times.push(timeMs)
    else tallies.add(rule.reason, timeMs)
  }
  const cover = ReplayCover.of(times, options)
  const stretches = source.reach === "window" ? cover : toNow(cover, now)
  return {
    windows: stretches.map(windowOf),
    batches: ReplayCover.inBatches(stretches, atOnce).map((batch) => batch.map(windowOf)),
    minutes: ReplayCover.minutesOf(stretches),
    recoverable: times.length,
    left: tallies.left()
  }
}

/** What was replayed; the end is exclusive. */
export interface Replayed {
  readonly fromMs: number
  readonly toMs: number
}

/**
 * Why these events are missing still, when so much was replayed to its end: for the reason that keeps an event from coming back, else
 * `not-in-archive` for those whose minutes were replayed, and `not-replayed` for the others. The counts add up to what is missing.
 */
export const remaining = (
  missing: Iterable<Missing>,
  source: ReplaySource,
  { now, replayed }: { readonly now: DateTime.Utc; readonly replayed: ReadonlyArray<Replayed> }
): ReadonlyArray<Left> => {
  const bounds = boundsOf(source, now)
  const tallies = new Tallies()
  for (const event of missing) {
    const timeMs = event.timeMs ?? Number.NaN
    const rule = rules.find(({ when }) => when(event, timeMs, bounds))
    const cameBack = replayed.some(({ fromMs, toMs }) => fromMs <= timeMs && timeMs < toMs)
    tallies.add(rule?.reason ?? (cameBack ? "not-in-archive" : "not-replayed"), timeMs)
  }
  return tallies.left()
}
