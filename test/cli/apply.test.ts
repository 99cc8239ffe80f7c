import { FileSystem } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { AuditEntry, ReplayPlan } from "@genesys-replay/domain"
import { ApplyReport } from "@genesys-replay/pipeline"
import { Sandbox, SeededRandom } from "@genesys-replay/sandbox"
import { Duration, Effect, Encoding, Fiber, Layer, Schema } from "effect"
import * as Receiver from "../e2e/Receiver.js"
import { Desk, desk, destination, numbered, put, specOf, type, until } from "./Desk.js"
import { json } from "./Run.js"

const report = (text: string) =>
  Schema.decodeUnknownSync(Schema.encodedSchema(ApplyReport.ApplyDocument), { onExcessProperty: "error" })(json(text))

const flags = ["--topic", "genesys.conversations.call", "--start", "-1h", "--destination", destination]

const trail = Effect.map(
  type(["audit", "list", "--json"]),
  ({ out }) =>
    Schema.decodeUnknownSync(Schema.Struct({ entries: Schema.Array(AuditEntry.AuditEntry) }))(json(out)).entries
)

const asked = Effect.flatMap(Sandbox.Sandbox, ({ requests }) => requests.count())
const names = Effect.map(
  Effect.flatMap(Sandbox.Sandbox, ({ streams }) => streams),
  (all) => all.map(({ payload }): string => payload.name)
)

/** The one error that a run reports. */
const errorOf = (text: string): unknown => json(text)

describe.concurrent("genesys-replay apply", () => {
  it.live("submits, waits, records, and prints the document of the contract", () =>
    Effect.gen(function* () {
      const { code, err, out } = yield* type(["apply", ...flags, "--name", "calls", "--wait", "--json"])
      expect(code).toBe(0)
      const { results, summary } = report(out)
      expect(summary).toEqual({ created: 1, unchanged: 0, adopted: 0, failed: 0 })
      expect(results).toMatchObject([
        { name: "calls", outcome: "created", error: null, replay: { state: "COMPLETED", sequence: { first: 1 } } }
      ])
      expect(err).toContain("created")
      expect(err).not.toContain('{"')
      expect((yield* trail).map(({ action }) => action)).toEqual([
        "plan_replay_config",
        "submit_replay_config",
        "create_replay_config",
        "complete_replay"
      ])
    }).pipe(Effect.provide(desk()))
  )

  it.live("says it in a table, and does not wait unless asked to", () =>
    Effect.gen(function* () {
      const { code, out } = yield* type(["apply", ...flags, "--name", "calls"])
      expect(code).toBe(0)
      expect(out).toMatch(/^STREAM +OUTCOME +ID\ncalls +created +[0-9a-f-]{36}\n\n1 created\n$/)
    }).pipe(Effect.provide(desk({ pace: { pending: Duration.hours(1) } })))
  )

  it.live("twice is once: the second time everything is unchanged", () =>
    Effect.gen(function* () {
      yield* put("a.yaml", yield* specOf(["one", "two"]))
      const first = report((yield* type(["apply", "a.yaml", "--json"])).out)
      const second = yield* type(["apply", "a.yaml", "--json"])
      expect(second.code).toBe(0)
      expect(report(second.out).results.map(({ id, outcome }) => [id, outcome])).toEqual(
        first.results.map(({ id }) => [id, "unchanged"])
      )
      expect(yield* names).toEqual(["one", "two"])
    }).pipe(Effect.provide(desk()))
  )

  it.live("--dry-run is plan: no credentials, no request, no trail", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const { directory } = yield* Desk
      const { code, err, out } = yield* type(["apply", ...flags, "--dry-run", "--json"], {
        env: { GENESYS_CLIENT_ID: undefined, GENESYS_CLIENT_SECRET: undefined }
      })
      expect([code, err]).toEqual([0, ""])
      expect((yield* Schema.decodeUnknown(ReplayPlan.PlanDraft)(json(out))).windows).toHaveLength(1)
      expect(yield* asked).toBe(0)
      expect(yield* files.readDirectory(directory)).toEqual([])
    }).pipe(Effect.provide(desk()))
  )

  it.live("tells a webhook, signed, and a file", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const { directory } = yield* Desk
      const receiver = yield* Receiver.Receiver
      const { code, err } = yield* type(
        ["apply", ...flags, "--name", "calls", "--webhook", receiver.url, "--sync-file", "sync.ndjson", "--json"],
        { env: { GENESYS_REPLAY_WEBHOOK_SECRET: Receiver.secretText } }
      )
      expect(code).toBe(0)
      expect(err).not.toContain(Receiver.secretText)
      const received = yield* receiver.received
      expect(received).toMatchObject([{ event_type: "replay_config_complete", window: "calls" }])
      expect(json(yield* files.readFileString(`${directory}/sync.ndjson`))).toEqual(received[0])
    }).pipe(Effect.provide(Layer.merge(desk(), Receiver.layer)))
  )
})

describe.concurrent("genesys-replay apply, when something is wrong", () => {
  it.live("2: credentials that are missing are named, all of them, before any request", () =>
    Effect.gen(function* () {
      const { code, err, out } = yield* type(["apply", ...flags], {
        env: { GENESYS_CLIENT_ID: undefined, GENESYS_CLIENT_SECRET: undefined }
      })
      expect([code, out]).toEqual([2, ""])
      for (const word of ["GENESYS_CLIENT_ID is not set", "GENESYS_CLIENT_SECRET is not set", "next: "]) {
        expect(err).toContain(word)
      }
      expect(err).not.toMatch(/^\s+at /m)
      expect(yield* asked).toBe(0)
    }).pipe(Effect.provide(desk()))
  )

  it.live("2: a URL that is neither https nor loopback is refused before any request", () =>
    Effect.gen(function* () {
      const { code, err, out } = yield* type(["apply", ...flags, "--json"], {
        env: { GENESYS_ENV_URL: "http://api.mypurecloud.com" }
      })
      expect(code).toBe(2)
      expect(errorOf(out)).toMatchObject({ error: { tag: "ConfigurationInvalid", exitCode: 2 } })
      expect(err).toContain("GENESYS_ENV_URL")
      expect(err).toContain("https")
      expect(yield* asked).toBe(0)
    }).pipe(Effect.provide(desk()))
  )

  it.live("2: a plan with an error submits nothing, also of its other windows", () =>
    Effect.gen(function* () {
      const good = yield* specOf(["good"])
      yield* put("a.yaml", `${good}  - name: old\n    topics: [genesys.a.b]\n    start: 2020-01-01T00:00:00Z\n`)
      const { code, err, out } = yield* type(["apply", "a.yaml", "--json"])
      expect(code).toBe(2)
      expect(errorOf(out)).toMatchObject({ error: { tag: "PlanRejected", exitCode: 2 } })
      expect(err).toContain("start-beyond-platform-retention")
      expect(yield* asked).toBe(0)
    }).pipe(Effect.provide(desk()))
  )

  it.live("2: without an audit trail nothing is submitted", () =>
    Effect.gen(function* () {
      yield* put("in-the-way", "")
      const { code, err } = yield* type(["apply", ...flags], {
        env: { GENESYS_REPLAY_DATABASE_URL: "file:in-the-way/state.db" }
      })
      expect(code).toBe(2)
      expect(err).toContain("in-the-way/state.db")
      expect(yield* names).toEqual([])
    }).pipe(Effect.provide(desk()))
  )

  it.live("2: a webhook without its secret, and a concurrency of nothing", () =>
    Effect.gen(function* () {
      const webhook = yield* type(["apply", ...flags, "--webhook", "https://analytics.example.com/x"])
      expect(webhook.code).toBe(2)
      expect(webhook.err).toContain("GENESYS_REPLAY_WEBHOOK_SECRET")
      const concurrency = yield* type(["apply", ...flags, "--concurrency", "0"])
      expect(concurrency.code).toBe(2)
      expect(concurrency.err).toContain("--concurrency")
      expect(yield* asked).toBe(0)
    }).pipe(Effect.provide(desk()))
  )

  it.live("3: a replay that fails at the platform, when it is waited for", () =>
    Effect.gen(function* () {
      const { endReplay, streams } = yield* Sandbox.Sandbox
      const running = yield* Effect.fork(type(["apply", ...flags, "--name", "calls", "--wait", "--json"]))
      const { id } = yield* until(Effect.map(streams, ([stream]) => stream))
      yield* endReplay(id, "FAILED", "the bus is gone")
      const { code, err, out } = yield* Fiber.join(running)
      expect(code).toBe(3)
      expect(report(out).results).toMatchObject([{ outcome: "created", replay: { state: "FAILED" } }])
      expect(err).toContain("failed")
    }).pipe(Effect.provide(desk({ pace: { pending: Duration.hours(1) } })))
  )

  it.live("4: another payload under the same name, with the fields that differ; the other windows are submitted", () =>
    Effect.gen(function* () {
      yield* put("a.yaml", yield* specOf(["one"]))
      yield* put("b.yaml", yield* specOf(["one", "two"], 2, 20))
      expect((yield* type(["apply", "a.yaml"])).code).toBe(0)
      const { code, err, out } = yield* type(["apply", "b.yaml", "--json"])
      expect(code).toBe(4)
      const { results, summary } = report(out)
      expect(summary).toEqual({ created: 1, unchanged: 0, adopted: 0, failed: 1 })
      expect(results).toMatchObject([
        { name: "one", id: null, outcome: "failed", error: { tag: "ReplayConflict" } },
        { name: "two", outcome: "created", error: null }
      ])
      for (const word of ["retentionDays (wanted 20, found 30)", "replayConfig.startDate", "next: "]) {
        expect(err).toContain(word)
      }
    }).pipe(Effect.provide(desk()))
  )

  it.live("4: a secret that is not the right one, asked for once, never shown", () =>
    Effect.gen(function* () {
      const { requests } = yield* Sandbox.Sandbox
      yield* put("a.yaml", yield* specOf(numbered(5)))
      const { code, err, out } = yield* type(["apply", "a.yaml", "--json"], {
        env: { GENESYS_CLIENT_SECRET: "wr0ng-s3cret" }
      })
      expect(code).toBe(4)
      expect(report(out).results.map(({ error }) => error?.tag)).toEqual(numbered(5).map(() => "NotAuthenticated"))
      expect(out + err).not.toContain("wr0ng-s3cret")
      expect(yield* requests.count("POST /oauth/token")).toBe(1)
      expect(yield* names).toEqual([])
    }).pipe(Effect.provide(desk()))
  )

  it.live("4: a client that may not do that", () =>
    Effect.gen(function* () {
      const { code, err, out } = yield* type(["apply", ...flags, "--json"])
      expect(code).toBe(4)
      const [result] = report(out).results
      expect(result?.error).toMatchObject({ tag: "NotPermitted", correlationId: expect.any(String) })
      expect(err).toContain(result?.error?.correlationId)
    }).pipe(Effect.provide(desk({ faults: { requests: [{ kind: "forbidden" }] } })))
  )

  it.live("5: nobody answers, told with the tries that were made", () =>
    Effect.gen(function* () {
      // A sandbox that was there and is no more.
      const { url } = yield* Effect.scoped(Sandbox.make())
      const { code, err, out } = yield* type(["apply", ...flags, "--json"], {
        env: { GENESYS_ENV_URL: url, GENESYS_LOGIN_URL: url }
      })
      expect(code).toBe(5)
      expect(report(out).results).toMatchObject([{ outcome: "failed", error: { tag: "ProviderUnavailable" } }])
      for (const word of ["POST /oauth/token", "4 attempts", "ECONNREFUSED"]) expect(err).toContain(word)
    }).pipe(Effect.provide(desk()))
  )

  it.live(
    "130: Ctrl-C in the middle; the trail knows what was submitted, the same command does the rest, nothing twice",
    () =>
      Effect.gen(function* () {
        const { faults } = yield* Sandbox.Sandbox
        yield* put("a.yaml", yield* specOf(numbered(12)))
        const { code, err } = yield* type(["apply", "a.yaml", "--concurrency", "2"], {
          onErr: (text) => (/^created/m.test(text) ? "SIGINT" : undefined)
        })
        expect(code).toBe(130)
        expect(err).toContain("interrupted")
        const standing = yield* names
        expect(standing.length).toBeGreaterThan(0)
        expect(standing.length).toBeLessThan(12)
        const created = (yield* trail).filter(({ action }) => action === "create_replay_config")
        expect(created.map(({ window }) => window).sort()).toEqual([...standing].sort())

        yield* faults.clear
        const again = yield* type(["apply", "a.yaml", "--json"])
        expect(again.code).toBe(0)
        // What was not finished is gone on with, as the run that created it; what was is found again.
        const { adopted, created: ours, failed, unchanged } = report(again.out).summary
        expect([ours + unchanged, unchanged <= standing.length, adopted, failed]).toEqual([12, true, 0, 0])
        expect([...(yield* names)].sort()).toEqual([...numbered(12)].sort())
      }).pipe(
        Effect.provide(desk({ faults: { requests: [{ kind: "slow", delay: Duration.millis(500), method: "POST" }] } }))
      )
  )
})

describe.concurrent("At --log-level all", () => {
  it.live(
    "much is logged, and neither secret, token nor credentials; nor are they in the database, which is its owner's alone",
    () =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const { directory, secret } = yield* Desk
        const { clientId, tokensIssued } = yield* Sandbox.Sandbox
        const { code, err, out } = yield* type([
          ...["apply", ...flags, "--name", "calls", "--wait", "--json", "--log-level", "all"]
        ])
        expect(code).toBe(0)
        expect(report(out).summary.adopted).toBe(1)
        expect(err).toContain("outcome unknown")
        const database = `${directory}/state/genesys-replay/state.db`
        expect(Number((yield* files.stat(database)).mode) & 0o777).toBe(0o600)
        const text = [out, err, new TextDecoder("latin1").decode(yield* files.readFile(database))].join("\n")
        const tokens = Array.from({ length: yield* tokensIssued }, (_, index) =>
          SeededRandom.SeededRandom.of("cli", "token", index).text(86)
        )
        expect(tokens.length).toBeGreaterThan(0)
        const hidden = [secret, Encoding.encodeBase64(`${clientId}:${secret}`), ...tokens]
        expect(hidden.map((one) => text.includes(one))).toEqual(hidden.map(() => false))
      }).pipe(Effect.provide(desk({ faults: { requests: [{ kind: "cutAfter", method: "POST", times: 1 }] } })))
  )
})

describe.concurrent("GENESYS_CLIENT_SECRET_FILE", () => {
  it.live("holds the secret instead of the variable; one that others may read is warned of, and used", () =>
    Effect.gen(function* () {
      const { secret } = yield* Desk
      const env = { GENESYS_CLIENT_SECRET: undefined, GENESYS_CLIENT_SECRET_FILE: "secret" }
      yield* put("secret", `${secret}\n`, 0o600)
      const quiet = yield* type(["list"], { env })
      expect([quiet.code, quiet.err]).toEqual([0, ""])
      yield* put("secret", `${secret}\n`, 0o644)
      const warned = yield* type(["list", "--json"], { env })
      expect(warned.code).toBe(0)
      expect(warned.err).toContain("chmod 600 secret")
      expect(json(warned.out)).toEqual({ replays: [] })
    }).pipe(Effect.provide(desk()))
  )
})
