/**
 * Who waits to be sent, and who is next, as rules. Submissions come first, in the order in which they came; a look at a
 * replay gives way to them, because a window that is submitted a minute later is lost time, and one that is looked at a
 * minute later is not.
 *
 * Submissions come a few at a time, so a look also waits a moment after the last one: the longer the more of the window is
 * used, up to {@link lookPause}. So looks take next to nothing of a window that submissions use up, and wait for nothing
 * where there is plenty. A look that has waited for {@link lookPatience} is sent with every {@link lookEvery}th request.
 *
 * All instants are milliseconds since the epoch.
 */
import type { RetryPolicy } from "@genesys-replay/domain"
import { Chunk, type Deferred, Duration, Option } from "effect"

/** How long looks wait after the last sign of a submission, while one is under way or the window is nearly used up. */
export const lookPause = Duration.seconds(2)

/** How long a look gives way at most. */
export const lookPatience = Duration.minutes(5)

/** Of so many requests one is a look that lost its patience, while submissions wait. */
export const lookEvery = 50

/** A request that waits. */
export interface Entry {
  readonly id: number
  /** Whether it is a look, which gives way. */
  readonly look: boolean
  readonly since: number
  /** Completed when it may be sent; fails where the limit would have it wait too long. */
  readonly granted: Deferred.Deferred<void, RetryPolicy.TransientFailure>
}

/** The queue, and what it needs to know of those that left it. */
export interface RequestQueue {
  readonly submissions: Chunk.Chunk<Entry>
  readonly looks: Chunk.Chunk<Entry>
  readonly submissionsUnderWay: number
  /** When a submission came, left or was answered last. */
  readonly lastSubmission: number
  /** Submissions sent since the last look. */
  readonly sinceLook: number
}

/** Nobody waits. */
export const empty: RequestQueue = {
  submissions: Chunk.empty(),
  looks: Chunk.empty(),
  submissionsUnderWay: 0,
  lastSubmission: 0,
  sinceLook: 0
}

/** Who is next. */
export type Next =
  | { readonly _tag: "Nobody" }
  | { readonly _tag: "Next"; readonly entry: Entry }
  /** Only looks wait, and they give way until then. */
  | { readonly _tag: "Later"; readonly until: number }

/** How many wait. */
export const size = (queue: RequestQueue): number => Chunk.size(queue.submissions) + Chunk.size(queue.looks)

/** Who is next at `now`, where `share` of the window is used (0 to 1). */
export const next = (queue: RequestQueue, share: number, now: number): Next => {
  const submission = Chunk.head(queue.submissions)
  const look = Chunk.head(queue.looks)
  const impatient = Option.filter(
    look,
    ({ since }) => now - since >= Duration.toMillis(lookPatience) && queue.sinceLook >= lookEvery - 1
  )
  const first = Option.orElse(impatient, () => submission)
  if (Option.isSome(first)) return { _tag: "Next", entry: first.value }
  if (Option.isNone(look)) return { _tag: "Nobody" }
  const pause = Math.ceil(Duration.toMillis(lookPause) * (queue.submissionsUnderWay > 0 ? 1 : share))
  const until = queue.lastSubmission + pause
  return now < until ? { _tag: "Later", until } : { _tag: "Next", entry: look.value }
}

/** With one more that waits. */
export const join = (queue: RequestQueue, entry: Entry): RequestQueue =>
  entry.look
    ? { ...queue, looks: Chunk.append(queue.looks, entry) }
    : { ...queue, submissions: Chunk.append(queue.submissions, entry), lastSubmission: entry.since }

/** Whether it waits. */
export const has = (queue: RequestQueue, entry: Entry): boolean =>
  Chunk.some(entry.look ? queue.looks : queue.submissions, ({ id }) => id === entry.id)

const without = (entries: Chunk.Chunk<Entry>, entry: Entry): Chunk.Chunk<Entry> =>
  Option.exists(Chunk.head(entries), ({ id }) => id === entry.id)
    ? Chunk.drop(entries, 1)
    : Chunk.filter(entries, ({ id }) => id !== entry.id)

/** Without one that waits no longer and is not sent. */
export const leave = (queue: RequestQueue, entry: Entry): RequestQueue =>
  entry.look
    ? { ...queue, looks: without(queue.looks, entry) }
    : { ...queue, submissions: without(queue.submissions, entry) }

/** All that wait. */
export const waiting = ({ looks, submissions }: RequestQueue): Chunk.Chunk<Entry> => Chunk.appendAll(submissions, looks)

/** Without those that wait. */
export const cleared = (queue: RequestQueue): RequestQueue => ({
  ...queue,
  submissions: Chunk.empty(),
  looks: Chunk.empty()
})

/** Without one that is sent at `now`. */
export const sent = (queue: RequestQueue, entry: Entry, now: number): RequestQueue =>
  entry.look
    ? { ...leave(queue, entry), sinceLook: 0 }
    : {
        ...leave(queue, entry),
        submissionsUnderWay: queue.submissionsUnderWay + 1,
        lastSubmission: now,
        sinceLook: queue.sinceLook + 1
      }

/** One that was sent is under way no longer, at `now`. */
export const ended = (queue: RequestQueue, entry: Entry, now: number): RequestQueue =>
  entry.look ? queue : { ...queue, submissionsUnderWay: queue.submissionsUnderWay - 1, lastSubmission: now }
