import { describe, expect, it } from "@effect/vitest"
import {
  AtomicSubmission,
  EventStream,
  ProviderError,
  ProviderName,
  type Replay,
  RetryPolicy
} from "@genesys-replay/domain"
import { Effect, Either, FastCheck, Fiber, Option, TestClock } from "effect"

const { Answer } = AtomicSubmission

type Failure = ProviderError.RequestRejected | RetryPolicy.TransientFailure
/** What happens to one request: whether the platform makes the replay, and what comes back of it. */
type Event = "answers" | "lost before" | "lost behind" | "limited" | "refuses"

const replay = (id: number): Replay.Replay => ({
  id: EventStream.ReplayId.make(`id-${id}`),
  name: "w",
  provider: ProviderName.genesys,
  progress: { state: "PENDING" },
  topics: []
})

const difference = { path: "retentionDays", wanted: 30, found: 7 }
const refused = new ProviderError.RequestRejected({ operation: "POST", status: 400, reason: "no", details: [] })
const away = new ProviderError.ProviderUnavailable({ operation: "GET", attempts: 2, elapsedMs: 0, lastAnswer: "reset" })

/** A platform that keeps names unique, and on which request number `n` fares as `events[n]` says; the last event stays. */
const platform = (
  events: ReadonlyArray<Event>,
  options: {
    readonly standing?: "own" | "other"
    readonly lookUps?: ReadonlyArray<"fails" | "answers" | "sees nothing yet">
  } = {}
) => {
  const made: Array<Replay.Replay> = []
  const { standing } = options
  let sent = 0
  let looked = 0
  const send = Effect.suspend((): Effect.Effect<AtomicSubmission.Answer, Failure> => {
    const event = events[Math.min(sent, events.length - 1)] ?? "answers"
    sent++
    if (event === "limited") {
      return Effect.fail(
        new RetryPolicy.TransientFailure({
          kind: "limited",
          lastAnswer: "429",
          retryAfter: Option.none(),
          correlationId: undefined
        })
      )
    }
    if (event === "refuses") return Effect.fail(refused)
    const unknown = Answer.Unknown({ lastAnswer: "503", correlationId: "c" })
    if (event === "lost before") return Effect.succeed(unknown)
    if (standing !== undefined || made.length > 0) {
      return Effect.succeed(event === "lost behind" ? unknown : Answer.NameTaken({ correlationId: "c" }))
    }
    const fresh = replay(sent)
    made.push(fresh)
    return Effect.succeed(event === "lost behind" ? unknown : Answer.Created({ replay: fresh, correlationId: "c" }))
  })
  const lookUp = Effect.suspend(() => {
    const answer = options.lookUps?.[looked] ?? "answers"
    looked++
    if (answer === "fails") return Effect.fail(away)
    if (answer === "sees nothing yet") return Effect.succeedNone
    const there = standing === undefined ? made[0] : replay(0)
    return Effect.succeed(
      Option.map(Option.fromNullable(there), (one) => ({
        replay: one,
        differences: standing === "other" ? [difference] : []
      }))
    )
  })
  const submit = Effect.gen(function* () {
    const request = { operation: "POST", name: "w", policy: RetryPolicy.defaults, send, lookUp }
    const fiber = yield* Effect.fork(Effect.either(AtomicSubmission.submit(request)))
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  })
  return { submit, made, sent: () => sent, looked: () => looked }
}

describe("AtomicSubmission", () => {
  it.effect("sends one request where it is answered", () =>
    Effect.gen(function* () {
      const { looked, sent, submit } = platform(["answers"])
      expect(yield* submit).toMatchObject({ right: { outcome: "created", correlationId: "c" } })
      expect([sent(), looked()]).toEqual([1, 0])
    })
  )

  it.effect("adopts what a request has made whose answer was lost", () =>
    Effect.gen(function* () {
      const { made, sent, submit } = platform(["lost behind"])
      expect(yield* submit).toMatchObject({ right: { outcome: "adopted", replay: { id: "id-1" } } })
      expect([sent(), made.length]).toEqual([1, 1])
    })
  )

  it.effect("sends again only after the look-up has found nothing", () =>
    Effect.gen(function* () {
      const { looked, sent, submit } = platform(["lost before", "answers"])
      expect(yield* submit).toMatchObject({ right: { outcome: "created" } })
      expect([sent(), looked()]).toEqual([2, 1])
    })
  )

  it.effect("sends nothing more where the look-up has no answer, and counts its tries", () =>
    Effect.gen(function* () {
      const { sent, submit } = platform(["lost behind"], { lookUps: ["fails"] })
      expect(yield* submit).toMatchObject({ left: { _tag: "ProviderUnavailable", operation: "POST", attempts: 3 } })
      expect(sent()).toBe(1)
    })
  )

  it.effect("is unchanged where the window's own replay stands, and a conflict where another does", () =>
    Effect.gen(function* () {
      expect(yield* platform(["answers"], { standing: "own" }).submit).toMatchObject({
        right: { outcome: "unchanged" }
      })
      expect(yield* platform(["answers"], { standing: "other" }).submit).toMatchObject({
        left: { _tag: "ReplayConflict", id: "id-0", differences: [difference], correlationId: "c" }
      })
    })
  )

  it.effect("adopts where the name is taken after an unknown outcome that the look-up did not see yet", () =>
    Effect.gen(function* () {
      const { made, sent, submit } = platform(["lost behind", "answers"], { lookUps: ["sees nothing yet"] })
      expect(yield* submit).toMatchObject({ right: { outcome: "adopted", replay: { id: "id-1" } } })
      expect([sent(), made.length]).toEqual([2, 1])
    })
  )

  it.effect("ends where the policy ends, and at once where it is refused", () =>
    Effect.gen(function* () {
      const limited = platform(["limited"])
      expect(yield* limited.submit).toMatchObject({ left: { _tag: "RateLimited", attempts: 4 } })
      expect(limited.looked()).toBe(0)
      expect(yield* platform(["lost before"]).submit).toMatchObject({
        left: { _tag: "ProviderUnavailable", attempts: 4 }
      })
      const refusing = platform(["refuses"])
      expect(yield* refusing.submit).toEqual(Either.left(refused))
      expect(refusing.sent()).toBe(1)
    })
  )

  const events = FastCheck.array(
    FastCheck.constantFrom<Event>("answers", "lost before", "lost behind", "limited", "refuses"),
    { minLength: 1, maxLength: 6 }
  )
  const lookUps = FastCheck.array(
    FastCheck.constantFrom("fails" as const, "answers" as const, "sees nothing yet" as const),
    { maxLength: 4 }
  )

  it.effect.prop("never makes two replays, and says truly whether one stands", [events, lookUps], ([events, lookUps]) =>
    Effect.gen(function* () {
      const { made, submit } = platform(events, { lookUps })
      const result = yield* submit
      expect(made.length).toBeLessThanOrEqual(1)
      if (Either.isRight(result)) expect(result.right.replay).toEqual(made[0])
    })
  )

  it.effect.prop("never touches the replay of somebody else", [events, lookUps], ([events, lookUps]) =>
    Effect.gen(function* () {
      const { made, submit } = platform(events, { lookUps, standing: "other" })
      expect(Either.isLeft(yield* submit)).toBe(true)
      expect(made).toEqual([])
    })
  )
})
