/** What `capture` does. */
import { EventStream, type ProviderName, type Replay, ReplayProvider } from "@genesys-replay/domain"
import { Capture, CaptureQueue, CaptureQueueUrl } from "@genesys-replay/eventbridge"
import { Watch } from "@genesys-replay/pipeline"
import { Clock, Effect, Option, Ref, Schedule, Stream } from "effect"
import * as Providers from "../Providers.js"
import * as ExitCode from "../terminal/ExitCode.js"
import * as Failure from "../terminal/Failure.js"
import * as ProgressLine from "../terminal/ProgressLine.js"
import { print, printJson, Screen, say } from "../terminal/Screen.js"
import { UsageError } from "../terminal/UsageError.js"
import * as CaptureText from "./CaptureText.js"

/** The arguments of `capture`. */
export interface CaptureArguments {
  readonly queue: string
  readonly out: string
  readonly until: Option.Option<string>
  readonly provider: ProviderName.ProviderName
  readonly idle: string
  readonly count: Option.Option<number>
  readonly pollers: number
  readonly json: boolean
}

const read = Effect.fn("capture.read")(function* (input: CaptureArguments) {
  const wrong = (problem: string, remedy: string) => Effect.fail(new UsageError({ problem, remedy }))
  const idle = yield* Option.match(CaptureText.duration(input.idle), {
    onNone: () => wrong(`--idle is no time: ${input.idle}`, "--idle 30s"),
    onSome: Effect.succeed
  })
  if (input.pollers < 1 || input.pollers > 64) return yield* wrong("--pollers is not from 1 to 64", "--pollers 4")
  if (Option.exists(input.count, (count) => count < 1)) return yield* wrong("--count is less than 1", "--count 100")
  return { idle, queue: yield* CaptureQueueUrl.parse(input.queue) }
})

// The last thing that was seen of the replay, once it has ended. A name is looked up first: it may look like an id.
const ended = Effect.fn("capture.ended")(function* (replay: string) {
  const provider = yield* ReplayProvider.ReplayProvider
  const named = yield* provider.findByName(replay)
  const id = Option.match(named, { onNone: () => EventStream.ReplayId.make(replay), onSome: (found) => found.id })
  return yield* Stream.runLast(Watch.watch(id))
})

// A line in place where a person sees it; where nobody does, one in ten seconds.
const follow = Effect.fn("capture.follow")(function* (progress: Ref.Ref<Capture.Progress>) {
  const { err } = yield* Screen
  const line = yield* ProgressLine.make
  const started = yield* Clock.currentTimeMillis
  const text = Effect.zipWith(Ref.get(progress), Clock.currentTimeMillis, (now, at) =>
    CaptureText.progress(now, (at - started) / 1_000)
  )
  const tell = Effect.flatMap(text, err.isTerminal ? line.set : line.log)
  yield* Effect.forkScoped(Effect.schedule(tell, Schedule.spaced(err.isTerminal ? "200 millis" : "10 seconds")))
})

/** Drains the queue and says how much it was; exit code 3 where the replay of `--until` did not complete. */
export const run = Effect.fn("capture.run")(function* (input: CaptureArguments) {
  const { idle, queue } = yield* read(input)
  const progress = yield* Ref.make<Capture.Progress>({ captured: 0, deleted: 0, unwrapped: 0, reopened: 0 })
  const replay = yield* Ref.make(Option.none<Replay.Replay>())
  const until = Option.map(input.until, (name) =>
    ended(name).pipe(
      Effect.flatMap((last) => Ref.set(replay, last)),
      Effect.provide(Providers.layer(input.provider))
    )
  )
  const answer = (done: CaptureText.Ended) => (input.json ? printJson(done) : print(CaptureText.summary(done)))
  const soFar = (ended: "interrupted" | "failed") =>
    Effect.map(
      Ref.get(progress),
      (now): CaptureText.Ended => ({
        ...now,
        undeleted: now.captured - now.deleted,
        out: input.out,
        ended,
        left: null
      })
    )
  const summary = yield* Effect.scoped(
    Effect.zipRight(
      follow(progress),
      Capture.run({
        queue: queue.url,
        out: input.out,
        pollers: input.pollers,
        idle,
        count: Option.getOrUndefined(input.count),
        until: Option.getOrUndefined(until),
        onProgress: (now) => Ref.set(progress, now)
      })
    )
  ).pipe(
    Effect.provide(CaptureQueue.QueueClient.layer(queue)),
    Effect.tapError(() => Effect.flatMap(soFar("failed"), (done) => say(CaptureText.summary(done)))),
    Effect.onInterrupt(() => Effect.ignore(Effect.flatMap(soFar("interrupted"), answer)))
  )
  yield* answer(summary)
  const last = yield* Ref.get(replay)
  if (Option.isSome(last) && last.value.progress.state !== "COMPLETED") {
    yield* say(`the replay ${last.value.name} is ${last.value.progress.state}: it did not deliver its whole window`)
    return yield* Failure.finish(ExitCode.incomplete)
  }
  if (!input.json) yield* say(`next: genesys-replay verify ${input.out}`)
})
