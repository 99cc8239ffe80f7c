/**
 * Draining a queue into a file: every message that a rule delivered becomes a line that `verify` reads.
 *
 * At least once: a message is deleted only after its line is on the disk. A capture that is killed at any moment loses
 * nothing; started again it goes on, and what was written but not yet deleted is written twice, which is what `verify` expects
 * of a delivery that is at least once. The file may be moved away or deleted at any moment (logrotate): what is not yet deleted
 * from the queue is written to the file that has its name.
 *
 * Pollers take messages, one writer puts what all of them have taken into the file and syncs it once, and then the messages
 * are deleted in batches. Each step waits for the one behind it, so memory stays small however long the queue is.
 */

import type { FileSystem } from "@effect/platform"
import { EventSelection, type RetryPolicy } from "@genesys-replay/domain"
import { Chunk, Deferred, Duration, Effect, Mailbox, Option, Ref, Schema, STM, Stream, TRef } from "effect"
import * as CapturedEvent from "./CapturedEvent.js"
import * as CaptureEnd from "./CaptureEnd.js"
import { type CaptureError, MessagesNotKept } from "./CaptureError.js"
import * as CaptureFile from "./CaptureFile.js"
import * as CaptureQueue from "./CaptureQueue.js"
import * as DeadLetters from "./DeadLetters.js"
import * as GracefulEnd from "./GracefulEnd.js"

/** How far a capture is. */
export const Progress = Schema.Struct({
  /** Lines on the disk. */
  captured: Schema.NonNegativeInt,
  /** Messages deleted from the queue, because their lines are on the disk. */
  deleted: Schema.NonNegativeInt,
  /** Messages that were captured and left in the queue because that was asked for. */
  kept: Schema.NonNegativeInt,
  /** Messages that were left in the queue, and not captured, as they hold no event that was asked for. */
  passedOver: Schema.NonNegativeInt,
  /** Lines whose event was taken out of a wrapper. */
  unwrapped: Schema.NonNegativeInt,
  /** How often the file was moved away or deleted meanwhile: what was captured before is in the file that was moved. */
  reopened: Schema.NonNegativeInt,
  /** Messages of a dead-letter queue, by the rule and the target that they could not be delivered to. */
  deadLetters: Schema.Array(DeadLetters.DeadLetters)
}).annotations({ identifier: "CaptureProgress" })

/** See {@link Progress}. */
export interface Progress extends Schema.Schema.Type<typeof Progress> {}

/** Nothing yet. */
export const nothing: Progress = {
  captured: 0,
  deleted: 0,
  kept: 0,
  passedOver: 0,
  unwrapped: 0,
  reopened: 0,
  deadLetters: []
}

/** Why a capture ended: the queue stayed empty, or that and the replay had ended, or there were as many as were asked for. */
export const Ending = Schema.Literal("idle", "replay", "count").annotations({ identifier: "CaptureEnding" })

/** See {@link Ending}. */
export type Ending = typeof Ending.Type

/** What a capture did. */
export const Summary = Schema.Struct({
  ...Progress.fields,
  /** Lines on the disk whose messages could not be deleted. They come again, as duplicates. */
  undeleted: Schema.Int,
  /** The file. */
  out: Schema.String,
  ended: Ending,
  /** Messages left in the queue, hidden by another consumer; null where that is not known. */
  left: Schema.NullOr(Schema.NonNegativeInt)
}).annotations({ identifier: "CaptureSummary" })

/** See {@link Summary}. */
export interface Summary extends Schema.Schema.Type<typeof Summary> {}

/** What is captured, and until when. `until` may be any effect: it is over when a replay has ended. */
export interface Options<E = never, R = never> {
  /** The queue's URL. */
  readonly queue: string
  /** The file that lines are appended to. */
  readonly out: string
  /** How many ask for messages at the same time; 4. */
  readonly pollers?: number | undefined
  /** Ends when no message came for so long; 30 seconds, and never less than one. */
  readonly idle?: Duration.DurationInput | undefined
  /** Ends after so many messages, exactly. */
  readonly count?: number | undefined
  /**
   * Leaves the messages in the queue, and captures each once in a run. They come back into sight when the queue's visibility
   * time-out is over, and each look counts as a receive, which a redrive policy may limit. Not for FIFO queues.
   */
  readonly keep?: boolean | undefined
  /**
   * Captures only messages with such events, all by default. The others are looked at once in a run and left in the queue, as `keep` leaves
   * all of them, with the same consequences: none is ever deleted that is not in the file.
   */
  readonly only?: EventSelection.EventSelection | undefined
  /** Before this is over an empty queue ends nothing. When it fails, the capture ends and fails with its error. */
  readonly until?: Effect.Effect<unknown, E, R> | undefined
  /** How long an interrupted capture may take to write and delete what it has; 10 seconds. */
  readonly grace?: Duration.DurationInput | undefined
  /** How requests are tried again; three times, from one second on. */
  readonly retry?: RetryPolicy.RetryPolicy | undefined
  /** Told after every write and every deletion. */
  readonly onProgress?: ((progress: Progress) => Effect.Effect<void>) | undefined
}

// How many batches wait for the writer, and how many receipts for deletion, for each poller.
const waitingBatches = 2
const waitingReceipts = 100

// Deletions at the same time, for each poller: one that has to be tried again does not keep the others waiting.
const deletersForEach = 4

// How many messages may still be asked for, shared by the pollers, so that never more are taken than wanted.
const makeBudget = (count: number) =>
  Effect.map(TRef.make(count), (rest) => ({
    reserve: STM.gen(function* () {
      const some = Math.min(CaptureQueue.batchSize, yield* TRef.get(rest))
      yield* STM.check(() => some > 0)
      yield* TRef.update(rest, (before) => before - some)
      return some
    }),
    giveBack: (unused: number) => TRef.update(rest, (before) => before + unused)
  }))

// Everything in a mailbox, as it comes, to the end.
const consume = <A, E, R>(mailbox: Mailbox.Mailbox<A>, use: (all: ReadonlyArray<A>) => Effect.Effect<void, E, R>) =>
  mailbox.takeAll.pipe(
    Effect.flatMap(([all, done]) => Effect.as(use(Chunk.toReadonlyArray(all)), done)),
    Effect.repeat({ until: (done) => done })
  )

interface Work<E> {
  /** Ends the polling; what was taken until then is written and deleted. */
  readonly stop: Deferred.Deferred<void, E>
  /** Changes the progress and tells it. */
  readonly tell: (change: (before: Progress) => Progress) => Effect.Effect<Progress>
}

const drain = Effect.fn("Capture.drain")(function* <E, R>(options: Options<E, R>, { stop, tell }: Work<E>) {
  const { count = Number.POSITIVE_INFINITY, idle = "30 seconds", keep = false, pollers = 4 } = options
  const { only = {} } = options
  const mayLeave = keep || !EventSelection.isAll(only)
  if (mayLeave && options.queue.endsWith(".fifo")) return yield* new MessagesNotKept({ queue: options.queue })
  const file = yield* CaptureFile.open(options.out)
  if (file.mended > 0) {
    yield* Effect.logWarning(
      `${options.out}: a crash had cut its last line short; those ${file.mended} bytes are removed, the message comes again`
    )
  }
  const queue = yield* CaptureQueue.make(options.queue, options.retry)
  const budget = yield* makeBudget(count)
  // Messages that are left in the queue come again and again.
  const seen = new Set<string>()
  const unseen = (depth: CaptureQueue.Depth): CaptureQueue.Depth =>
    mayLeave ? { ...depth, waiting: 0, inFlight: Math.max(0, depth.waiting + depth.inFlight - seen.size) } : depth
  /** Those of `messages` that were not left in the queue before, and those of them that are to be captured. */
  const sift = (messages: ReadonlyArray<CaptureQueue.Message>) =>
    Effect.sync(() => {
      const fresh = messages.filter(({ id }) => !seen.has(id))
      const wanted = fresh.filter(({ body }) => CapturedEvent.isOf(body, only))
      for (const message of fresh) if (keep || !wanted.includes(message)) seen.add(message.id)
      return { fresh, wanted }
    })
  const end = yield* CaptureEnd.make({
    idle: Duration.decode(idle),
    awaitsReplay: options.until !== undefined,
    depth: Effect.map(queue.depth, Option.map(unseen))
  })
  const received = yield* Mailbox.make<CaptureQueue.Message>(pollers * waitingBatches * CaptureQueue.batchSize)
  const written = yield* Mailbox.make<string>(pollers * waitingReceipts)
  const stopNow = Deferred.succeed(stop, undefined)

  // What SQS has handed out reaches the writer, also when the polling is stopped at that moment.
  const take = (max: number, wait: number) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const { fresh, wanted } = yield* Effect.flatMap(restore(queue.receive(max, wait)), sift)
        if (fresh.length > 0) yield* end.heard
        const passedOver = fresh.length - wanted.length
        if (passedOver > 0) yield* tell((before) => ({ ...before, passedOver: before.passedOver + passedOver }))
        yield* budget.giveBack(max - wanted.length)
        yield* received.offerAll(wanted)
      })
    )
  const poll = Effect.gen(function* () {
    const max = yield* budget.reserve
    const turn = yield* end.turn
    yield* turn._tag === "Over" ? budget.giveBack(max) : take(max, turn.wait)
    return turn._tag
  })
  const polling = Effect.repeat(poll, { until: (turn) => turn === "Over" }).pipe(
    Effect.replicateEffect(pollers, { concurrency: "unbounded", discard: true }),
    Effect.raceFirst(Deferred.await(stop)),
    Effect.ensuring(received.end)
  )

  const write = Effect.fn("Capture.write")(function* (messages: ReadonlyArray<CaptureQueue.Message>) {
    if (messages.length === 0) return
    const events = messages.map(({ attributes, body }) => CapturedEvent.fromBody(body, attributes))
    const { reopened } = yield* file.append(events.map(({ line }) => line))
    const { captured } = yield* tell((before) => ({
      ...before,
      captured: before.captured + events.length,
      kept: before.kept + (keep ? events.length : 0),
      unwrapped: before.unwrapped + events.filter(({ unwrapped }) => unwrapped).length,
      reopened: before.reopened + reopened,
      deadLetters: DeadLetters.add(
        before.deadLetters,
        messages.map(({ attributes }) => attributes)
      )
    }))
    if (!keep) yield* written.offerAll(messages.map(({ receipt }) => receipt))
    if (captured >= count) yield* stopNow
  })
  const writing = consume(received, write).pipe(
    Effect.onError(() => Effect.zipRight(stopNow, received.shutdown)),
    Effect.ensuring(written.end)
  )

  const remove = Effect.fn("Capture.remove")(function* (receipts: ReadonlyArray<string>) {
    const { deleted, failures } = yield* queue.remove(receipts)
    yield* tell((before) => ({ ...before, deleted: before.deleted + deleted }))
    const [reason] = failures
    if (reason !== undefined) yield* Effect.logWarning(`${failures.length} messages were not deleted: ${reason}`)
  })
  const deleting = Mailbox.toStream(written).pipe(
    Stream.mapChunks((receipts) => Chunk.chunksOf(receipts, CaptureQueue.batchSize)),
    Stream.mapEffect((batch) => remove(Chunk.toReadonlyArray(batch)), {
      concurrency: pollers * deletersForEach,
      unordered: true
    }),
    Stream.runDrain,
    Effect.onError(() => Effect.zipRight(stopNow, written.shutdown))
  )

  if (options.until !== undefined) {
    yield* options.until.pipe(
      Effect.zipRight(end.replayEnded),
      Effect.catchAllCause((cause) => Deferred.failCause(stop, cause)),
      Effect.forkScoped
    )
  }
  // One that fails ends the polling, and the others finish what they have before the error is told.
  const [polled, wrote, removed] = yield* Effect.all(
    [Effect.exit(polling), Effect.exit(writing), Effect.exit(deleting)],
    { concurrency: "unbounded" }
  )
  yield* wrote
  yield* removed
  yield* polled
  return yield* end.left
}, Effect.scoped)

/**
 * Captures until the queue stayed empty for `idle`, and `until` is over where it is given, or until there are `count`.
 *
 * Fails with `QueueNotFound`, an error of the provider (`NotPermitted`, `ProviderUnavailable`, …), `CaptureFileFailed` or the
 * error of `until`; messages whose lines are on the disk are deleted before. Interrupted, it takes no more messages, and
 * writes and deletes what it has within `grace`. Needs the client of SQS ({@link CaptureQueue.QueueClient}, or a stub) and a file system.
 *
 * @example
 * ```ts
 * import { NodeContext } from "@effect/platform-node"
 * import { Capture, CaptureQueue, CaptureQueueUrl } from "@genesys-replay/eventbridge"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const queue = yield* CaptureQueueUrl.parse("https://sqs.us-east-1.amazonaws.com/123456789012/replayed")
 *   return yield* Capture.run({ queue: queue.url, out: "captured.ndjson", idle: "1 minute" }).pipe(
 *     Effect.provide([CaptureQueue.QueueClient.layer(queue), NodeContext.layer])
 *   )
 * })
 * ```
 */
export const run: <E = never, R = never>(
  options: Options<E, R>
) => Effect.Effect<Summary, CaptureError | E, CaptureQueue.QueueClient | FileSystem.FileSystem | R> = Effect.fn(
  "Capture.run"
)(function* <E, R>(options: Options<E, R>) {
  const progress = yield* Ref.make(nothing)
  const stop = yield* Deferred.make<void, E>()
  const tell: Work<E>["tell"] = (change) =>
    Effect.tap(Ref.updateAndGet(progress, change), (now) => options.onProgress?.(now) ?? Effect.void)
  const left = yield* GracefulEnd.run(drain(options, { stop, tell }), {
    stop: Deferred.succeed(stop, undefined),
    grace: options.grace ?? "10 seconds"
  })
  const done = yield* Ref.get(progress)
  const ended = done.captured >= (options.count ?? Number.POSITIVE_INFINITY) ? "count" : "idle"
  return {
    ...done,
    undeleted: done.captured - done.deleted - done.kept,
    out: options.out,
    ended: ended === "idle" && options.until !== undefined ? "replay" : ended,
    left: Option.getOrNull(left)
  } satisfies Summary
})
