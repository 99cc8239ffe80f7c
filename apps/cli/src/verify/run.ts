/** What `verify` does. */
import { BaselineReport, InventoryReport, SequenceReport } from "@genesys-replay/domain"
import { Effect, Schema } from "effect"
import * as Failure from "../terminal/Failure.js"
import * as BySequence from "./BySequence.js"
import * as VerifyArguments from "./VerifyArguments.js"

/** What `--json` prints: measured by indices, told where there are none, or with `--against` measured by a baseline. */
export const document = Schema.Union(
  SequenceReport.CompletenessReport,
  InventoryReport.InventoryReport,
  BaselineReport.BaselineReport
)

/** Measures what was captured, by its indices or against a baseline, and ends with the exit code that follows from it. */
export const run = Effect.fn("verify.run")(function* (input: VerifyArguments.VerifyArguments) {
  yield* VerifyArguments.check(input)
  if (input.against.length === 0) return yield* Effect.flatMap(BySequence.run(input), Failure.finish)
  const ByBaseline = yield* Effect.promise(() => import("./ByBaseline.js"))
  yield* Effect.flatMap(ByBaseline.run(input), Failure.finish)
})
