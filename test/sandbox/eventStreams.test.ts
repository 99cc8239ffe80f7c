import { describe, expect, it } from "@effect/vitest"
import { Sandbox } from "@genesys-replay/sandbox"
import { Duration, Effect, HashMap, Option, TestClock } from "effect"
import { call, field, login, payload, streams } from "./Call.js"

const with_ = (path: ReadonlyArray<string>, value: unknown, document: unknown = payload("window")): unknown => {
  const [key, ...rest] = path
  if (key === undefined) return value
  const fields = typeof document === "object" && document !== null ? document : {}
  return { ...fields, [key]: with_(rest, value, field(fields, key)) }
}

const without = (path: ReadonlyArray<string>): unknown => JSON.parse(JSON.stringify(with_(path, undefined)))

const topics = ["filters", "topics"]
const start = ["replayConfig", "startDate"]
const config = ["destination", "eventBridgeConfig"]

describe("POST /api/v2/eventstreams", () => {
  it.scoped("answers the payload with id, selfUri, dateCreated and a pending replay", () =>
    Effect.gen(function* () {
      const token = yield* login
      const answer = yield* call("POST", streams, token, payload("window"))
      expect(answer.status).toBe(201)
      const id = field(answer.json, "id")
      expect(answer.json).toEqual({
        ...payload("window"),
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
        selfUri: `${streams}/${id}`,
        dateCreated: "1970-01-01T00:00:00Z",
        replay: { state: "PENDING" }
      })
      expect((yield* call("GET", `${streams}/${id}`, token)).json).toEqual(answer.json)
    }).pipe(Effect.provide(Sandbox.layer({ seed: 1 })))
  )

  it.scoped.each([
    ["an unknown key", with_(["colour"], "red"), "colour"],
    ["an unknown key further in", with_([...config, "bus"], "x"), "destination.eventBridgeConfig.bus"],
    ["no name", without(["name"]), "name"],
    ["an empty name", with_(["name"], ""), "name"],
    ["a name with a slash", with_(["name"], "a/b"), "name"],
    ["a name of 129 characters", with_(["name"], "a".repeat(129)), "name"],
    ["no description", without(["description"]), "description"],
    ["an enabled that is text", with_(["enabled"], "true"), "enabled"],
    ["a retention of 0 days", with_(["retentionDays"], 0), "retentionDays"],
    ["a retention of 91 days", with_(["retentionDays"], 91), "retentionDays"],
    ["a retention of half a day", with_(["retentionDays"], 0.5), "retentionDays"],
    ["a retention in text", with_(["retentionDays"], "60"), "retentionDays"],
    ["another destination", with_(["destination", "type"], "kafka"), "destination.type"],
    [
      "an ARN of another service",
      with_([...config, "arn"], "arn:aws:sqs:us-east-1:123456789012:x"),
      "destination.eventBridgeConfig.arn"
    ],
    [
      "an account of 11 digits",
      with_([...config, "arn"], "arn:aws:events:us-east-1:12345678901:event-bus/x"),
      "destination.eventBridgeConfig.arn"
    ],
    ["a role that is no role", with_([...config, "roleArn"], "admin"), "destination.eventBridgeConfig.roleArn"],
    ["no region", with_([...config, "region"], ""), "destination.eventBridgeConfig.region"],
    ["no topics", with_(topics, []), "filters.topics[0]"],
    ["a topic in capitals", with_(topics, ["genesys.Conversations.message"]), "filters.topics[0]"],
    ["a topic of one segment", with_(topics, ["genesys.conversations"]), "filters.topics[0]"],
    ["a topic that the catalogue does not have", with_(topics, ["genesys.conversations.mesage"]), "filters.topics[0]"],
    [
      "a topic that is mistyped",
      with_(topics, ["v2.users.{id}.presence", "v2.detail.events.conversation.{id}.acd.ned"]),
      "filters.topics[1]"
    ],
    [
      "a topic that is not offered over EventBridge",
      with_(topics, ["v2.users.{id}.conversations"]),
      "filters.topics[0]"
    ],
    ["a topic twice", with_(topics, ["v2.users.{id}.presence", "v2.users.{id}.presence"]), "filters.topics[1]"],
    ["a start without a zone", with_(start, "2024-01-15T08:00:00"), "replayConfig.startDate"],
    ["a start in another zone than UTC", with_(start, "2024-01-15T08:00:00+01:00"), "replayConfig.startDate"],
    ["a start that is not in the calendar", with_(start, "2024-02-30T08:00:00Z"), "replayConfig.startDate"],
    ["another trigger", with_(["replayConfig", "sequenceIndexTrigger"], "manual"), "replayConfig.sequenceIndexTrigger"],
    ["a list", [payload("window")], ""],
    ["what is not JSON", "{", ""],
    ["nothing", "", ""]
  ] as const)("refuses %s and names the field", ([_, body, fieldName]) =>
    Effect.gen(function* () {
      const answer = yield* call("POST", streams, yield* login, body)
      expect(answer.status).toBe(400)
      expect(answer.json).toMatchObject({
        code: "bad.request",
        status: 400,
        contextId: answer.headers["inin-correlation-id"],
        details: expect.arrayContaining([{ errorCode: "invalid.value", fieldName, message: expect.any(String) }]),
        errors: []
      })
      expect(yield* (yield* Sandbox.Sandbox).streams).toEqual([])
    }).pipe(Effect.provide(Sandbox.layer()))
  )

  it.scoped("names every wrong field at once", () =>
    Effect.gen(function* () {
      const body = with_(["retentionDays"], 91, with_(topics, ["nonsense"]))
      const answer = yield* call("POST", streams, yield* login, body)
      expect(field(answer.json, "details")).toMatchObject([
        { fieldName: "retentionDays" },
        { fieldName: "filters.topics[0]" }
      ])
    }).pipe(Effect.provide(Sandbox.layer()))
  )

  it.scoped.each([
    [
      "an event bus of a partner",
      with_(
        [...config, "arn"],
        "arn:aws-us-gov:eventbridge:us-gov-west-1:123456789012:event-bus/aws.partner/genesys.com/cloud/a-b/c_d"
      )
    ],
    ["a role", with_([...config, "roleArn"], "arn:aws:iam::123456789012:role/service/genesys")],
    ["notification topics", with_(topics, ["v2.users.{id}.presence", "v2.users.*.activity", "v2.operations.events"])],
    ["milliseconds", with_(start, "2024-01-15T08:00:00.250Z")],
    ["the longest retention", with_(["retentionDays"], 90)]
  ] as const)("accepts %s", ([_, body]) =>
    Effect.gen(function* () {
      expect((yield* call("POST", streams, yield* login, body)).status).toBe(201)
    }).pipe(Effect.provide(Sandbox.layer()))
  )

  it.scoped("refuses a name that is taken, until its stream is deleted", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const token = yield* login
      const first = yield* call("POST", streams, token, payload("window"))
      const second = yield* call("POST", streams, token, payload("window"))
      expect(second.status).toBe(409)
      expect(second.json).toMatchObject({ status: 409, details: [{ fieldName: "name" }] })
      yield* call("DELETE", `${streams}/${field(first.json, "id")}`, token)
      const third = yield* call("POST", streams, token, payload("window"))
      expect(third.status).toBe(201)
      expect(field(third.json, "id")).not.toBe(field(first.json, "id"))
      expect(HashMap.get(yield* sandbox.submissions, "window")).toEqual(Option.some({ created: 2, conflicts: 1 }))
    }).pipe(Effect.provide(Sandbox.layer()))
  )

  it.scoped("makes one stream of a hundred submissions of one name at once", () =>
    Effect.gen(function* () {
      const token = yield* login
      const answers = yield* Effect.forEach(
        Array.from({ length: 100 }),
        () => call("POST", streams, token, payload("window")),
        {
          concurrency: "unbounded"
        }
      )
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
      expect(answers.filter(({ status }) => status === 409)).toHaveLength(99)
    }).pipe(Effect.provide(Sandbox.layer()))
  )
})

describe("GET and DELETE /api/v2/eventstreams", () => {
  it.scoped("pages, oldest first, and finds by exact name", () =>
    Effect.gen(function* () {
      const token = yield* login
      for (let index = 1; index <= 7; index++) yield* call("POST", streams, token, payload(`window-${index}`))
      const names = (json: unknown) => {
        const entities = field(json, "entities")
        return Array.isArray(entities) ? entities.map((entity: unknown) => field(entity, "name")) : undefined
      }
      const second = yield* call("GET", `${streams}?pageNumber=2&pageSize=3`, token)
      expect(names(second.json)).toEqual(["window-4", "window-5", "window-6"])
      expect(second.json).toMatchObject({ pageNumber: 2, pageSize: 3, pageCount: 3, total: 7 })
      expect(names((yield* call("GET", `${streams}?pageNumber=4&pageSize=3`, token)).json)).toEqual([])
      const all = yield* call("GET", streams, token)
      expect(all.json).toMatchObject({ pageNumber: 1, pageSize: 25, pageCount: 1, total: 7 })
      expect(names((yield* call("GET", `${streams}?name=window-3`, token)).json)).toEqual(["window-3"])
      expect((yield* call("GET", `${streams}?name=window`, token)).json).toMatchObject({
        entities: [],
        pageCount: 0,
        total: 0
      })
    }).pipe(Effect.provide(Sandbox.layer()))
  )

  it.scoped.each(["pageNumber=0", "pageNumber=x", "pageSize=0", "pageSize=101", "pageSize=1.5"])(
    "refuses %s",
    (query) =>
      Effect.gen(function* () {
        const answer = yield* call("GET", `${streams}?${query}`, yield* login)
        expect(answer.status).toBe(400)
        expect(field(answer.json, "details", 0, "fieldName")).toBe(query.split("=")[0])
      }).pipe(Effect.provide(Sandbox.layer()))
  )

  it.scoped("knows nothing of ids and paths that are not there", () =>
    Effect.gen(function* () {
      const token = yield* login
      for (const [method, path] of [
        ["GET", `${streams}/nobody`],
        ["DELETE", `${streams}/nobody`],
        ["GET", "/api/v2/users"]
      ] as const) {
        const answer = yield* call(method, path, token)
        expect(answer.json).toMatchObject({ status: 404, code: "not.found", details: [], errors: [] })
      }
    }).pipe(Effect.provide(Sandbox.layer()))
  )

  it.scoped("deletes: 204, then 404, and the replay has stopped", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const token = yield* login
      const created = yield* call("POST", streams, token, payload("window"))
      const path = `${streams}/${field(created.json, "id")}`
      yield* TestClock.adjust(Duration.millis(600))
      const deleted = yield* call("DELETE", path, token)
      expect([deleted.status, deleted.text]).toEqual([204, ""])
      expect((yield* call("GET", path, token)).status).toBe(404)
      expect((yield* call("DELETE", path, token)).status).toBe(404)
      const [record] = yield* sandbox.streams
      expect(record?.deleted).toBe(true)
      expect(Option.getOrThrow(record?.replay ?? Option.none()).state).toBe("CANCELLED")
      yield* TestClock.adjust(Duration.minutes(1))
      expect(yield* sandbox.streams).toEqual([record])
    }).pipe(Effect.provide(Sandbox.layer()))
  )
})

describe("the topic catalogue", () => {
  it.scoped("tells what it is asked for", () =>
    Effect.gen(function* () {
      const token = yield* login
      const path = "/api/v2/notifications/availabletopics"
      const first = (json: unknown) => field(json, "entities", 0)
      expect(first((yield* call("GET", path, token)).json)).toEqual({ id: "v2.users.{id}.presence" })
      expect(first((yield* call("GET", `${path}?expand=transports,description`, token)).json)).toEqual({
        id: "v2.users.{id}.presence",
        description: expect.any(String),
        transports: expect.arrayContaining(["EventBridge"])
      })
      expect((yield* call("GET", path, undefined)).status).toBe(401)
    }).pipe(Effect.provide(Sandbox.layer()))
  )
})
