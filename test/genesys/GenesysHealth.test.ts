import { FileSystem } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import {
  type CheckOutcome,
  HealthCheck,
  PayloadHash,
  type PlannedWindow,
  ReplayPlan,
  ReplaySpec
} from "@genesys-replay/domain"
import { Genesys, GenesysConfig, GenesysHealth } from "@genesys-replay/genesys"
import { StubHttpClient, StubPlatform } from "@genesys-replay/genesys/testing"
import { Chunk, ConfigProvider, DateTime, Duration, Effect, Layer, Stream, TestClock } from "effect"
import { infoOf } from "./FileInfo.js"

const now = DateTime.unsafeMake("2024-01-16T12:00:00Z")
const organization = "4f1c"
const bus = `aws.partner/genesys.com/cloud/${organization}/cx`
const destination = `arn:aws:events:eu-west-1:123456789012:event-bus/${bus}`
const topic = "v2.detail.events.conversation.{id}.acd.start"

/** What the platform answers, by path. */
type World = Record<string, StubHttpClient.Reply>

const streams = "/api/v2/eventstreams"
const me = "/api/v2/organizations/me"
const integrations = "/api/v2/integrations"
const configuration = "/api/v2/integrations/i-1/config/current"
const catalogue = "/api/v2/notifications/availabletopics"
const availability = "/api/v2/analytics/conversations/details/jobs/availability"
const token = "/oauth/token"

const integrationOf = (fields: object = {}): StubHttpClient.Reply => ({
  status: 200,
  json: {
    entities: [
      {
        id: "i-1",
        name: "To AWS",
        intendedState: "ENABLED",
        reportedState: { code: "ACTIVE", lastUpdated: "2023-11-01T00:00:00.000Z" },
        ...fields
      }
    ],
    pageCount: 1
  }
})

const configurationOf = (fields: object = {}): StubHttpClient.Reply => ({
  status: 200,
  json: {
    version: 7,
    properties: {
      eventSourceSuffix: "cx",
      awsAccountId: "123456789012",
      awsAccountRegion: "eu-west-1",
      eventFilter: [topic, "v2.users.{id}.presence"],
      ...fields
    }
  }
})

const refused = (status: number): StubHttpClient.Reply => ({
  status,
  json: StubPlatform.errorBody(status, "words of the platform")
})

const good: World = {
  [token]: StubPlatform.tokenAnswer(),
  [streams]: StubPlatform.page(),
  [me]: { status: 200, json: { id: organization, name: "Acme" }, headers: { date: "Tue, 16 Jan 2024 12:00:00 GMT" } },
  [integrations]: integrationOf(),
  [configuration]: configurationOf(),
  [catalogue]: { status: 200, json: { entities: [{ id: topic, transports: ["All"] }] } },
  [availability]: { status: 200, json: { dataAvailabilityDate: "2024-01-16T10:00:00.000Z" } }
}

const windowsOf = (provider: "eventbridge" | "genesys", fields: Record<string, unknown>) =>
  ReplaySpec.decode({
    provider,
    windows: [
      {
        name: "outage",
        topics: [topic],
        start: "2024-01-15T08:00:00Z",
        ...(provider === "eventbridge" ? { end: "2024-01-15T11:00:00Z" } : {}),
        destination,
        ...fields
      }
    ]
  }).pipe(
    Effect.map((spec) => ReplayPlan.draft(spec, now, PayloadHash.hash).windows),
    Effect.orDie
  )

const platform = (world: World) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(DateTime.toEpochMillis(now))
    const stub = yield* StubHttpClient.make(({ path }) => Effect.succeed(world[path] ?? refused(404)))
    const values = { ...StubPlatform.values, retry: { maxRetries: 0, baseDelay: Duration.millis(1) } }
    return { asked: stub.asked, services: Layer.provide(Genesys.layerOf(values), stub.layer) }
  })

const run = <R>(checks: ReadonlyArray<HealthCheck.HealthCheck<R>>) =>
  Effect.map(Stream.runCollect(HealthCheck.run(checks)), Chunk.toReadonlyArray)

const says = (name: string, world: World, windows: ReadonlyArray<PlannedWindow.PlannedWindow> = []) =>
  Effect.gen(function* () {
    const { services } = yield* platform({ ...good, ...world })
    const { checks } = yield* GenesysHealth.make(services, windows)
    const [found] = yield* run(checks.filter(({ check }) => check === name))
    return found ?? (yield* Effect.dieMessage(`no check ${name}`))
  }).pipe(Effect.scoped)

const told = (found: HealthCheck.Concluded, status: CheckOutcome.CheckStatus, detail: RegExp) => {
  expect([found.status, found.detail]).toEqual([status, expect.stringMatching(detail)])
  expect(found.status === "failed" || found.status === "warning" ? found.remedy : "none").not.toBeNull()
}

type Row = readonly [check: string, when: string, world: World, status: CheckOutcome.CheckStatus, detail: RegExp]

describe("the checks of Genesys Cloud without a window", () => {
  const rows: ReadonlyArray<Row> = [
    ["genesys-settings", "they are valid", {}, "ok", /^https:\/\/api\.example\.test$/],
    ["genesys-token", "the client is known", {}, "ok", /^valid for 1d$/],
    [
      "genesys-token",
      "the secret is wrong",
      { [token]: { status: 401, json: { error: "invalid_client" } } },
      "failed",
      /not authenticated \(401\): invalid_client/
    ],
    ["genesys-token", "nobody answers", { [token]: "cut" }, "failed", /connection failed/],
    ["organization", "there is no token", { [token]: "cut" }, "skipped", /^not asked without a token$/],
    ["genesys-scopes", "they are the default", {}, "ok", /analytics:read/],
    ["genesys-clock", "it is right", {}, "ok", /agrees with that of Genesys Cloud/],
    [
      "genesys-clock",
      "it is two hours behind",
      { [me]: { status: 200, json: { id: "x" }, headers: { date: "Tue, 16 Jan 2024 14:00:00 GMT" } } },
      "warning",
      /2h behind/
    ],
    ["genesys-clock", "the organisation does not answer", { [me]: "cut" }, "skipped", /had a date/],
    ["organization", "it answers", {}, "ok", /^Acme 4f1c$/],
    [
      "organization",
      "the URL is another server's",
      { [me]: refused(404) },
      "failed",
      /404 Not Found, which the platform API does not answer/
    ],
    ["event-streams", "the organisation has it", {}, "ok", /has it/],
    ["event-streams", "it answers 404", { [streams]: refused(404) }, "warning", /no Event Streams API, as most/],
    ["event-streams", "the client may not read it", { [streams]: refused(403) }, "skipped", /not permitted/],
    ["stream-names", "no window is planned", {}, "skipped", /no window/],
    ["topics", "no window is planned", {}, "skipped", /no window/],
    ["integration", "it is active", {}, "ok", /^To AWS is active$/],
    [
      "integration",
      "there is none",
      { [integrations]: { status: 200, json: { entities: [] } } },
      "failed",
      /no Amazon EventBridge integration/
    ],
    [
      "integration",
      "it is disabled",
      { [integrations]: integrationOf({ intendedState: "DISABLED" }) },
      "failed",
      /is disabled/
    ],
    [
      "integration",
      "it is in error",
      { [integrations]: integrationOf({ reportedState: { code: "ERROR", detail: { code: "no.account" } } }) },
      "failed",
      /is enabled and ERROR \(\{"code":"no.account"\}\)/
    ],
    [
      "integration",
      "it begins",
      { [integrations]: integrationOf({ reportedState: { code: "ACTIVATING" } }) },
      "warning",
      /ACTIVATING/
    ],
    ["integration", "the client may not see it", { [integrations]: refused(403) }, "failed", /not permitted \(403\)/],
    [
      "integration-bus",
      "there is no integration",
      { [integrations]: { status: 200, json: { entities: [] } } },
      "skipped",
      /there is no integration/
    ],
    [
      "integration-bus",
      "it sends somewhere",
      {},
      "ok",
      /^To AWS sends to aws\.partner\/genesys\.com\/cloud\/4f1c\/cx in 123456789012, eu-west-1$/
    ],
    [
      "integration-bus",
      "its region is none",
      { [configuration]: configurationOf({ awsAccountRegion: "moon-1" }) },
      "failed",
      /account or region is none/
    ],
    ["integration-topics", "it has some", {}, "ok", /^To AWS sends 2 topics$/],
    [
      "integration-topics",
      "it has none",
      { [configuration]: configurationOf({ eventFilter: [] }) },
      "failed",
      /filter is empty: To AWS/
    ],
    ["integration-changes", "it says since when", {}, "ok", /^To AWS since 2023-11-01T00:00:00Z, version 7$/],
    [
      "integration-changes",
      "it does not say",
      { [integrations]: integrationOf({ reportedState: { code: "ACTIVE" } }) },
      "skipped",
      /no integration says/
    ],
    ["analytics", "the records are there", {}, "ok", /complete until 2024-01-16T10:00:00Z, 2h ago$/],
    [
      "analytics",
      "the region has none",
      { [availability]: refused(404) },
      "warning",
      /this region has no conversation records/
    ],
    ["analytics", "the client may not read them", { [availability]: refused(403) }, "warning", /not permitted/],
    [
      "analytics",
      "the data lake is empty",
      { [availability]: { status: 200, json: {} } },
      "warning",
      /no conversation records yet/
    ]
  ]

  it.effect.each(rows)("%s, where %s", ([check, , world, status, detail]) =>
    Effect.map(says(check, world), (found) => told(found, status, detail))
  )

  it.effect.each([
    ["analytics", availability, "analytics:conversationDetail:view"],
    ["integration", integrations, "integrations:integration:view"]
  ] as const)("%s names the permission that is missing", ([check, path, permission]) =>
    Effect.map(says(check, { [path]: refused(403) }), ({ remedy }) => expect(remedy).toContain(permission))
  )
})

describe("the checks of Genesys Cloud for windows", () => {
  type WindowRow = readonly [...Row, provider: "eventbridge" | "genesys", fields?: Record<string, unknown>]
  const rows: ReadonlyArray<WindowRow> = [
    [
      "event-streams",
      "a window needs it and it answers 404",
      { [streams]: refused(404) },
      "failed",
      /no Event Streams API/,
      "genesys"
    ],
    ["event-streams", "no window needs it", { [streams]: refused(404) }, "ok", /no window needs it/, "eventbridge"],
    [
      "event-streams",
      "a window needs it and may not",
      { [streams]: refused(403) },
      "failed",
      /not permitted/,
      "genesys"
    ],
    ["stream-names", "the name is free", {}, "ok", /^1 window with a free name$/, "genesys"],
    [
      "stream-names",
      "another has it",
      { [streams]: StubPlatform.page(StubPlatform.stream("outage")) },
      "failed",
      /exists already/,
      "genesys"
    ],
    [
      "stream-names",
      "there is no Event Streams API",
      { [streams]: refused(404) },
      "skipped",
      /without the Event Streams API/,
      "genesys"
    ],
    ["topics", "they are offered", {}, "ok", /^1 topic known/, "eventbridge"],
    [
      "topics",
      "one is not offered over EventBridge",
      { [catalogue]: { status: 200, json: { entities: [{ id: topic, transports: ["Websocket"] }] } } },
      "failed",
      /not offered over EventBridge/,
      "eventbridge"
    ],
    [
      "topics",
      "there is no such topic",
      {},
      "failed",
      /no topic v2\.nothing/,
      "eventbridge",
      { topics: ["v2.nothing"] }
    ],
    ["integration-bus", "it is the window's", {}, "ok", /^To AWS sends to 123456789012 in eu-west-1$/, "eventbridge"],
    [
      "integration-bus",
      "the window's is of another account",
      {},
      "failed",
      /outage goes to 210987654321 in eu-west-1/,
      "eventbridge",
      { destination: destination.replace("123456789012", "210987654321") }
    ],
    [
      "integration-bus",
      "the window's is of another source",
      {},
      "failed",
      /no integration of this organisation sends to/,
      "eventbridge",
      { destination: destination.replace("/cx", "/other") }
    ],
    [
      "integration-bus",
      "the organisation is a test organisation",
      {},
      "ok",
      /To AWS/,
      "eventbridge",
      { destination: destination.replace("genesys.com", "genesys.com.test") }
    ],
    [
      "integration-bus",
      "the window's is nobody's but the account's own",
      {},
      "skipped",
      /not the bus of an integration/,
      "eventbridge",
      { destination: "arn:aws:events:eu-west-1:123456789012:event-bus/own" }
    ],
    ["integration-topics", "the filter has them", {}, "ok", /every notification topic/, "eventbridge"],
    [
      "integration-topics",
      "the filter has them as a pattern",
      { [configuration]: configurationOf({ eventFilter: ["v2.detail.events.conversation.{id}.*"] }) },
      "ok",
      /every notification topic/,
      "eventbridge"
    ],
    [
      "integration-topics",
      "the filter lacks one",
      { [configuration]: configurationOf({ eventFilter: ["v2.users.{id}.presence"] }) },
      "failed",
      /^To AWS does not send v2\.detail\.events\.conversation\.\{id\}\.acd\.start \(outage\)$/,
      "eventbridge"
    ],
    ["integration-changes", "it changed long before", {}, "ok", /since 2023/, "eventbridge"],
    [
      "integration-changes",
      "it changed within the window",
      { [integrations]: integrationOf({ reportedState: { code: "ACTIVE", lastUpdated: "2024-01-15T09:30:00Z" } }) },
      "warning",
      /^To AWS changed at 2024-01-15T09:30:00Z, within outage$/,
      "eventbridge"
    ],
    [
      "integration-changes",
      "it changed as the window ended",
      { [integrations]: integrationOf({ reportedState: { code: "ACTIVE", lastUpdated: "2024-01-15T11:00:00Z" } }) },
      "ok",
      /since/,
      "eventbridge"
    ]
  ]

  it.effect.each(rows)("%s, where %s", ([check, , world, status, detail, provider, fields = {}]) =>
    Effect.gen(function* () {
      told(yield* says(check, world, yield* windowsOf(provider, fields)), status, detail)
    })
  )
})

describe("an integration beside others", () => {
  it.effect(
    "that does not send is worth a look where another one does, and nothing to windows that do not concern it",
    () =>
      Effect.gen(function* () {
        const both: World = {
          [integrations]: {
            status: 200,
            json: {
              entities: [
                { id: "i-1", name: "To AWS", intendedState: "ENABLED", reportedState: { code: "ACTIVE" } },
                { id: "i-2", name: "Old", intendedState: "DISABLED" }
              ]
            }
          },
          "/api/v2/integrations/i-2/config/current": configurationOf({ eventSourceSuffix: "old" })
        }
        told(yield* says("integration", both), "warning", /^Old is disabled/)
        told(yield* says("integration", both, yield* windowsOf("eventbridge", {})), "ok", /^To AWS is active$/)
      })
  )
})

describe("the file of the secret", () => {
  const said = (mode: number, variables: ReadonlyArray<readonly [string, string]>) =>
    Effect.map(run([GenesysHealth.secretFile]), ([first]) => first).pipe(
      Effect.provide(FileSystem.layerNoop({ stat: () => Effect.succeed(infoOf(mode)) })),
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map(variables)))
    )
  const file = ["GENESYS_CLIENT_SECRET_FILE", "/secret"] as const

  it.effect.each([
    ["ok", 0o100600, [file]],
    ["warning", 0o100640, [file]],
    ["warning", 0o100604, [file]],
    ["skipped", 0o100644, []],
    ["skipped", 0o100644, [file, ["GENESYS_CLIENT_SECRET", "x"]]]
  ] as const)("is %s with mode %o", ([status, mode, variables]) =>
    Effect.map(said(mode, variables), (found) => expect(found?.status).toBe(status))
  )
})

describe("a run against Genesys Cloud", () => {
  it.effect("only reads: but for the token, everything that is sent is a GET", () =>
    Effect.gen(function* () {
      const { asked, services } = yield* platform(good)
      const { buses, checks } = yield* GenesysHealth.make(services, yield* windowsOf("genesys", {}))
      const found = yield* run(checks)
      expect(found.filter(({ status }) => status === "skipped" || status === "failed")).toEqual([])
      const sent = (yield* asked).map(({ method, path }) => `${method} ${path}`)
      expect(new Set(sent.filter((one) => !one.startsWith("GET ")))).toEqual(new Set([`POST ${token}`]))
      expect((yield* buses).map(({ canonical }) => canonical)).toEqual([destination])
    }).pipe(Effect.scoped)
  )

  it.effect("without an OAuth client is skipped, with the variables to set", () =>
    Effect.gen(function* () {
      const problems = yield* Effect.flip(GenesysConfig.fromEnvironment())
      const { checks } = yield* GenesysHealth.make(Layer.fail(problems), [])
      const found = yield* run(checks)
      expect(new Set(found.map(({ status }) => status))).toEqual(new Set(["skipped"]))
      expect(found.find(({ check }) => check === "genesys-settings")?.remedy).toContain("GENESYS_CLIENT_ID")
    }).pipe(
      Effect.scoped,
      Effect.provide(FileSystem.layerNoop({})),
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map()))
    )
  )

  it.effect("with a configuration that is half there has failed, and asks nobody", () =>
    Effect.gen(function* () {
      const problems = new GenesysConfig.ConfigurationInvalid({ problems: ["GENESYS_CLIENT_ID is not set"] })
      const { checks } = yield* GenesysHealth.make(Layer.fail(problems), [])
      expect((yield* run(checks)).filter(({ status }) => status === "failed")).toMatchObject([
        { check: "genesys-settings", area: "local" }
      ])
    }).pipe(Effect.scoped)
  )
})
