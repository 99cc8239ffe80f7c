/** What `runs list` does. */
import { Instant } from "@genesys-replay/domain"
import { Runs } from "@genesys-replay/pipeline"
import { DateTime, Effect, Option, Schema } from "effect"
import * as ExitCode from "../terminal/ExitCode.js"
import * as Failure from "../terminal/Failure.js"
import * as InstantText from "../terminal/InstantText.js"
import * as JsonDocument from "../terminal/JsonDocument.js"
import { print, Screen } from "../terminal/Screen.js"
import * as State from "../wiring/State.js"
import * as RunsDocument from "./RunsDocument.js"
import * as RunsText from "./RunsText.js"

/** What `--json` prints. */
export const document = Schema.Struct({ runs: Schema.Array(RunsDocument.RunSummary) })

/** Prints the runs; with `check`, exit code 3 where one of them is open, or a window of it failed. */
export const run = Effect.fn("runs.list")(function* (input: {
  readonly open: boolean
  readonly since: Option.Option<string>
  readonly check: boolean
  readonly json: boolean
}) {
  const since = yield* Effect.transposeMapOption(input.since, (text) => InstantText.read("--since", text))
  const isRecent = ({ requestedAt }: RunsDocument.RunSummary) =>
    Option.isNone(since) ||
    Option.exists(Instant.parse(requestedAt), (at) => DateTime.greaterThanOrEqualTo(at, since.value))
  const windows = yield* Runs.Runs.pipe(
    Effect.flatMap((runs) => runs.list()),
    Effect.provide(State.layer)
  )
  const all = RunsText.summaries(windows).filter((one) => (!input.open || one.open > 0) && isRecent(one))
  if (input.json) yield* JsonDocument.print(document, { runs: all })
  else yield* print(all.length === 0 ? "no runs" : RunsText.runs(all, (yield* Screen).out))
  const isWell = all.every(({ failed, open }) => open === 0 && failed === 0)
  yield* Failure.finish(input.check && !isWell ? ExitCode.incomplete : ExitCode.done)
})
