/** Submitting a window: at most one StartReplay takes effect, whatever happens on the way. */
import { AtomicSubmission, type BusWindow, EventStream, ProviderError } from "@genesys-replay/domain"
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
      Description: wanted.window.description.slice(0, 512),
      EventSourceArn: archiveArn,
      EventStartTime: DateTime.toDateUtc(wanted.start),
      EventEndTime: DateTime.toDateUtc(wanted.end),
      Destination: { Arn: wanted.bus, ...(wanted.rules.length === 0 ? {} : { FilterArns: [...wanted.rules] }) }
    })

  /** One StartReplay. */
  const send = (wanted: WantedReplay.WantedReplay, archiveArn: string) =>
    AwsCall.once(config, "StartReplay", request(wanted, archiveArn)).pipe(
      Effect.map((started) =>
        AtomicSubmission.Answer.Created({
          replay: AwsReplay.toReplay(
            {
              ...started,
              ReplayName: wanted.name,
              EventSourceArn: archiveArn,
              EventStartTime: DateTime.toDateUtc(wanted.start),
              EventEndTime: DateTime.toDateUtc(wanted.end),
              Destination: { Arn: wanted.bus }
            },
            wanted.window.topics
          ),
          correlationId: AwsFailure.requestId(started)
        })
      ),
      Effect.catchAll((error) =>
        Effect.gen(function* () {
          const unknown = unknownOutcome(error)
          if (Option.isSome(unknown)) return AtomicSubmission.Answer.Unknown(unknown.value)
          if (error._tag !== "AwsException") return yield* error
          if (error.code === "ResourceAlreadyExistsException") return AtomicSubmission.Answer.NameTaken(error)
          if (error.code === "LimitExceededException") return yield* new AllReplaysRunning(error)
          return yield* AwsFailure.rejected(error)
        })
      )
    )

  const start = (wanted: WantedReplay.WantedReplay, archiveArn: string) =>
    AtomicSubmission.submit({
      ...WantedReplay.conflicting(wanted),
      policy: config.retry,
      lookUp: ReplayPreparation.standing(region, wanted),
      send: send(wanted, archiveArn)
    })

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
  const submit = Effect.fn("ReplaySubmission.submit")(function* (window: BusWindow.BusWindow) {
    yield* Effect.annotateCurrentSpan({ window: window.name, payloadHash: window.payloadHash })
    const wanted = WantedReplay.of(window, yield* DateTime.now)
    const standing = yield* ReplayPreparation.standing(region, wanted)
    const submission = Option.isSome(standing)
      ? yield* AtomicSubmission.found(WantedReplay.conflicting(wanted), standing.value, "unchanged")
      : yield* Effect.flatMap(preparation.prepared(wanted), ({ arn }) =>
          Effect.catchTag(start(wanted, arn), "AllReplaysRunning", () => queued(wanted, arn))
        )
    const { state } = submission.replay.progress
    if (submission.outcome !== "created" && (EventStream.isCancelled(state) || state === "FAILED")) {
      yield* Effect.logWarning(`${wanted.name} is ${state}. ${WantedReplay.anotherName}`)
    }
    return submission
  })

  return { submit, check: preparation.check }
}
