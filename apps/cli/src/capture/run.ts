/** What `capture` does. */
import { type EventSelection, type ProviderName, type Replay, TopicPattern } from "@genesys-replay/domain"
import { Capture, CaptureQueue, CaptureQueueUrl } from "@genesys-replay/eventbridge"
import { ReplayLookup, Watch } from "@genesys-replay/pipeline"
import { Clock, DateTime, type Duration, Effect, Option, Ref, Schedule, Schema, Stream } from "effect"
import { duration } from "../terminal/DurationText.js"
import * as ExitCode from "../terminal/ExitCode.js"
import * as Failure from "../terminal/Failure.js"
import * as InstantText from "../terminal/InstantText.js"
import * as JsonDocument from "../terminal/JsonDocument.js"
import * as ProgressLine from "../terminal/ProgressLine.js"
import { print, Screen, say } from "../terminal/Screen.js"
import { UsageError } from "../terminal/UsageError.js"
import * as Providers from "../wiring/Providers.js"
import * as CaptureText from "./CaptureText.js"

/** What `--json` prints: how the capture ended, also where it was interrupted. */
export const document = Schema.Struct({
  ...Capture.Summary.fields,
  ended: Schema.Literal(...Capture.Ending.literals, "interrupted")
})

/** The arguments of `capture`. */
export interface CaptureArguments {
  readonly queue: string
  readonly out: string
  readonly until: Option.Option<string>
  readonly appearsWithin: string
  readonly provider: ProviderName.ProviderName
  readonly idle: string
  readonly count: Option.Option<number>
  readonly keep: boolean
  readonly topic: ReadonlyArray<string>
  readonly conversation: ReadonlyArray<string>
  readonly start: Option.Option<string>
  readonly end: Option.Option<string>
  readonly pollers: number
  readonly json: boolean
}

const selection = Effect.fn("capture.selection")(function* ({ conversation, end, start, topic }: CaptureArguments) {
  const milliseconds = (option: string, text: Option.Option<string>) =>
    Effect.map(
      Effect.transposeMapOption(text, (one) => InstantText.read(option, one)),
      (instant) => Option.getOrUndefined(Option.map(instant, DateTime.toEpochMillis))
    )
  const topics = yield* Effect.forEach(topic, (pattern) =>
    Effect.mapError(
      Schema.decodeUnknown(TopicPattern.TopicPattern)(pattern),
      () =>
        new UsageError({ problem: `--topic is no topic pattern: ${pattern}`, remedy: "--topic 'v2.detail.events.*'" })
    )
  )
  const [startMs, endMs] = [yield* milliseconds("--start", start), yield* milliseconds("--end", end)]
  if (startMs !== undefined && endMs !== undefined && endMs <= startMs) {
    return yield* new UsageError({ problem: "--end is not after --start", remedy: "--start -36h --end -24h" })
  }
  return { topics, conversations: conversation, startMs, endMs } satisfies EventSelection.EventSelection
})

const read = Effect.fn("capture.read")(function* (input: CaptureArguments) {
  const wrong = (problem: string, remedy: string) => Effect.fail(new UsageError({ problem, remedy }))
  const time = (option: string, text: string, example: string) =>
    Option.match(duration(text), {
      onNone: () => wrong(`${option} is no time: ${text}`, `${option} ${example}`),
      onSome: Effect.succeed
    })
  const idle = yield* time("--idle", input.idle, "30s")
  const appearsWithin = yield* time("--appears-within", input.appearsWithin, "15m")
  if (input.pollers < 1 || input.pollers > 64) return yield* wrong("--pollers is not from 1 to 64", "--pollers 4")
  if (Option.exists(input.count, (count) => count < 1)) return yield* wrong("--count is less than 1", "--count 100")
  return { idle, appearsWithin, only: yield* selection(input), queue: yield* CaptureQueueUrl.parse(input.queue) }
})

/** What is shown while it goes on. */
interface Shown {
  readonly progress: Capture.Progress
  /** Until when the replay of `--until` is waited for, while it is not there. */
  readonly awaited: Option.Option<DateTime.Utc>
}

// A line in place where a person sees it; where nobody does, one in ten seconds.
const follow = Effect.fn("capture.follow")(function* (shown: Ref.Ref<Shown>) {
  const { err } = yield* Screen
  const line = yield* ProgressLine.make
  const started = yield* Clock.currentTimeMillis
  const text = Effect.zipWith(Ref.get(shown), Clock.currentTimeMillis, ({ awaited, progress }, at) =>
    CaptureText.progress(progress, (at - started) / 1_000, awaited)
  )
  const tell = Effect.flatMap(text, err.isTerminal ? line.set : line.log)
  yield* Effect.forkScoped(Effect.schedule(tell, Schedule.spaced(err.isTerminal ? "200 millis" : "10 seconds")))
  return line
})

// The last thing that was seen of the replay, once it has ended; before it is there, it is waited for.
const ended = Effect.fn("capture.ended")(function* (
  name: string,
  appearsWithin: Duration.Duration,
  shown: Ref.Ref<Shown>,
  line: ProgressLine.ProgressLine
) {
  const setAwaited = (awaited: Shown["awaited"]) => Ref.update(shown, (before) => ({ ...before, awaited }))
  const { id } = yield* ReplayLookup.find(name, {
    timeout: appearsWithin,
    onWait: (until) => Effect.zipRight(setAwaited(Option.some(until)), line.log(CaptureText.awaited(name, until)))
  })
  yield* setAwaited(Option.none())
  return yield* Stream.runLast(Watch.watch(id))
})

/** Drains the queue and says how much it was; exit code 3 where the replay of `--until` did not complete. */
export const run = Effect.fn("capture.run")(function* (input: CaptureArguments) {
  const { idle, only, appearsWithin, queue } = yield* read(input)
  const shown = yield* Ref.make<Shown>({ progress: Capture.nothing, awaited: Option.none() })
  const replay = yield* Ref.make(Option.none<Replay.Replay>())
  const answer = (done: typeof document.Type) =>
    input.json ? JsonDocument.print(document, done) : print(CaptureText.summary(done))
  const soFar = <Ending extends "interrupted" | "failed">(ended: Ending) =>
    Effect.map(Ref.get(shown), ({ progress }) => ({
      ...progress,
      undeleted: progress.captured - progress.deleted - progress.kept,
      out: input.out,
      ended,
      left: null
    }))
  const summary = yield* Effect.gen(function* () {
    const line = yield* follow(shown)
    const until = Option.map(input.until, (name) =>
      ended(name, appearsWithin, shown, line).pipe(
        Effect.flatMap((last) => Ref.set(replay, last)),
        Effect.provide(Providers.layerTelling(input.provider, { maxWait: Option.none() }))
      )
    )
    return yield* Capture.run({
      queue: queue.url,
      out: input.out,
      keep: input.keep,
      only,
      pollers: input.pollers,
      idle,
      count: Option.getOrUndefined(input.count),
      until: Option.getOrUndefined(until),
      onProgress: (progress) => Ref.update(shown, (before) => ({ ...before, progress }))
    })
  }).pipe(
    Effect.scoped,
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
