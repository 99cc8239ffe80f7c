/** Submitting a window: at most one StartReplay takes effect, whatever happens on the way. */
import {
  EventStream,
  type PlannedWindow,
  ProviderError,
  type ReplayProvider,
  RetryPolicy
} from "@genesys-replay/domain"
import { Clock, Data, DateTime, Duration, Effect, Option, Ref, Schedule } from "effect"
import * as AwsCall from "../aws/AwsCall.js"
import * as AwsFailure from "../aws/AwsFailure.js"
import type { Values } from "../aws/EventBridgeConfig.js"
import * as AwsReplay from "./AwsReplay.js"
import * as ReplayPreparation from "./ReplayPreparation.js"
import * as WantedReplay from "./WantedReplay.js"

const { operation } = WantedReplay

/** As many replays run as the account may have at once in the region. */
class AllReplaysRunning extends Data.TaggedError("AllReplaysRunning")<{
  readonly reason: string
  readonly correlationId: string | undefined
}> {}

/** What stands under the window's name: its replay, or another one. */
const settled = Effect.fn("ReplaySubmission.settled")(function* (
  wanted: WantedReplay.WantedReplay,
  found: AwsReplay.AwsReplay,
  outcome: "adopted" | "unchanged",
  correlationId: string | undefined
) {
  if (AwsReplay.differences(wanted, found).length > 0) {
    return yield* WantedReplay.conflict(wanted, Option.some(found), correlationId)
  }
  const replay = AwsReplay.toReplay(found, wanted.window.payload.filters.topics)
  const { state } = replay.progress
  if (EventStream.isCancelled(state) || state === "FAILED") {
    yield* Effect.logWarning(`${wanted.name} is ${state}. ${WantedReplay.anotherName}`)
  }
  const submission: ReplayProvider.Submission = { outcome, replay, correlationId }
  return submission
})

/** A look-up that found no answer, as the failure of the submission that it belongs to. */
const lookUpFailed = (starts: number) => (error: ProviderError.ProviderError) =>
  error._tag === "ProviderUnavailable"
    ? new ProviderError.ProviderUnavailable({ ...error, operation, attempts: starts + error.attempts })
    : error

/** Why the outcome of a StartReplay is unknown, if it is: no answer, a 5xx, or a success that cannot be read. */
const unknownOutcome = (
  error: AwsFailure.AwsError
): Option.Option<{ readonly lastAnswer: string; readonly correlationId: string | undefined }> => {
  if (error._tag === "TransientFailure" && error.kind !== "limited") return Option.some(error)
  if (error._tag === "AnswerUnreadable" && error.status < 300) {
    return Option.some({ lastAnswer: `${error.status}, unreadable`, correlationId: error.correlationId })
  }
  return Option.none()
}

/** Submissions to one region. */
export const make = (region: ReplayPreparation.Region, config: Values) => {
  const preparation = ReplayPreparation.make(region)

  const request = (wanted: WantedReplay.WantedReplay, archiveArn: string) =>
    region.client.startReplay({
      ReplayName: wanted.name,
      Description: wanted.window.payload.description.slice(0, 512),
      EventSourceArn: archiveArn,
      EventStartTime: DateTime.toDateUtc(wanted.start),
      EventEndTime: DateTime.toDateUtc(wanted.end),
      Destination: { Arn: wanted.bus, ...(wanted.rules.length === 0 ? {} : { FilterArns: [...wanted.rules] }) }
    })

  /** One StartReplay. An outcome that is unknown is looked up: only where no replay stands may it be tried again. */
  const startOnce = (wanted: WantedReplay.WantedReplay, archiveArn: string, past: RetryPolicy.Past) =>
    AwsCall.once(config, "StartReplay", request(wanted, archiveArn)).pipe(
      Effect.map(
        (started): ReplayProvider.Submission => ({
          outcome: "created",
          replay: AwsReplay.toReplay(
            {
              ...started,
              ReplayName: wanted.name,
              EventSourceArn: archiveArn,
              EventStartTime: DateTime.toDateUtc(wanted.start),
              EventEndTime: DateTime.toDateUtc(wanted.end),
              Destination: { Arn: wanted.bus }
            },
            wanted.window.payload.filters.topics
          ),
          correlationId: AwsFailure.requestId(started)
        })
      ),
      Effect.catchAll((error) =>
        Effect.gen(function* () {
          if (error._tag === "AwsException") {
            const { code, correlationId, reason } = error
            if (code === "LimitExceededException") return yield* new AllReplaysRunning({ reason, correlationId })
            if (code !== "ResourceAlreadyExistsException") return yield* AwsFailure.rejected(error)
            const found = yield* region.describe(wanted.name)
            if (Option.isNone(found)) return yield* WantedReplay.conflict(wanted, found, correlationId)
            return yield* settled(wanted, found.value, past.unknown > 0 ? "adopted" : "unchanged", correlationId)
          }
          const unknown = unknownOutcome(error)
          if (Option.isNone(unknown)) return yield* error
          const { correlationId, lastAnswer } = unknown.value
          yield* Effect.logDebug(`${operation} ${wanted.name}: outcome unknown (${lastAnswer}), looking the name up`)
          const found = yield* Effect.mapError(region.describe(wanted.name), lookUpFailed(past.attempts + 1))
          if (Option.isSome(found)) return yield* settled(wanted, found.value, "adopted", correlationId)
          return yield* new RetryPolicy.TransientFailure({
            kind: "passing",
            lastAnswer,
            retryAfter: Option.none(),
            correlationId
          })
        })
      )
    )

  const start = (wanted: WantedReplay.WantedReplay, archiveArn: string) =>
    RetryPolicy.retrying({ policy: config.retry, operation, repeatable: true }, (past) =>
      startOnce(wanted, archiveArn, past)
    )

  /** Waits for a replay to end, and starts then. Fails with `RateLimited` where none ends within the limit. */
  const queued = Effect.fnUntraced(function* (wanted: WantedReplay.WantedReplay, archiveArn: string) {
    yield* Effect.logInfo(
      `${wanted.name} waits: as many replays are running as the account may have at once in this region (${ReplayPreparation.atOnce}, unless AWS raised it). It is started when one has ended`
    )
    const { interval } = config.queue
    const limit = Duration.min(config.queue.limit, config.retry.maxWait ?? config.queue.limit)
    const began = yield* Clock.currentTimeMillis
    const waited = Effect.map(Clock.currentTimeMillis, (now) => now - began)
    const attempts = yield* Ref.make(1)
    const attempt = Effect.sleep(interval).pipe(
      Effect.zipRight(Ref.update(attempts, (count) => count + 1)),
      Effect.zipRight(start(wanted, archiveArn))
    )
    const tried = Effect.retry(attempt, {
      while: (error) => error._tag === "AllReplaysRunning",
      schedule: Schedule.upTo(Schedule.forever, limit)
    })
    return yield* region.turns
      .withPermits(1)(tried)
      .pipe(
        (turn) =>
          Effect.acquireUseRelease(
            region.queued(1),
            () => turn,
            () => region.queued(-1)
          ),
        Effect.zipLeft(
          Effect.flatMap(waited, (elapsed) =>
            Effect.logInfo(`${wanted.name} was started after ${Duration.format(Duration.millis(elapsed))} of waiting`)
          )
        ),
        Effect.catchTag("AllReplaysRunning", ({ correlationId, reason }) =>
          Effect.gen(function* () {
            return yield* new ProviderError.RateLimited({
              operation,
              attempts: yield* Ref.get(attempts),
              elapsedMs: yield* waited,
              lastAnswer: `LimitExceededException: ${reason}`,
              ...(correlationId === undefined ? {} : { correlationId })
            })
          })
        )
      )
  })

  /**
   * Makes sure that exactly one replay of this window exists: see `ReplayProvider.Service`. What stands under its name is
   * looked at first, so that a window that was replayed is `unchanged` although its archive would no longer do.
   */
  const submit = Effect.fn("ReplaySubmission.submit")(function* (window: PlannedWindow.PlannedWindow) {
    yield* Effect.annotateCurrentSpan({ window: window.name, payloadHash: window.payloadHash })
    const wanted = WantedReplay.of(window, yield* DateTime.now)
    const standing = yield* region.describe(wanted.name)
    if (Option.isSome(standing)) return yield* settled(wanted, standing.value, "unchanged", undefined)
    const archive = yield* preparation.prepared(wanted)
    return yield* start(wanted, archive.arn).pipe(
      Effect.catchTag("AllReplaysRunning", () => queued(wanted, archive.arn))
    )
  })

  return { submit, check: preparation.check }
}
