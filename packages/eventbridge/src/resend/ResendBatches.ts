/** Events put together into requests: as many as a target takes, and no later than they are due. */
import { Chunk, Clock, Deferred, Effect, Either, Exit, Option, type Scope, Stream } from "effect"
import type { ResendEvent } from "./ResendEvent.js"
import type { Pace } from "./ResendSpeed.js"
import type { ResendTarget } from "./target/ResendTarget.js"

/** The events of one request. */
export interface Batch {
  readonly events: ReadonlyArray<ResendEvent>
  /** Over when every request before it that has an event of one of its groups is. */
  readonly turn: Effect.Effect<void>
  /** Says that this request is over. */
  readonly over: Effect.Effect<void>
}

/** How batches are made. */
export interface Options {
  readonly target: Pick<ResendTarget, "batch" | "groupOf" | "measure">
  readonly pace: Pace
  /** Told of events that no request can take. */
  readonly onTooLarge: (event: ResendEvent, reason: string) => Effect.Effect<void>
}

// The events of a stream, one after the other; none at the end.
const puller = <E, R>(
  events: Stream.Stream<ResendEvent, E, R>
): Effect.Effect<Effect.Effect<ResendEvent | undefined, E, R>, never, R | Scope.Scope> =>
  Effect.map(Stream.toPull(events), (pull) => {
    let chunk: ReadonlyArray<ResendEvent> = []
    let at = 0
    // A chunk of which no event was chosen is empty, and not the end.
    const more = Effect.repeat(pull, { until: Chunk.isNonEmpty }).pipe(
      Effect.map((next) => {
        chunk = Chunk.toReadonlyArray(next)
        at = 0
        return chunk[at++]
      }),
      Effect.catchAll(Option.match({ onNone: () => Effect.succeed(undefined), onSome: Effect.fail }))
    )
    return Effect.suspend(() => (at < chunk.length ? Effect.succeed(chunk[at++]) : more))
  })

/**
 * The events as batches, in their order. A batch is whole when the next event does not go in, is of a group that is in it
 * already, or is not due yet. Every event that does not fit into a batch by itself is told to `onTooLarge` instead.
 */
export const make = <E, R>(
  events: Stream.Stream<ResendEvent, E, R>,
  { onTooLarge, pace, target }: Options
): Stream.Stream<Batch, E, R> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const pull = yield* puller(events)
      const under = new Map<string, Deferred.Deferred<void>>()
      let next: { readonly event: ResendEvent; readonly bytes: number; readonly dueMs: number } | undefined

      const peek = Effect.gen(function* () {
        while (next === undefined) {
          const event = yield* pull
          if (event === undefined) return undefined
          const size = target.measure(event)
          if (Either.isLeft(size)) yield* onTooLarge(event, size.left)
          else next = { event, bytes: size.right, dueMs: pace.next(event.timeMs, yield* Clock.currentTimeMillis) }
        }
        return next
      })

      const register = (events: ReadonlyArray<ResendEvent>, groups: ReadonlySet<string>) =>
        Effect.map(Deferred.make<void>(), (done): Batch => {
          const before = [...groups].flatMap((group) => Option.toArray(Option.fromNullable(under.get(group))))
          for (const group of groups) under.set(group, done)
          return {
            events,
            turn: Effect.forEach(before, Deferred.await, { discard: true }),
            over: Effect.suspend(() => {
              for (const group of groups) if (under.get(group) === done) under.delete(group)
              return Deferred.done(done, Exit.void)
            })
          }
        })

      const fill = Effect.gen(function* () {
        const batch: Array<ResendEvent> = []
        const groups = new Set<string>()
        let bytes = 0
        for (let candidate = yield* peek; candidate !== undefined; candidate = yield* peek) {
          const waitMs = candidate.dueMs - (yield* Clock.currentTimeMillis)
          const group = target.groupOf?.(candidate.event)
          const isWhole =
            batch.length === target.batch.entries ||
            bytes + candidate.bytes > target.batch.bytes ||
            waitMs > 0 ||
            (group !== undefined && groups.has(group))
          if (batch.length > 0 && isWhole) break
          if (waitMs > 0) yield* Effect.sleep(waitMs)
          batch.push(candidate.event)
          bytes += candidate.bytes
          if (group !== undefined) groups.add(group)
          next = undefined
        }
        return batch.length === 0 ? Option.none() : Option.some(yield* register(batch, groups))
      })
      return Stream.repeatEffectOption(
        fill.pipe(
          Effect.mapError(Option.some),
          Effect.flatMap(Option.match({ onNone: () => Effect.fail(Option.none()), onSome: Effect.succeed }))
        )
      )
    })
  )
