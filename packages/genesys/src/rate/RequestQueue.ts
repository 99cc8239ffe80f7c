/**
 * Which request waits, and which is sent next, as rules. Submissions come first, in the order in which they came. Background requests,
 * such as the state of a replay, give way to them: a window that is submitted a minute later is lost time, and a state that is read a
 * minute later is not.
 *
 * Submissions come a few at a time, so a background request also waits a moment after the last one: the longer the more of the window
 * is used, up to {@link backgroundPause}. So these take next to nothing of a window that submissions use up, and wait for nothing where
 * there is plenty. One that has waited for {@link longestBackgroundWait} is sent with every {@link backgroundEvery}th request.
 *
 * All instants are milliseconds since the epoch.
 */
import type { RetryPolicy } from "@genesys-replay/domain"
import { Chunk, type Deferred, Duration, Option } from "effect"

/** How long background requests wait after a submission last came, left or was answered, while one is under way or the window is nearly used up. */
export const backgroundPause = Duration.seconds(2)

/** How long a background request gives way at most. */
export const longestBackgroundWait = Duration.minutes(5)

/** Of so many requests one is a background request that has waited for that long, while submissions wait. */
export const backgroundEvery = 50

/** A request that waits. */
export interface Entry {
  readonly id: number
  /** Whether it gives way to submissions. */
  readonly isBackground: boolean
  readonly since: number
  /** Completed when it may be sent; fails where the limit would have it wait too long. */
  readonly granted: Deferred.Deferred<void, RetryPolicy.TransientFailure>
}

/** The queue, and what it needs to know of those that left it. */
export interface RequestQueue {
  readonly submissions: Chunk.Chunk<Entry>
  readonly background: Chunk.Chunk<Entry>
  readonly submissionsUnderWay: number
  /** When a submission came, left or was answered last. */
  readonly lastSubmission: number
  /** Submissions sent since the last background request. */
  readonly sinceBackground: number
}

/** No request waits. */
export const empty: RequestQueue = {
  submissions: Chunk.empty(),
  background: Chunk.empty(),
  submissionsUnderWay: 0,
  lastSubmission: 0,
  sinceBackground: 0
}

/** Which request is next. */
export type Next =
  | { readonly _tag: "Nobody" }
  | { readonly _tag: "Next"; readonly entry: Entry }
  /** Only background requests wait, and they give way until then. */
  | { readonly _tag: "Later"; readonly until: number }

/** How many wait. */
export const size = (queue: RequestQueue): number => Chunk.size(queue.submissions) + Chunk.size(queue.background)

/** Which request is next at `now`, where `share` of the window is used (0 to 1). */
export const next = (queue: RequestQueue, share: number, now: number): Next => {
  const submission = Chunk.head(queue.submissions)
  const background = Chunk.head(queue.background)
  const overdue = Option.filter(
    background,
    ({ since }) =>
      now - since >= Duration.toMillis(longestBackgroundWait) && queue.sinceBackground >= backgroundEvery - 1
  )
  const first = Option.orElse(overdue, () => submission)
  if (Option.isSome(first)) return { _tag: "Next", entry: first.value }
  if (Option.isNone(background)) return { _tag: "Nobody" }
  const pause = Math.ceil(Duration.toMillis(backgroundPause) * (queue.submissionsUnderWay > 0 ? 1 : share))
  const until = queue.lastSubmission + pause
  return now < until ? { _tag: "Later", until } : { _tag: "Next", entry: background.value }
}

/** With one more that waits. */
export const join = (queue: RequestQueue, entry: Entry): RequestQueue =>
  entry.isBackground
    ? { ...queue, background: Chunk.append(queue.background, entry) }
    : { ...queue, submissions: Chunk.append(queue.submissions, entry), lastSubmission: entry.since }

/** Whether it waits. */
export const has = (queue: RequestQueue, entry: Entry): boolean =>
  Chunk.some(entry.isBackground ? queue.background : queue.submissions, ({ id }) => id === entry.id)

const without = (entries: Chunk.Chunk<Entry>, entry: Entry): Chunk.Chunk<Entry> =>
  Option.exists(Chunk.head(entries), ({ id }) => id === entry.id)
    ? Chunk.drop(entries, 1)
    : Chunk.filter(entries, ({ id }) => id !== entry.id)

/** Without one that waits no longer and is not sent. */
export const leave = (queue: RequestQueue, entry: Entry): RequestQueue =>
  entry.isBackground
    ? { ...queue, background: without(queue.background, entry) }
    : { ...queue, submissions: without(queue.submissions, entry) }

/** All that wait. */
export const waiting = ({ background, submissions }: RequestQueue): Chunk.Chunk<Entry> =>
  Chunk.appendAll(submissions, background)

/** Without those that wait. */
export const cleared = (queue: RequestQueue): RequestQueue => ({
  ...queue,
  submissions: Chunk.empty(),
  background: Chunk.empty()
})

/** Without one that is sent at `now`. */
export const sent = (queue: RequestQueue, entry: Entry, now: number): RequestQueue =>
  entry.isBackground
    ? { ...leave(queue, entry), sinceBackground: 0 }
    : {
        ...leave(queue, entry),
        submissionsUnderWay: queue.submissionsUnderWay + 1,
        lastSubmission: now,
        sinceBackground: queue.sinceBackground + 1
      }

/** One that was sent is under way no longer, at `now`. */
export const ended = (queue: RequestQueue, entry: Entry, now: number): RequestQueue =>
  entry.isBackground ? queue : { ...queue, submissionsUnderWay: queue.submissionsUnderWay - 1, lastSubmission: now }
