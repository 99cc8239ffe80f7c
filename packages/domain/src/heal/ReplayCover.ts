/** The cheapest replays that together cover given instants: what heals a capture with as few replays, and as few minutes, as it takes. */

/** What a replay costs against what a minute of it costs; only the proportion counts. */
export interface ReplayCost {
  readonly replay: number
  readonly minute: number
}

/**
 * One replay more is worth ten minutes of events that nobody misses. A replay takes one of the ten places of the account and a
 * name for 90 days, and has to be started, watched and captured; a minute more costs the events in it, which the receiver has.
 */
export const defaultCost: ReplayCost = { replay: 10, minute: 1 }

/** A stretch that one replay covers, in milliseconds since 1970; the end is exclusive. Whole minutes. */
export interface Stretch {
  readonly fromMs: number
  readonly toMs: number
  /** How many of the given instants lie in it. */
  readonly events: number
}

/** How stretches are chosen. */
export interface CoverOptions {
  /** {@link defaultCost} unless told. */
  readonly cost?: ReplayCost | undefined
  /** How much before, and after, an instant its event may be filed, in milliseconds; 0. */
  readonly earlierMs?: number | undefined
  readonly laterMs?: number | undefined
  /** At most so many stretches, however long they become. No limit unless told. */
  readonly most?: number | undefined
}

/** The archive of EventBridge is replayed minute by minute. */
export const minuteMs = 60_000

const floor = (ms: number): number => Math.floor(ms / minuteMs) * minuteMs

// The stretches that have to be covered, each as short as it can be, in the order of time; none touches another.
const least = (sorted: Float64Array, earlierMs: number, laterMs: number): Array<Stretch> => {
  const stretches: Array<Stretch> = []
  let open: { fromMs: number; toMs: number; events: number } | undefined
  for (const at of sorted) {
    const fromMs = floor(at - earlierMs)
    const toMs = floor(at + laterMs) + minuteMs
    if (open !== undefined && fromMs <= open.toMs) {
      open.toMs = Math.max(open.toMs, toMs)
      open.events++
    } else {
      open = { fromMs, toMs, events: 1 }
      stretches.push(open)
    }
  }
  return stretches
}

/** The minutes of these stretches. */
export const minutesOf = (stretches: ReadonlyArray<Stretch>): number =>
  stretches.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs) / minuteMs, 0)

/** What these stretches cost together. */
export const costOf = (stretches: ReadonlyArray<Stretch>, cost: ReplayCost = defaultCost): number =>
  stretches.length * cost.replay + minutesOf(stretches) * cost.minute

/**
 * The stretches of whole minutes that cover these instants (milliseconds since 1970, in any order) at the least cost; of several
 * that cost the same, the fewest. Between two neighbours stands a gap: closing it saves a replay and costs its minutes,
 * whatever becomes of the other gaps, so that each is decided by itself, and where `most` asks for fewer still, the shortest
 * gaps are closed first. Takes O(n log n).
 */
export const of = (
  instants: Iterable<number>,
  { cost = defaultCost, earlierMs = 0, laterMs = 0, most = Number.POSITIVE_INFINITY }: CoverOptions = {}
): ReadonlyArray<Stretch> => {
  const stretches = least(Float64Array.from(instants).sort(), earlierMs, laterMs)
  const gapBefore = (at: number): number => (stretches[at]?.fromMs ?? 0) - (stretches[at - 1]?.toMs ?? 0)
  const open = stretches
    .map((_, at) => at)
    .slice(1)
    .filter((at) => (gapBefore(at) / minuteMs) * cost.minute > cost.replay)
    .sort((one, other) => gapBefore(other) - gapBefore(one) || one - other)
  const begins = new Set(open.slice(0, Math.max(1, most) - 1))
  const chosen: Array<Stretch> = []
  for (const [at, stretch] of stretches.entries()) {
    const last = at === 0 || begins.has(at) ? undefined : chosen.pop()
    chosen.push(
      last === undefined
        ? stretch
        : { fromMs: last.fromMs, toMs: Math.max(last.toMs, stretch.toMs), events: last.events + stretch.events }
    )
  }
  return chosen
}

/**
 * The stretches in batches of at most `atOnce` that run at the same time, so that the longest ones of the batches are together
 * as short as they can be: those of like length run together. Within a batch in the order of time.
 */
export const inBatches = (stretches: ReadonlyArray<Stretch>, atOnce: number): ReadonlyArray<ReadonlyArray<Stretch>> => {
  const length = ({ fromMs, toMs }: Stretch): number => toMs - fromMs
  const byLength = [...stretches].sort((one, other) => length(other) - length(one) || one.fromMs - other.fromMs)
  const size = Math.max(1, Math.floor(atOnce))
  return Array.from({ length: Math.ceil(byLength.length / size) }, (_, at) =>
    byLength.slice(at * size, (at + 1) * size).sort((one, other) => one.fromMs - other.fromMs)
  )
}
