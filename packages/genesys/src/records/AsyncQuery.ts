/**
 * A query that the platform works on by itself: submitted, watched, read page by page, removed. One that fails, expires or vanishes is
 * begun again, so many times; every wait is bounded; one that is given up is removed, also on interruption.
 */
import { Chunk, Data, Duration, Effect, Option, Stream } from "effect"
import { RecordsQueryFailed, RecordsQueryTimedOut } from "./RecordsError.js"

/** How long a query is waited for, and how often it is begun. */
export interface Settings {
  /** How long the platform may work on one query. */
  readonly patience: Duration.Duration
  /** How often a query is begun before it is given up, at least once. */
  readonly attempts: number
  /** The first wait between two looks; doubled for each that follows, up to {@link slowest}. */
  readonly firstLook: Duration.Duration
}

/** An hour, three attempts, a first look after a second. */
export const settings: Settings = { patience: Duration.hours(1), attempts: 3, firstLook: Duration.seconds(1) }

/** The longest wait between two looks. */
export const slowest = Duration.seconds(15)

/** How long a removal may take: it is a courtesy, the platform forgets by itself. */
const removalTimeout = Duration.seconds(10)

/** How far a query is. */
export interface Standing {
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
  /** What errors call it. */
  readonly operation: string
  readonly submit: Effect.Effect<string, E>
  readonly look: (id: string) => Effect.Effect<Standing, E | Gone>
  readonly page: (id: string, cursor: string | undefined) => Effect.Effect<Page<A>, E | Gone>
  readonly remove: (id: string) => Effect.Effect<void, E | Gone>
}

/** The platform knows the query no more. */
export class Gone extends Data.TaggedError("Gone")<{ readonly id: string }> {}

/** One attempt came to nothing. */
class Broken extends Data.TaggedError("Broken")<{ readonly id: string; readonly standing: Standing }> {}

const running = ["QUEUED", "PENDING", "RUNNING"]
const done = ["FULFILLED", "SUCCEEDED"]
const failed = ["FAILED", "CANCELLED", "EXPIRED"]

/** What is told while it goes on: of a query that is waited for. */
export type Tell = (state: string) => Effect.Effect<void>

/** The results of the query, page by page. After a new beginning pages come that came before. */
export const run = <A, E>(
  calls: Calls<A, E>,
  { attempts, firstLook, patience }: Settings,
  tell: Tell
): Stream.Stream<A, E | RecordsQueryFailed | RecordsQueryTimedOut> => {
  const { operation } = calls
  const orBroken = <B>(call: Effect.Effect<B, E | Gone>): Effect.Effect<B, E | Broken> =>
    Effect.mapError(call, (error) =>
      error instanceof Gone ? new Broken({ id: error.id, standing: { state: "gone", reason: "" } }) : error
    )

  const wait = (id: string) =>
    Effect.gen(function* () {
      for (let pause = firstLook; ; pause = Duration.min(Duration.times(pause, 2), slowest)) {
        const standing = yield* orBroken(calls.look(id))
        const state = standing.state.toUpperCase()
        if (done.includes(state)) return
        if (failed.includes(state)) return yield* new Broken({ id, standing })
        yield* tell(running.includes(state) ? state : standing.state)
        yield* Effect.sleep(pause)
      }
    }).pipe(
      Effect.timeoutFail({
        duration: patience,
        onTimeout: () =>
          new RecordsQueryTimedOut({ operation, waitedSeconds: Math.round(Duration.toSeconds(patience)) })
      })
    )

  const pages = (id: string) =>
    Stream.paginateChunkEffect<string | undefined, A, E | Broken, never>(undefined, (cursor) =>
      Effect.flatMap(orBroken(calls.page(id, cursor)), ({ cursor: next, items }) => {
        const chunk = Chunk.fromIterable(items)
        if (next === undefined || next === null || next === "") return Effect.succeed([chunk, Option.none()])
        // A cursor that leads to itself would be followed for ever.
        if (next !== cursor) return Effect.succeed([chunk, Option.some(next)])
        return Effect.fail(new Broken({ id, standing: { state: "going round", reason: "a page leads to itself" } }))
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
        const { id, standing } = error
        if (number >= attempts) {
          return Stream.fail(new RecordsQueryFailed({ operation, id, ...standing, attempts: number }))
        }
        const pause = Duration.times(firstLook, 2 ** number)
        const reason = standing.reason === "" ? "" : ` (${standing.reason})`
        const note = `${operation}: ${id} is ${standing.state}${reason}, begun again in ${Duration.format(pause)}`
        return Stream.unwrap(Effect.as(Effect.zipRight(Effect.logInfo(note), Effect.sleep(pause)), attempt(number + 1)))
      })
    )

  return attempt(1)
}
