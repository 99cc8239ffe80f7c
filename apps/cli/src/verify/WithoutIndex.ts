/** `verify` of captures without indices, and without a baseline: what is there, that it proves nothing, and what would. */
import { InventoryReport } from "@genesys-replay/domain"
import type { LogSource } from "@genesys-replay/eventlog"
import { DateTime, Effect, Option } from "effect"
import * as ExitCode from "../terminal/ExitCode.js"
import * as JsonDocument from "../terminal/JsonDocument.js"
import * as OutputFile from "../terminal/OutputFile.js"
import { print, Screen, say } from "../terminal/Screen.js"
import * as Reading from "./Reading.js"
import type { VerifyArguments } from "./VerifyArguments.js"

/** Says how such a capture is proven. */
const tellProof = say(
  "next: genesys-replay verify CAPTURE… --against BASELINE…, or genesys-replay reconcile CAPTURE… --start T --end T"
)

/**
 * Reads the captured events once more, without a look at indices, and tells what is there. Answers the exit code; none, and without a word,
 * where there is no event either.
 */
export const run = Effect.fn("verify.withoutIndex")(function* (
  input: VerifyArguments,
  events: ReadonlyArray<LogSource.LogSource>
) {
  const { out, unicode } = yield* Screen
  const Inventory = yield* Effect.promise(() => import("@genesys-replay/eventlog/Inventory"))
  const { report, sources, unreadable } = yield* Effect.scoped(
    Effect.gen(function* () {
      const onProgress = yield* Reading.progress
      return yield* Inventory.take(events, { all: input.all, onProgress })
    })
  )
  if (report.inventory.length === 0) return Option.none()
  if (Option.isSome(input.html)) {
    const InventoryPage = yield* Effect.promise(() => import("@genesys-replay/eventlog/InventoryPage"))
    const page = InventoryPage.render(report, { sources, generatedAt: yield* DateTime.now })
    yield* OutputFile.replace(input.html.value, {}, (write) => write(page))
    yield* say(`report written to ${input.html.value}`)
  }
  if (input.json) yield* JsonDocument.print(InventoryReport.InventoryReport, report)
  else {
    const InventoryText = yield* Effect.promise(() => import("@genesys-replay/eventlog/InventoryText"))
    yield* print(InventoryText.render(report, { width: out.width(), color: out.colour, unicode }).trimEnd())
  }
  yield* Reading.tellNotRead(unreadable, report.leftOut)
  yield* tellProof
  return Option.some(Reading.isUnreadable(unreadable) ? ExitCode.badInput : ExitCode.incomplete)
})
