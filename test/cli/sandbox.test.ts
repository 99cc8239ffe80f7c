import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { AuditEntry, HealReport, SequenceReport } from "@genesys-replay/domain"
import { ApplyReport } from "@genesys-replay/pipeline"
import { Deferred, Effect, Fiber, Schema } from "effect"
import { destination } from "./Desk.js"
import { json, run, workplace } from "./Run.js"

const lines =
  /^GENESYS_ENV_URL=(http:\/\/127\.0\.0\.1:\d+)\nGENESYS_LOGIN_URL=\1\nGENESYS_CLIENT_ID=[0-9a-f-]{36}\nGENESYS_CLIENT_SECRET=[\w-]{43}\nAWS_ENDPOINT_URL=\1\nAWS_ACCESS_KEY_ID=[A-Z0-9]{20}\nAWS_SECRET_ACCESS_KEY=[\w/+=-]{40}\n$/

const isWhole = (text: string): boolean => text.includes("AWS_SECRET_ACCESS_KEY") && text.endsWith("\n")

/** Starts `sandbox`, gives what it printed to `use`, and stops it; answers how it ended. */
const sandboxed = <A, E, R>(
  args: ReadonlyArray<string>,
  use: (printed: string, env: Record<string, string>) => Effect.Effect<A, E, R>,
  signal: NodeJS.Signals = "SIGINT"
) =>
  Effect.gen(function* () {
    const { directory, env } = yield* workplace()
    const printed = yield* Deferred.make<string>()
    const stop = new AbortController()
    const running = yield* Effect.fork(
      run(["sandbox", ...args], {
        cwd: directory,
        env,
        stop: { at: stop.signal, signal },
        onOut: (text) => {
          if (isWhole(text)) Deferred.unsafeDone(printed, Effect.succeed(text))
          return undefined
        }
      })
    )
    const text = yield* Deferred.await(printed)
    const variables = text.split("\n").flatMap((line) => (line.includes("=") ? [line.split(/=(.*)/s, 2)] : []))
    const used = yield* use(text, { ...env, ...Object.fromEntries(variables) })
    stop.abort()
    const ended = yield* Fiber.join(running)
    return { ...ended, used }
  }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))

describe.concurrent("genesys-replay sandbox", () => {
  it.live("prints exactly the variables to set, is what they lead to, and stops at Ctrl-C", () =>
    Effect.gen(function* () {
      const { code, err, out, used } = yield* sandboxed(["--history", "1", "--lose", "0.1"], (_, env) =>
        Effect.gen(function* () {
          const args = ["--topic", "genesys.conversations.call", "--start", "-1h", "--destination", destination]
          const applied = yield* run(["apply", ...args, "--name", "calls", "--json"], { env })
          const url = env["GENESYS_ENV_URL"] ?? ""
          return { applied, url }
        })
      )
      expect(code).toBe(130)
      expect(out).toMatch(lines)
      expect(err).toContain(used.url)
      expect(err).toMatch(/^archive genesys-events with \d{3,4} events of arn:aws:events:.*\/sandbox$/m)
      expect(err).not.toContain("GENESYS_CLIENT_SECRET=")
      expect(used.applied.code).toBe(0)
      const report = yield* Schema.decodeUnknown(ApplyReport.ApplyDocument)(json(used.applied.out))
      expect(report.summary.created).toBe(1)
      const gone = yield* Effect.promise(() =>
        fetch(`${used.url}/api/v2/eventstreams`).then(
          () => "answered",
          () => "gone"
        )
      )
      expect(gone).toBe("gone")
    })
  )

  it.live("--json is one document, --data a place that stays, and SIGTERM ends it as well", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const data = yield* files.makeTempDirectoryScoped()
      const { code, out } = yield* sandboxed(["--json", "--data", data], () => Effect.void, "SIGTERM")
      expect(code).not.toBe(1)
      expect(json(out)).toEqual({
        GENESYS_ENV_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
        GENESYS_LOGIN_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
        GENESYS_CLIENT_ID: expect.any(String),
        GENESYS_CLIENT_SECRET: expect.any(String),
        AWS_ENDPOINT_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
        AWS_ACCESS_KEY_ID: expect.any(String),
        AWS_SECRET_ACCESS_KEY: expect.any(String),
        dataDirectory: data
      })
      expect(yield* files.exists(data)).toBe(true)
    }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))
  )

  it.live("says which port is taken, and which option is out of its range", () =>
    Effect.gen(function* () {
      const { used } = yield* sandboxed([], (_, env) =>
        run(["sandbox", "--port", new URL(env["GENESYS_ENV_URL"] ?? "").port], { env: {} })
      )
      expect([used.code, used.out]).toEqual([2, ""])
      expect(used.err).toContain("EADDRINUSE")
      const { directory, env } = yield* workplace()
      const wrong = yield* run(["sandbox", "--drop", "1.5"], { cwd: directory, env })
      expect([wrong.code, wrong.out]).toEqual([2, ""])
      expect(wrong.err).not.toMatch(/^\s+at /m)
    }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))
  )
})

const anything = Schema.Record({ key: Schema.String, value: Schema.Unknown })

const DemoDocument = Schema.Struct({
  apply: Schema.Array(ApplyReport.ApplyDocument),
  verify: Schema.Array(SequenceReport.GroupReport),
  heal: Schema.Struct({ missingBefore: Schema.Number, missingAfter: Schema.Number, report: HealReport.HealReport }),
  capture: Schema.Struct({ captured: Schema.Number, deleted: Schema.Number }, anything),
  received: Schema.Array(Schema.Struct({ id: Schema.String, body: Schema.Unknown })),
  audit: Schema.Array(AuditEntry.AuditEntry)
})

describe.concurrent("genesys-replay demo", () => {
  it.live("tells the whole story, and changes nothing", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const { directory, env } = yield* workplace()
      const { code, err, out } = yield* run(["demo"], { cwd: directory, env })
      expect(code).toBe(0)
      for (const word of ["outage-complete", "Incomplete", "unchanged", "replay_config_complete", "verify_replay"]) {
        expect(out).toContain(word)
      }
      expect(`${out}${err}`.includes("\u001B")).toBe(false)
      expect(yield* files.readDirectory(directory)).toEqual([])
    }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))
  )

  it.live("--json is one document: one replay complete, one with a loss that was found, one window unchanged", () =>
    Effect.gen(function* () {
      const { directory, env } = yield* workplace()
      const { code, out } = yield* run(["demo", "--json"], { cwd: directory, env })
      expect(code).toBe(0)
      const document = yield* Schema.decodeUnknown(DemoDocument, { onExcessProperty: "error" })(json(out))
      expect(document.apply.map(({ summary }) => summary)).toEqual([
        { created: 1, unchanged: 0, adopted: 0, failed: 0 },
        { created: 1, unchanged: 0, adopted: 0, failed: 0 },
        { created: 0, unchanged: 1, adopted: 0, failed: 0 },
        { created: 1, unchanged: 0, adopted: 0, failed: 0 }
      ])
      expect(document.verify.map(({ isContiguous }) => isContiguous)).toEqual([true, false])
      expect(document.heal).toMatchObject({ missingAfter: 0, report: { isComplete: true } })
      expect(document.heal.missingBefore).toBeGreaterThan(0)
      expect(document.received.length).toBeGreaterThan(1)
      expect(new Set(document.audit.map(({ action }) => action))).toContain("verify_replay")
    }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))
  )
})
