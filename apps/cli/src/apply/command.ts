/** `genesys-replay apply`: plan, submit, record. */
import { Command, Options } from "@effect/cli"
import * as WindowFlags from "../spec/WindowFlags.js"
import { maxWait, timeout } from "../terminal/DurationOption.js"
import { withExamples } from "../terminal/Help.js"
import { json } from "../terminal/JsonOption.js"
import { lazily } from "../terminal/Lazy.js"
import * as RepeatedOption from "../terminal/RepeatedOption.js"

/** The command. */
export const apply = Command.make(
  "apply",
  {
    spec: WindowFlags.spec,
    ...WindowFlags.window,
    ...WindowFlags.archived,
    provider: WindowFlags.provider,
    dryRun: Options.boolean("dry-run").pipe(Options.withDescription("Only plan, as genesys-replay plan does")),
    wait: Options.boolean("wait").pipe(
      Options.withDescription(
        "Wait until every replay has ended; exit code 3 where one did not complete, or brought nothing"
      )
    ),
    detach: Options.boolean("detach").pipe(
      Options.withDescription("Only write the windows down: genesys-replay runner works on them")
    ),
    captured: RepeatedOption.text(
      "captured",
      "File with captured events: prove completeness when a replay has ended, exit code 3 where something is missing; repeat for more"
    ),
    against: RepeatedOption.text(
      "against",
      "File with the baseline that --captured is measured against, for windows with prove: baseline; repeat for more"
    ),
    concurrency: Options.integer("concurrency").pipe(
      Options.withPseudoName("N"),
      Options.withDescription("How many windows are submitted at the same time"),
      Options.withDefault(4)
    ),
    timeout,
    maxWait,
    webhook: Options.text("webhook").pipe(
      Options.withPseudoName("URL"),
      Options.withDescription(
        "URL that is told of every window, signed with GENESYS_REPLAY_WEBHOOK_SECRET (Standard Webhooks)"
      ),
      Options.optional
    ),
    syncFile: Options.text("sync-file").pipe(
      Options.withPseudoName("FILE"),
      Options.withDescription("NDJSON file that the sync events are appended to"),
      Options.optional
    ),
    eventBus: Options.text("event-bus").pipe(
      Options.withPseudoName("ARN"),
      Options.withDescription("ARN of an event bus that the sync events are put on, source genesys-replay"),
      Options.optional
    ),
    json
  },
  lazily(() => import("./run.js"))
).pipe(
  Command.withDescription(
    withExamples(
      "Bring the events of a window back. Applying twice is safe: a window whose replay stands already is left as it is. Killed at any moment, it goes on with genesys-replay resume, or when it is run again. Every step is in the audit trail.",
      ["genesys-replay apply replay.yaml --wait", "submit every window and see it end"],
      ["genesys-replay apply replay.yaml --captured events.ndjson", "and prove that everything came back"],
      [
        "genesys-replay apply replay.yaml --captured events.ndjson --against lake.ndjson",
        "by a baseline, where a window says prove: baseline"
      ],
      ["genesys-replay apply replay.yaml --detach", "hand over to genesys-replay runner"],
      ["genesys-replay apply replay.yaml --dry-run", "only plan"],
      [
        "genesys-replay apply --topic genesys.conversations.call --start -3d --name calls --destination ARN",
        "one window"
      ]
    )
  )
)
