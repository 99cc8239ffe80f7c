import { describe, expect, it } from "@effect/vitest"
import { EventBusArn, HealthCheck } from "@genesys-replay/domain"
import { CaptureRoute } from "@genesys-replay/eventbridge"
import { Sandbox } from "@genesys-replay/sandbox"
import { DateTime, Effect, Redacted, Schema } from "effect"

import { Desk, desk, put, specOf, type } from "./Desk.js"

const topic = "v2.detail.events.conversation.{id}.acd.start"

const Report = Schema.parseJson(HealthCheck.CheckReport)

/** The checks of a run by their names, and its exit code. */
const look = (args: ReadonlyArray<string> = [], env: Record<string, string | undefined> = {}) =>
  Effect.gen(function* () {
    const { code, err, out } = yield* type(["doctor", ...args, "--json"], { env })
    expect(err).toBe("")
    const { checks } = yield* Schema.decode(Report)(out)
    const found = Object.fromEntries(checks.map((check) => [check.check, check]))
    const statuses = Object.fromEntries(checks.map(({ check, status }) => [check, status]))
    return { code, found, statuses }
  })

/** An archive of the last four hours of the organization's bus, a rule that delivers replayed events into a queue, and a spec for an hour of it. */
const replayable = Effect.gen(function* () {
  const { aws, url } = yield* Sandbox.Sandbox
  const now = yield* DateTime.now
  const hours = (count: number) => DateTime.subtract(now, { hours: count })
  const { busArn } = yield* aws.genesysHistory({ archive: "cx", topics: [topic], from: hours(4), until: now })
  const bus = yield* Schema.decode(EventBusArn.FromString)(busArn)
  const credentials = { accessKeyId: aws.accessKeyId, secretAccessKey: Redacted.value(aws.secretAccessKey) }
  const { rule } = yield* CaptureRoute.make({ bus, name: "to-warehouse" }).pipe(
    Effect.provide(CaptureRoute.RouteClient.layerOf({ endpoint: url, region: aws.region, credentials }))
  )
  const text = (instant: DateTime.Utc) => DateTime.formatIso(instant).replace(/\.\d+/, "")
  yield* put(
    "archive.yaml",
    [
      "provider: eventbridge",
      `defaults: {destination: "${busArn}", archive: cx, rules: ["${rule}"]}`,
      "windows:",
      `  - {name: outage, topics: ["${topic}"], start: "${text(hours(2))}", end: "${text(hours(1))}"}`,
      ""
    ].join("\n")
  )
})

describe("genesys-replay doctor", () => {
  it.live("finds nothing wrong where everything is as it should be, and changes nothing anywhere", () =>
    Effect.gen(function* () {
      yield* replayable
      const { requests } = yield* Sandbox.Sandbox
      const before = (yield* requests.entries).length
      const { code, found, statuses } = yield* look(["archive.yaml"])
      expect([code, statuses]).toEqual([
        0,
        {
          state: "ok",
          spec: "ok",
          "secret-file": "skipped",
          "genesys-settings": "ok",
          "aws-settings": "ok",
          "genesys-token": "ok",
          "genesys-scopes": "ok",
          "genesys-clock": "ok",
          organization: "ok",
          "event-streams": "ok",
          "stream-names": "skipped",
          topics: "ok",
          integration: "ok",
          "integration-bus": "ok",
          "integration-topics": "ok",
          "integration-changes": "ok",
          analytics: "ok",
          "aws-credentials": "ok",
          "aws-clock": "ok",
          "event-source": "ok",
          "event-bus": "ok",
          rules: "ok",
          "rule-targets": "ok",
          "dead-letter-queues": "warning",
          queues: "ok",
          archive: "ok",
          "replay-names": "ok",
          "replay-places": "ok"
        }
      ])
      expect(Object.values(found).filter(({ remedy, status }) => status === "warning" && remedy === null)).toEqual([])

      const sent = (yield* requests.entries).slice(before).map(({ method, path }) => `${method} ${path}`)
      const reading = /^(?:GET \/api\/|POST \/oauth\/token$|POST (?:AWSEvents|AmazonSQS)\.(?:Describe|List|Get))/
      expect(sent.length).toBeGreaterThan(12)
      expect(sent.filter((one) => !reading.test(one))).toEqual([])
    }).pipe(Effect.provide(desk()))
  )

  it.live("tells it in a table of 80 columns, by whom it asks, with what to do below what is not as it should be", () =>
    Effect.gen(function* () {
      const { code, err, out } = yield* type(["doctor"], {})
      expect([code, err]).toEqual([3, ""])
      const lines = out.split("\n")
      expect(lines.filter((line) => line.length > 80)).toEqual([])
      expect(lines.filter((line) => /^[A-Z ]+$/.test(line))).toEqual(["THIS MACHINE", "GENESYS CLOUD", "AWS"])
      // The integration is there, and nobody has associated its event source with a bus.
      expect(out).toMatch(/^failed {3}event-source {9}no event bus is associated with$/m)
      expect(out).toMatch(/^ {30}next: Associate it with an event bus/m)
      expect(out).toMatch(/^skipped {2}rules {16}not asked without an event bus$/m)
      expect(out).toMatch(/^27 checks: \d+ ok, .* failed, \d+ skipped. Nothing was\nchanged$|Nothing was changed$/m)
    }).pipe(Effect.provide(desk()))
  )

  it.live("says of an organisation without the Event Streams API what to use instead, and so does apply", () =>
    Effect.gen(function* () {
      yield* put("streams.yaml", yield* specOf(["outage"]))
      const { code, found } = yield* look(["streams.yaml"])
      expect([code, found["event-streams"]]).toMatchObject([
        3,
        {
          status: "failed",
          detail: expect.stringContaining("no Event Streams API"),
          remedy: expect.stringContaining("provider: eventbridge")
        }
      ])
      expect(found["stream-names"]).toMatchObject({ status: "skipped" })

      const applied = yield* type(["apply", "streams.yaml"])
      expect([applied.code, applied.err]).toEqual([
        4,
        expect.stringContaining("this organisation has no Event Streams API")
      ])
      expect(applied.err).toMatch(/^next: Use provider: eventbridge/m)
    }).pipe(Effect.provide(desk({ eventStreams: false })))
  )

  it.live("finds what is wrong with the integration, the permissions and the windows", () =>
    Effect.gen(function* () {
      yield* replayable
      const { directory } = yield* Desk
      yield* put("state.db", "this is no database of ours, and long enough to be read as one")
      const { code, found } = yield* look(["archive.yaml"], {
        GENESYS_REPLAY_DATABASE_URL: `file:${directory}/state.db`
      })
      const said = (name: string) => [found[name]?.status, found[name]?.detail]
      expect(code).toBe(3)
      expect(said("integration")).toEqual(["failed", expect.stringContaining("is enabled and ERROR")])
      expect(said("integration-topics")).toEqual(["failed", expect.stringContaining(`does not send ${topic}`)])
      expect(said("integration-bus")).toEqual(["failed", expect.stringContaining("sends to 210987654321")])
      expect(said("analytics")).toEqual(["warning", expect.stringContaining("not permitted (403)")])
      expect(said("state")).toEqual(["failed", expect.stringContaining("state.db cannot be read")])
    }).pipe(
      Effect.provide(
        desk({
          integration: {
            reportedState: "ERROR",
            eventFilter: ["v2.users.{id}.presence"],
            awsAccountId: "210987654321"
          },
          missingPermissions: ["analytics:conversationDetail:view"]
        })
      )
    )
  )

  it.live("says of credentials that are refused, and of a spec that is none, so, and looks at everything else", () =>
    Effect.gen(function* () {
      yield* put("wrong.yaml", "windows:\n  - {name: a, topics: [nonsense], start: -1h}\n")
      const { code, found, statuses } = yield* look(["wrong.yaml"], { GENESYS_CLIENT_SECRET: "wrong" })
      expect([code, found["spec"]]).toMatchObject([
        3,
        { status: "failed", detail: expect.stringContaining("wrong.yaml:2:"), remedy: expect.any(String) }
      ])
      expect(found["genesys-token"]).toMatchObject({
        status: "failed",
        remedy: expect.stringContaining("GENESYS_CLIENT_ID")
      })
      expect(found["organization"]).toMatchObject({ status: "skipped", detail: "not asked without a token" })
      expect(statuses["aws-credentials"]).toBe("ok")
      expect(found["event-bus"]).toMatchObject({ status: "skipped" })
    }).pipe(Effect.provide(desk()))
  )

  it.live("ends with 5 where nobody could be asked: no credentials, or nobody there", () =>
    Effect.gen(function* () {
      const nothing = { GENESYS_CLIENT_ID: undefined, GENESYS_CLIENT_SECRET: undefined, AWS_ACCESS_KEY_ID: undefined }
      const without = yield* look([], { ...nothing, AWS_EC2_METADATA_DISABLED: "true" })
      expect(without.code).toBe(5)
      expect(without.found["genesys-settings"]).toMatchObject({
        status: "skipped",
        remedy: expect.stringContaining("GENESYS_CLIENT_ID")
      })
      expect(without.found["aws-credentials"]).toMatchObject({
        status: "skipped",
        remedy: expect.stringContaining("AWS_PROFILE")
      })

      const url = "http://127.0.0.1:1"
      const gone = yield* look([], { GENESYS_ENV_URL: url, GENESYS_LOGIN_URL: url, AWS_ENDPOINT_URL: url })
      expect([gone.code, gone.statuses]).toMatchObject([5, { "genesys-token": "failed", "aws-credentials": "failed" }])
    }).pipe(Effect.provide(desk()))
  )
})
