/** An app that is bundled as CommonJS and reads captured events. */
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { EventLog, LogSource } from "@genesys-replay/eventlog"
import { Console, Effect } from "effect"

const program = Effect.gen(function* () {
  const { report, unreadable } = yield* EventLog.observe([LogSource.file("events.ndjson")])
  const missing = report.groups.flatMap((group) => group.missing.map(({ start }) => start))
  yield* Console.log(JSON.stringify({ missing, unreadable: unreadable.length }))
})

NodeRuntime.runMain(Effect.provide(program, NodeContext.layer))
