/** What `resend` does. */
import { Path } from "@effect/platform"
import {
  Acknowledgements,
  FileTarget,
  RefusedEvents,
  Resend,
  ResendSurvey,
  type ResendTarget,
  ResendTargets
} from "@genesys-replay/eventbridge"
import * as DisplayText from "@genesys-replay/eventlog/DisplayText"
import { Clock, Effect, Option, Ref, Schedule, Schema } from "effect"
import * as ExitCode from "../terminal/ExitCode.js"
import * as Failure from "../terminal/Failure.js"
import * as JsonDocument from "../terminal/JsonDocument.js"
import * as OutputFile from "../terminal/OutputFile.js"
import * as ProgressLine from "../terminal/ProgressLine.js"
import { print, Screen, say } from "../terminal/Screen.js"
import * as Http from "../wiring/Http.js"
import * as StateDirectory from "../wiring/StateDirectory.js"
import { type Asked, type ResendArguments, read } from "./ResendArguments.js"
import * as ResendChart from "./ResendChart.js"
import * as ResendDocument from "./ResendDocument.js"
import * as ResendInput from "./ResendInput.js"
import * as ResendText from "./ResendText.js"
import * as WebhookSecret from "./WebhookSecret.js"

/** What `--json` prints. */
export const document = Schema.Union(ResendDocument.Sent, ResendDocument.Survey, ResendDocument.Interrupted)

// A line in place where a person sees it; where nobody does, one in ten seconds.
const follow = Effect.fn("resend.follow")(function* (shown: Ref.Ref<ResendText.Shown>) {
  const { err } = yield* Screen
  const line = yield* ProgressLine.make
  const started = yield* Clock.currentTimeMillis
  const text = Effect.zipWith(Ref.get(shown), Clock.currentTimeMillis, (now, at) =>
    ResendText.progress(now, (at - started) / 1_000)
  )
  const tell = Effect.flatMap(text, err.isTerminal ? line.set : line.log)
  yield* Effect.forkScoped(Effect.schedule(tell, Schedule.spaced(err.isTerminal ? "200 millis" : "10 seconds")))
})

type Target = Pick<ResendTarget.ResendTarget, "location" | "measure" | "name">

const survey = Effect.fn("resend.survey")(function* (
  input: ResendArguments,
  { files, options }: Asked,
  target: Target,
  kept: Files
) {
  const { out, unicode } = yield* Screen
  const told = yield* ResendSurvey.survey({
    ...options,
    events: ResendInput.records(files, { all: input.all, onLeftOut }),
    target,
    acknowledgements: input.again ? Acknowledgements.none : yield* Acknowledgements.read(kept.acknowledged)
  })
  const { cells, ...tally } = told
  const { name } = target
  if (input.json) {
    const hours = cells.map(({ count, hourMs, topic }) => ({
      hour: hourMs === null ? null : `${new Date(hourMs).toISOString().slice(0, 13)}:00:00Z`,
      topic,
      count
    }))
    return yield* JsonDocument.print(ResendDocument.Survey, { target: name, ...tally, hours })
  }
  const chart = ResendChart.render(cells, { width: Math.min(out.width(), 100), unicode })
  yield* print([ResendText.survey(name, told), chart].filter((part) => part !== "").join("\n\n"))
})

const onLeftOut = (name: string) => Effect.logInfo(`left out: ${DisplayText.safe(name, true)}; --all reads it`)

const send = Effect.fn("resend.send")(function* (
  input: ResendArguments,
  { concurrency, files, options, speed }: Asked,
  target: ResendTarget.ResendTarget,
  kept: Files
) {
  const { name } = target
  const shown = yield* Ref.make<ResendText.Shown>({ progress: Resend.nothing, read: null })
  const early = Effect.flatMap(Ref.get(shown), ({ progress }) => say(ResendText.early(name, progress, input.again)))
  const interrupted = Effect.flatMap(Ref.get(shown), ({ progress: { acknowledged, refused } }) =>
    input.json
      ? JsonDocument.print(ResendDocument.Interrupted, {
          target: name,
          isComplete: false,
          ended: "interrupted",
          acknowledged,
          refused: { count: refused }
        })
      : early
  )
  const done = yield* Effect.gen(function* () {
    yield* follow(shown)
    if (input.again) yield* Acknowledgements.forget(kept.acknowledged)
    return yield* Resend.run({
      ...options,
      speed,
      concurrency,
      target,
      events: ResendInput.records(files, {
        all: input.all,
        onLeftOut,
        onProgress: ({ bytesRead, bytesTotal }) =>
          Ref.update(shown, (before) => ({ ...before, read: bytesTotal === null ? null : bytesRead / bytesTotal }))
      }),
      acknowledgements: yield* Acknowledgements.inFile(kept.acknowledged),
      refusedEvents: yield* RefusedEvents.inFile(kept.refused),
      onProgress: (progress) => Ref.update(shown, (before) => ({ ...before, progress }))
    })
  }).pipe(
    Effect.scoped,
    Effect.tapError(() => early),
    Effect.onInterrupt(() => Effect.ignore(interrupted))
  )
  const isComplete = Resend.isComplete(done)
  const refused = { ...done.refused, file: done.refused.count === 0 ? null : kept.refused }
  if (input.json) yield* JsonDocument.print(ResendDocument.Sent, { target: name, isComplete, ...done, refused })
  else yield* print(ResendText.summary(name, kept.refused, done))
  if (done.refused.count > 0) {
    yield* say(`next: genesys-replay resend ${kept.refused} --to ${input.to}, once they would be taken`)
  }
  yield* Failure.finish(isComplete ? ExitCode.done : ExitCode.incomplete)
})

/** Where what is known of a resend is kept. */
interface Files {
  /** What was acknowledged. */
  readonly acknowledged: string
  /** Refused events. */
  readonly refused: string
}

/** Sends the events, or says what would be sent; see the help for the exit codes. */
export const run = Effect.fn("resend.run")(
  function* (input: ResendArguments) {
    const asked = yield* read(input)
    const { address } = asked
    const paths = yield* Path.Path
    const given = yield* address._tag === "Webhook" ? Effect.asSome(WebhookSecret.required) : WebhookSecret.given
    const directory = paths.join(yield* StateDirectory.path, "resend")
    const filesFor = ({ location }: Target): Files => {
      const acknowledged = paths.join(directory, Acknowledgements.fileName(asked.files, location))
      const beside = acknowledged.replace(/\.acknowledged$/, ".refused.ndjson")
      return { acknowledged, refused: Option.match(input.refused, { onNone: () => beside, onSome: paths.resolve }) }
    }
    if (input.dryRun && address._tag === "File") {
      const target = FileTarget.describe(address.path)
      return yield* survey(input, asked, target, filesFor(target))
    }
    const inputs = [...asked.files, ...input.only]
    if (address._tag === "File") yield* OutputFile.prepare(address.path, { inputs })
    const target = yield* ResendTargets.fromEnvironment(address, {
      source: Option.getOrUndefined(input.source),
      secret: Option.getOrUndefined(given)
    })
    const files = filesFor(target)
    if (input.dryRun) return yield* survey(input, asked, target, files)
    yield* OutputFile.prepare(files.refused, { inputs })
    yield* send(input, asked, target, files)
  },
  Effect.scoped,
  Effect.provide(Http.layer)
)
