import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Option, Schema } from "effect"
import * as JsonDocuments from "../../apps/cli/src/wiring/JsonDocuments.js"
import { desk, destination, put, type } from "./Desk.js"
import * as InProcess from "./InProcess.js"
import { json, workplace } from "./Run.js"

const samples = new URL("../domain/samples/", import.meta.url).pathname
const window = [
  "--topic",
  "genesys.conversations.message",
  "--destination",
  destination,
  "--name",
  "one",
  "--start",
  "-3h"
]

const typed = (args: ReadonlyArray<string>) =>
  Effect.flatMap(workplace(), ({ directory, env }) => InProcess.run(args, { cwd: directory, env })).pipe(
    Effect.scoped,
    Effect.provide(NodeContext.layer)
  )

const Listed = Schema.Struct({ replays: Schema.Array(Schema.Struct({ id: Schema.String })) })
const Asked = Schema.Struct({ runs: Schema.Array(Schema.Struct({ run: Schema.String })) })
const hasFailed = Schema.is(Schema.Struct({ error: Schema.Unknown }))

const shown = <A, I>(schema: Schema.Schema<A, I>, args: ReadonlyArray<string>) =>
  Effect.flatMap(type([...args, "--json"]), ({ out }) => Schema.decodeUnknown(schema)(json(out)))

describe("--json-schema", () => {
  it.live("describes the document that --json prints, of every command that has it", () =>
    Effect.gen(function* () {
      yield* type(["apply", ...window, "--wait"])
      const { replays } = yield* shown(Listed, ["list"])
      const { runs } = yield* shown(Asked, ["runs", "list"])
      const events = `${samples}voice-conversation.events.ndjson`
      yield* put("numbered.ndjson", '{"detail":{"sequenceIndex":1}}\n{"detail":{"sequenceIndex":3}}\n')
      const commands: ReadonlyArray<readonly [command: string, ...args: ReadonlyArray<string>]> = [
        ["plan", ...window],
        ["apply", ...window],
        ["apply", ...window, "--dry-run"],
        ["apply", ...window, "--detach"],
        ["resume"],
        ["runs list"],
        ["runs show", ...runs.map(({ run }) => run)],
        ["list"],
        ["status", ...replays.map(({ id }) => id)],
        ["verify", "numbered.ndjson"],
        ["verify", events],
        ["verify", "numbered.ndjson", "--against", events],
        [
          "reconcile",
          events,
          ...["--records", `${samples}voice-conversation.record.json`],
          ...["--start", "2025-11-10T00:00:00Z", "--end", "2025-11-11T00:00:00Z"]
        ],
        ["doctor"],
        ["audit list"]
      ]
      expect(new Set(commands.map(([command]) => command))).toEqual(new Set(JsonDocuments.commands))
      for (const [command, ...args] of commands) {
        const { out } = yield* type([...command.split(" "), ...args, "--json"])
        const document = json(out)
        const schema = Option.getOrThrow(JsonDocuments.of(command))
        const decoded = Schema.decodeUnknownEither(schema)(document, { onExcessProperty: "error" })
        expect([command, args, String(decoded._tag === "Left" ? decoded.left : ""), hasFailed(document)]).toEqual([
          command,
          args,
          "",
          false
        ])
      }
    }).pipe(Effect.provide(desk()))
  )

  it.live("is printed without the arguments that the command cannot do without, and nothing is done", () =>
    Effect.gen(function* () {
      for (const command of JsonDocuments.commands) {
        const { code, err, out } = yield* typed([...command.split(" "), "--json-schema"])
        expect([command, code, err]).toEqual([command, 0, ""])
        expect(json(out)).toEqual(json(JSON.stringify(Option.getOrThrow(JsonDocuments.jsonSchema(command)))))
        expect(json(out)).toMatchObject({ $schema: "http://json-schema.org/draft-07/schema#" })
      }
    })
  )

  it.live("is no option of a command whose document is not described", () =>
    Effect.gen(function* () {
      const { code, err } = yield* typed(["audit", "verify", "--json-schema"])
      expect(code).toBe(2)
      expect(err).toContain("--json-schema")
    })
  )
})
