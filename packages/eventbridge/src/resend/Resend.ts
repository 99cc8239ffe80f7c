/**
 * Sending captured events again: to a queue, an event bus, a webhook or a file; which of them, in which order, how fast.
 *
 * At least once. An event counts as sent when the target has acknowledged it and that is written down; a run that is killed at
 * any moment, and started again, sends twice at most what was under way at that moment. Within a run, and within runs that keep
 * what was acknowledged in the same place, every event is sent once, however often the captures have it.
 */
import type { FileSystem } from "@effect/platform"
import { type Cause, Deferred, type Duration, Effect, Ref, Schema, Stream } from "effect"
import * as GracefulEnd from "../capture/GracefulEnd.js"
import * as Acknowledgements from "./Acknowledgements.js"
import * as RefusedEvents from "./RefusedEvents.js"
import * as ResendBatches from "./ResendBatches.js"
import type { ResendError } from "./ResendError.js"
import type * as ResendEvent from "./ResendEvent.js"
import * as ResendSelection from "./ResendSelection.js"
import * as ResendSpeed from "./ResendSpeed.js"
import type { ResendTarget } from "./target/ResendTarget.js"

/** What is sent, where to, and how. */
export interface Options<E, R> extends ResendSelection.Options {
  /** Records of captures, in the order in which they stand there. */
  readonly events: Stream.Stream<ResendEvent.Input, E, R>
  readonly target: ResendTarget
  /** As fast as the target takes them, unless told. A multiple of time needs the order of time. */
  readonly speed?: ResendSpeed.ResendSpeed | undefined
  /**
   * How many requests are under way at the same time; what the target says. One, where the order of time is asked for and the
   * target keeps none itself.
   */
  readonly concurrency?: number | undefined
  /** What was acknowledged before, and where it is written down; nowhere unless told. */
  readonly acknowledgements?: Acknowledgements.Acknowledgements | undefined
  /** Where refused events are kept; nowhere unless told. */
  readonly refusedEvents?: RefusedEvents.RefusedEvents | undefined
  /** How long an interrupted run waits for the requests that are under way; 10 seconds. */
  readonly grace?: Duration.DurationInput | undefined
  /** Told after every request. */
  readonly onProgress?: ((progress: Progress) => Effect.Effect<void>) | undefined
}

/** How far a resend is. */
export interface Progress {
  /** Events that the target has acknowledged in this run. */
  readonly acknowledged: number
  /** Events that it refused, or cannot take. */
  readonly refused: number
  /** All events to be sent, where that is known already. */
  readonly total: number | null
}

/** Nothing yet. */
export const nothing: Progress = { acknowledged: 0, refused: 0, total: null }

/** What a resend did. */
export const Summary = Schema.Struct({
  ...ResendSelection.Tally.fields,
  acknowledged: Schema.NonNegativeInt,
  refused: Schema.Struct({ count: Schema.NonNegativeInt, first: Schema.Array(RefusedEvents.RefusedEvent) })
}).annotations({ identifier: "ResendSummary" })

/** See {@link Summary}. */
export interface Summary extends Schema.Schema.Type<typeof Summary> {}

/** Whether every event that was to be sent was taken, and none was in what could not be read. */
export const isComplete = ({ acknowledged, chosen, notFound, refused, rejected }: Summary): boolean =>
  acknowledged === chosen && refused.count === 0 && rejected.count === 0 && (notFound ?? 0) === 0

/** At most so many refused events are told one by one. */
export const mostRefused = 10

type Refusal = readonly [event: ResendEvent.ResendEvent, reason: string]

interface State {
  readonly acknowledged: number
  readonly refused: number
  readonly first: ReadonlyArray<RefusedEvents.RefusedEvent>
}

// Where order is asked for, and the target has no groups that keep it, one request goes after the other.
const concurrencyOf = <E, R>({ concurrency, order, target }: Options<E, R>): number =>
  order === "time" && target.groupOf === undefined ? 1 : Math.max(1, concurrency ?? target.concurrency)

const drain = <E, R>(options: Options<E, R>, stop: Deferred.Deferred<void>, state: Ref.Ref<State>) =>
  Effect.gen(function* () {
    const { acknowledgements = Acknowledgements.none, refusedEvents = RefusedEvents.none, target } = options
    const selection = ResendSelection.make(options.events, acknowledgements, options)
    const failure = yield* Deferred.make<never, E | ResendError>()
    // The first one that fails ends it; the others finish what they have begun.
    const fail = (cause: Cause.Cause<E | ResendError>) =>
      Effect.zipRight(Deferred.failCause(failure, cause), Deferred.succeed(stop, undefined))

    const tell = Effect.flatMap(Ref.get(state), ({ acknowledged, refused }) =>
      options.onProgress === undefined
        ? Effect.void
        : options.onProgress({ acknowledged, refused, total: selection.total() })
    )
    const refuse = (refusals: ReadonlyArray<Refusal>) =>
      Effect.zipRight(
        refusedEvents.add(refusals),
        Ref.update(state, ({ first, ...before }) => ({
          ...before,
          refused: before.refused + refusals.length,
          first: [
            ...first,
            ...refusals.map(([{ line, source, topic }, reason]) => ({ source, line, topic, reason }))
          ].slice(0, mostRefused)
        }))
      )
    const sendBatch = Effect.fn("Resend.sendBatch")(function* (batch: ResendBatches.Batch) {
      const outcomes = yield* target.send(batch.events)
      const taken = batch.events.filter((_, at) => outcomes[at]?._tag === "Acknowledged")
      yield* acknowledgements.add(taken.map(({ id }) => id))
      yield* Ref.update(state, (before) => ({ ...before, acknowledged: before.acknowledged + taken.length }))
      yield* refuse(
        batch.events.flatMap((event, at): ReadonlyArray<Refusal> => {
          const outcome = outcomes[at]
          return outcome?._tag === "Refused" ? [[event, outcome.reason]] : []
        })
      )
      yield* tell
      const unsent = outcomes.find((outcome) => outcome._tag === "Unsent")
      if (unsent !== undefined) return yield* Effect.fail(unsent.error)
    })
    // What is not begun when it is stopped stays unsent.
    const send = (batch: ResendBatches.Batch) =>
      batch.turn.pipe(
        Effect.zipRight(Effect.unlessEffect(sendBatch(batch), Deferred.isDone(stop))),
        Effect.catchAllCause(fail),
        Effect.ensuring(batch.over)
      )

    const batches = ResendBatches.make(selection.events, {
      target,
      pace: ResendSpeed.pace(options.speed),
      onTooLarge: (event, reason) => Effect.catchAllCause(Effect.zipRight(refuse([[event, reason]]), tell), fail)
    }).pipe(
      Stream.catchAllCause((cause) => Stream.drain(Stream.fromEffect(fail(cause)))),
      Stream.interruptWhenDeferred(stop)
    )
    const most = concurrencyOf(options)
    const scope = yield* Effect.scope
    const places = yield* Effect.makeSemaphore(most)
    yield* Stream.runForEach(batches, (batch) =>
      Effect.zipRight(places.take(1), Effect.forkIn(Effect.ensuring(send(batch), places.release(1)), scope))
    )
    yield* places.take(most)
    if (yield* Deferred.isDone(failure)) return yield* Deferred.await(failure)
    return selection.tally()
  }).pipe(Effect.scoped)

/**
 * Sends them. Succeeds with what became of the events, also where some were refused: see {@link isComplete}. Fails with what
 * the events fail with, and with a `ResendError` where the target cannot be used, or a file not be written: no more is begun
 * then, what is under way is awaited, and what was acknowledged is written down. Interrupted, it does the same within `grace`.
 */
export const run: <E, R>(options: Options<E, R>) => Effect.Effect<Summary, E | ResendError, R | FileSystem.FileSystem> =
  Effect.fn("Resend.run")(function* <E, R>(options: Options<E, R>) {
    const stop = yield* Deferred.make<void>()
    const state = yield* Ref.make<State>({ acknowledged: 0, refused: 0, first: [] })
    const tally = yield* GracefulEnd.run(drain(options, stop, state), {
      stop: Deferred.succeed(stop, undefined),
      grace: options.grace ?? "10 seconds"
    })
    const { acknowledged, first, refused } = yield* Ref.get(state)
    return { ...tally, acknowledged, refused: { count: refused, first } } satisfies Summary
  })
