/**
 * A query that the platform works on by itself: submitted, watched, read page by page, removed. One that fails, expires or vanishes is
 * begun again, so many times; every wait is bounded; one that is given up is removed, also on interruption.
 */
import { Chunk, Data, Duration, Effect, Option, Stream } from "effect"
import { RecordsQueryFailed, RecordsQueryTimedOut } from "./RecordsError.js"

/** How long a query is waited for, and how often it is begun. */
export interface Settings {
  /** How long the platform may work on one query. */
  readonly timeout: Duration.Duration
  /** How often a query is begun before it is given up, at least once. */
  readonly attempts: number
  /** The first wait between two requests for its state; doubled for each that follows, up to {@link slowest}. */
  readonly firstPoll: Duration.Duration
}

/** An hour, three attempts, the state asked for after a second. */
export const settings: Settings = { timeout: Duration.hours(1), attempts: 3, firstPoll: Duration.seconds(1) }

/** The longest wait between two requests for its state. */
export const slowest = Duration.seconds(15)

/** How long a removal may take: it is a courtesy, the platform forgets by itself. */
const removalTimeout = Duration.seconds(10)

/** How far a query is. */
export interface QueryStatus {
  readonly state: string
  readonly reason: string
}

/** A page of results, and what leads to the next one. */
export interface Page<A> {
  readonly items: ReadonlyArray<A>
  readonly cursor: string | null | undefined
}

/** The calls of a query. `isGone` tells an error that means that the platform knows it no more. */
export interface Calls<A, E> {
  /** Its name in errors. */
  readonly operation: string
  readonly submit: Effect.Effect<string, E>
  readonly status: (id: string) => Effect.Effect<QueryStatus, E | Gone>
  readonly page: (id: string, cursor: string | undefined) => Effect.Effect<Page<A>, E | Gone>
  readonly remove: (id: string) => Effect.Effect<void, E | Gone>
}

/** The platform knows the query no more. */
export class Gone extends Data.TaggedError("Gone")<{ readonly id: string }> {}

/** One attempt came to nothing. */
class Broken extends Data.TaggedError("Broken")<{ readonly id: string; readonly status: QueryStatus }> {}

const running = ["QUEUED", "PENDING", "RUNNING"]
const done = ["FULFILLED", "SUCCEEDED"]
const failed = ["FAILED", "CANCELLED", "EXPIRED"]

/** Called with the state of a query each time that it was asked for. */
export type OnState = (state: string) => Effect.Effect<void>

/** The results of the query, page by page. After a new beginning pages come that came before. */
export const run = <A, E>(
  calls: Calls<A, E>,
  { attempts, firstPoll, timeout }: Settings,
  onState: OnState
): Stream.Stream<A, E | RecordsQueryFailed | RecordsQueryTimedOut> => {
  const { operation } = calls
  const orBroken = <B>(call: Effect.Effect<B, E | Gone>): Effect.Effect<B, E | Broken> =>
    Effect.mapError(call, (error) =>
      error instanceof Gone ? new Broken({ id: error.id, status: { state: "gone", reason: "" } }) : error
    )

  const wait = (id: string) =>
    Effect.gen(function* () {
      for (let pause = firstPoll; ; pause = Duration.min(Duration.times(pause, 2), slowest)) {
        const status = yield* orBroken(calls.status(id))
        const state = status.state.toUpperCase()
        if (done.includes(state)) return
        if (failed.includes(state)) return yield* new Broken({ id, status })
        yield* onState(running.includes(state) ? state : status.state)
        yield* Effect.sleep(pause)
      }
    }).pipe(
      Effect.timeoutFail({
        duration: timeout,
        onTimeout: () => new RecordsQueryTimedOut({ operation, waitedSeconds: Math.round(Duration.toSeconds(timeout)) })
      })
    )

  const pages = (id: string) =>
    Stream.paginateChunkEffect<string | undefined, A, E | Broken, never>(undefined, (cursor) =>
      Effect.flatMap(orBroken(calls.page(id, cursor)), ({ cursor: next, items }) => {
        const chunk = Chunk.fromIterable(items)
        if (next === undefined || next === null || next === "") return Effect.succeed([chunk, Option.none()])
        // A cursor that leads to itself would be followed for ever.
        if (next !== cursor) return Effect.succeed([chunk, Option.some(next)])
        return Effect.fail(new Broken({ id, status: { state: "going round", reason: "a page leads to itself" } }))
      })
    )

  // Where the removal takes too long it is left: the platform forgets by itself.
  const remove = (id: string) =>
    Effect.interruptible(calls.remove(id)).pipe(Effect.timeout(removalTimeout), Effect.ignore)

  const begin = Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const id = yield* restore(calls.submit)
      yield* Effect.addFinalizer(() => remove(id))
      return id
    })
  )

  const attempt = (number: number): Stream.Stream<A, E | RecordsQueryFailed | RecordsQueryTimedOut> =>
    Stream.unwrapScoped(
      Effect.gen(function* () {
        const id = yield* begin
        yield* wait(id)
        return pages(id)
      })
    ).pipe(
      Stream.catchAll((error) => {
        if (!(error instanceof Broken)) return Stream.fail(error)
        const { id, status } = error
        if (number >= attempts) {
          return Stream.fail(new RecordsQueryFailed({ operation, id, ...status, attempts: number }))
        }
        const pause = Duration.times(firstPoll, 2 ** number)
        const reason = status.reason === "" ? "" : ` (${status.reason})`
        const note = `${operation}: ${id} is ${status.state}${reason}, begun again in ${Duration.format(pause)}`
        return Stream.unwrap(Effect.as(Effect.zipRight(Effect.logInfo(note), Effect.sleep(pause)), attempt(number + 1)))
      })
    )

  return attempt(1)
}
