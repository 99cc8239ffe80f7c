/** What `runs list` does. */
import { Instant } from "@genesys-replay/domain"
import { Heals, Runs } from "@genesys-replay/pipeline"
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
export const document = Schema.Struct({
  runs: Schema.Array(RunsDocument.RunSummary),
  heals: Schema.Array(RunsDocument.HealSummary)
})

/** Prints the runs and the heals; with `check`, exit code 3 where one of them is open, a window of a run failed, or a heal is not complete. */
export const run = Effect.fn("runs.list")(function* (input: {
  readonly open: boolean
  readonly since: Option.Option<string>
  readonly check: boolean
  readonly json: boolean
}) {
  const since = yield* Effect.transposeMapOption(input.since, (text) => InstantText.read("--since", text))
  const isRecent = (text: string) =>
    Option.isNone(since) || Option.exists(Instant.parse(text), (at) => DateTime.greaterThanOrEqualTo(at, since.value))
  const [windows, begun] = yield* Effect.all([
    Effect.flatMap(Runs.Runs, (runs) => runs.list()),
    Effect.flatMap(Heals.Heals, ({ list }) => list)
  ]).pipe(Effect.provide(State.layer))
  const runs = RunsText.summaries(windows).filter(
    ({ open, requestedAt }) => (!input.open || open > 0) && isRecent(requestedAt)
  )
  const heals = begun.map(RunsDocument.ofHeal).filter(({ beganAt, open }) => (!input.open || open) && isRecent(beganAt))
  if (input.json) yield* JsonDocument.print(document, { runs, heals })
  else {
    const { out } = yield* Screen
    const tables = [
      ...(runs.length === 0 ? [] : [RunsText.runs(runs, out)]),
      ...(heals.length === 0 ? [] : [RunsText.heals(heals, out)])
    ]
    yield* print(tables.length === 0 ? "no runs" : tables.join("\n\n"))
  }
  const isWell =
    runs.every(({ failed, open }) => open === 0 && failed === 0) && heals.every(({ isComplete }) => isComplete === true)
  yield* Failure.finish(input.check && !isWell ? ExitCode.incomplete : ExitCode.done)
})
