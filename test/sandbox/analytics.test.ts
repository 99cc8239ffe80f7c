import { describe, expect, it } from "@effect/vitest"
import { ConversationRecord, Sandbox, type Settings, World } from "@genesys-replay/sandbox"
import { Duration, Effect, Schema, TestClock } from "effect"
import { call, field, login } from "./Call.js"

const details = "/api/v2/analytics/conversations/details"
const day = Duration.toMillis("1 day")
const hour = day / 24

/** Noon of a day, in epoch milliseconds: the clock in all of these tests. */
const noon = Date.UTC(2024, 0, 15, 12)
const midnight = noon - day / 2

const sandbox = (options: Settings.Options = {}) =>
  Sandbox.layer({ seed: "analytics", world: { conversationsPerHour: 20 }, ...options })

const iso = (millis: number) => new Date(millis).toISOString()
const interval = (from: number, until: number) => `${iso(from)}/${iso(until)}`

/** A token, at noon. */
const atNoon = Effect.zipRight(TestClock.setTime(noon), login)

const conversationsIn = (json: unknown) =>
  Schema.decodeUnknownSync(
    Schema.Struct({
      conversations: Schema.optionalWith(
        Schema.Array(Schema.Struct({ conversationId: Schema.String }, { key: Schema.String, value: Schema.Unknown })),
        { default: () => [] }
      )
    })
  )(json).conversations

const query = (token: string, from: number, until: number, more: object = {}) =>
  call("POST", `${details}/query`, token, { interval: interval(from, until), ...more })

/** Submits a job, waits, and answers its id. */
const job = (token: string, from: number, until: number) =>
  Effect.gen(function* () {
    const submitted = yield* call("POST", `${details}/jobs`, token, { interval: interval(from, until) })
    expect(submitted.status).toBe(202)
    yield* TestClock.adjust(Duration.seconds(1))
    return String(field(submitted.json, "jobId"))
  })

/** All pages of a job's results. */
const read = (token: string, id: string, pageSize = 50) =>
  Effect.gen(function* () {
    const all: Array<ReturnType<typeof conversationsIn>[number]> = []
    let cursor = ""
    for (;;) {
      const page = yield* call("GET", `${details}/jobs/${id}/results?pageSize=${pageSize}${cursor}`, token)
      expect(page.status).toBe(200)
      all.push(...conversationsIn(page.json))
      const next = field(page.json, "cursor")
      if (next === undefined) return all
      cursor = `&cursor=${String(next)}`
    }
  })

describe("A query of conversation details", () => {
  it.scoped("gives what was active in the interval and began on a day that it touches, page by page, as of now", () =>
    Effect.gen(function* () {
      const token = yield* atNoon
      const { world } = yield* Sandbox.Sandbox
      const expected = World.active(world, { from: noon - 2 * hour, until: noon }).filter(
        ({ startedAt }) => startedAt >= midnight
      )
      const pages = yield* Effect.forEach([1, 2, 3], (pageNumber) =>
        query(token, noon - 2 * hour, noon, { paging: { pageNumber, pageSize: 30 } })
      )
      expect(expected.length).toBeGreaterThan(30)
      expect(expected.length).toBeLessThan(90)
      expect(pages.map(({ json }) => field(json, "totalHits"))).toEqual([1, 2, 3].map(() => expected.length))
      expect(pages.flatMap(({ json }) => conversationsIn(json))).toEqual(
        JSON.parse(JSON.stringify(expected.map((one) => ConversationRecord.make(one, { asOf: noon }))))
      )
      const descending = yield* query(token, noon - 2 * hour, noon, {
        order: "desc",
        orderBy: "conversationStart",
        paging: { pageNumber: 1, pageSize: 5 }
      })
      expect(conversationsIn(descending.json).map(({ conversationId }) => conversationId)).toEqual(
        expected
          .slice(-5)
          .map(({ id }) => id)
          .reverse()
      )
      // Where there is nothing, there is no list.
      expect((yield* query(token, noon + hour, noon + 2 * hour)).json).toEqual({ totalHits: 0 })
    }).pipe(Effect.provide(sandbox()))
  )

  it.scoped("is refused past its limits: seven days, a hundred a page, a hundred thousand in all", () =>
    Effect.gen(function* () {
      const token = yield* atNoon
      expect((yield* query(token, noon - 7 * day, noon, { paging: { pageNumber: 1_000, pageSize: 100 } })).status).toBe(
        200
      )
      for (const [from, more] of [
        [noon - 7 * day - 1, {}],
        [noon - day, { paging: { pageNumber: 1, pageSize: 101 } }],
        [noon - day, { paging: { pageNumber: 1_001, pageSize: 100 } }],
        [noon - day, { paging: { pageNumber: 0, pageSize: 100 } }],
        [noon + 1, {}]
      ] as const) {
        expect((yield* query(token, from, noon, more)).json).toMatchObject({ status: 400, code: "bad.request" })
      }
    }).pipe(Effect.provide(sandbox({ world: { conversationsPerHour: 1 } })))
  )
})

describe("A job for conversation details", () => {
  it.scoped("goes from QUEUED over PENDING to FULFILLED on the Clock, is read by cursor, expires, and is deleted", () =>
    Effect.gen(function* () {
      const token = yield* atNoon
      const submitted = yield* call("POST", `${details}/jobs`, token, { interval: interval(midnight - day, midnight) })
      const id = String(field(submitted.json, "jobId"))
      const state = Effect.map(call("GET", `${details}/jobs/${id}`, token), ({ json }) => field(json, "state"))
      const results = call("GET", `${details}/jobs/${id}/results`, token)
      expect(yield* state).toBe("QUEUED")
      expect((yield* results).status).toBe(400)
      yield* TestClock.adjust(Duration.millis(250))
      expect(yield* state).toBe("PENDING")
      yield* TestClock.adjust(Duration.millis(250))
      expect(yield* state).toBe("FULFILLED")
      const { world } = yield* Sandbox.Sandbox
      const active = World.active(world, { from: midnight - day, until: midnight })
      expect((yield* read(token, id)).map(({ conversationId }) => conversationId)).toEqual(active.map((one) => one.id))
      expect((yield* call("GET", `${details}/jobs/${id}/results?cursor=nonsense`, token)).status).toBe(400)
      yield* TestClock.adjust(Duration.minutes(30))
      expect(yield* state).toBe("EXPIRED")
      expect((yield* results).json).toMatchObject({ status: 400, message: expect.stringContaining("EXPIRED") })
      expect((yield* call("DELETE", `${details}/jobs/${id}`, token)).status).toBe(204)
      for (const path of [id, `${id}/results`]) {
        expect((yield* call("GET", `${details}/jobs/${path}`, token)).status).toBe(404)
      }
      expect((yield* call("DELETE", `${details}/jobs/${id}`, token)).status).toBe(404)
    }).pipe(Effect.provide(sandbox()))
  )

  it.scoped("knows what is available only: what was going on then is open in it", () =>
    Effect.gen(function* () {
      const token = yield* atNoon
      const available = noon - 6 * hour
      expect((yield* call("GET", `${details}/jobs/availability`, token)).json).toEqual({
        dataAvailabilityDate: iso(available)
      })
      const id = yield* job(token, midnight, noon)
      const page = yield* call("GET", `${details}/jobs/${id}/results`, token)
      expect(field(page.json, "dataAvailabilityDate")).toBe(iso(available))
      const found = conversationsIn(page.json)
      expect(found.every((one) => String(one["conversationStart"]) <= iso(available))).toBe(true)
      expect(found.some((one) => one["conversationEnd"] === undefined)).toBe(true)
      expect(found.every((one) => String(one["conversationEnd"] ?? "") <= iso(available))).toBe(true)
    }).pipe(Effect.provide(sandbox({ records: { availabilityLag: Duration.hours(6) } })))
  )

  it.scoped("fails and expires where it is told to, so many times", () =>
    Effect.gen(function* () {
      const { faults } = yield* Sandbox.Sandbox
      const token = yield* atNoon
      yield* faults.set({ records: { failedJobs: 1, expiredJobs: 1 } })
      const ids = yield* Effect.replicateEffect(job(token, midnight - day, midnight), 3)
      const states = Effect.forEach(ids, (id) =>
        Effect.map(call("GET", `${details}/jobs/${id}`, token), ({ json }) => field(json, "state"))
      )
      expect(yield* states).toEqual(["FAILED", "FULFILLED", "FULFILLED"])
      for (const id of ids.slice(1)) yield* call("GET", `${details}/jobs/${id}/results?pageSize=10`, token)
      expect(yield* states).toEqual(["FAILED", "EXPIRED", "FULFILLED"])
    }).pipe(Effect.provide(sandbox()))
  )

  it.scoped("has preliminary records until the nightly run, two to three days later, and then whole ones", () =>
    Effect.gen(function* () {
      const token = yield* atNoon
      const { faults, world } = yield* Sandbox.Sandbox
      yield* faults.set({ records: { preliminary: 0.5 } })
      const whole = (versions: ReadonlyArray<unknown>) => {
        const right = new Set(
          World.active(world, { from: midnight - day, until: midnight }).map((one) =>
            JSON.stringify(ConversationRecord.make(one))
          )
        )
        return versions.filter((one) => right.has(JSON.stringify(one))).length
      }
      const early = yield* Effect.flatMap(job(token, midnight - day, midnight), (id) => read(token, id))
      expect(whole(early)).toBeGreaterThan(early.length * 0.4)
      expect(whole(early)).toBeLessThan(early.length * 0.95)
      yield* TestClock.adjust(Duration.days(7))
      const late = yield* Effect.flatMap(job(yield* login, midnight - day, midnight), (id) => read(token, id))
      expect(whole(late)).toBe(late.length)
    }).pipe(Effect.provide(sandbox({ tokenLifetime: Duration.days(30) })))
  )
})

describe("Audits", () => {
  const audits = "/api/v2/audits/query"
  it.scoped("are queried, watched and read by cursor: one record for each event, with its id", () =>
    Effect.gen(function* () {
      const token = yield* atNoon
      const { world } = yield* Sandbox.Sandbox
      const asked = yield* call("POST", audits, token, { interval: interval(midnight, noon) })
      expect(asked.json).toEqual({ id: expect.any(String), state: "Queued" })
      const path = `${audits}/${String(field(asked.json, "id"))}`
      expect((yield* call("GET", `${path}/results`, token)).status).toBe(400)
      yield* TestClock.adjust(Duration.seconds(1))
      expect(field((yield* call("GET", path, token)).json, "state")).toBe("Succeeded")
      const first = yield* call("GET", `${path}/results?pageSize=100`, token)
      const second = yield* call(
        "GET",
        `${path}/results?pageSize=100&cursor=${String(field(first.json, "cursor"))}`,
        token
      )
      const ids = [first, second].flatMap(({ json }) =>
        Schema.decodeUnknownSync(
          Schema.Struct({ entities: Schema.Array(Schema.Struct({ id: Schema.String, eventDate: Schema.String })) })
        )(json).entities.map(({ id }) => id)
      )
      expect(field(second.json, "cursor")).toBe(undefined)
      expect(new Set(ids).size).toBe(12 * 12)
      const sent = [...World.events(world, { from: midnight, until: noon + 2_000 })].flatMap(({ eventBody, topic }) =>
        topic.startsWith("v2.audits.") ? [eventBody["id"]] : []
      )
      expect(ids.filter((id) => !sent.includes(id))).toEqual([])
      expect((yield* call("GET", `${audits}/nobody`, token)).status).toBe(404)
      expect((yield* call("POST", audits, token, { interval: interval(noon - 7 * day - 1, noon) })).status).toBe(400)
    }).pipe(Effect.provide(sandbox()))
  )
})

describe("The organization and its integration", () => {
  const integrations = "/api/v2/integrations"
  it.scoped("tell where events go to, and which", () =>
    Effect.gen(function* () {
      const token = yield* atNoon
      const { aws, world } = yield* Sandbox.Sandbox
      const me = yield* call("GET", "/api/v2/organizations/me", token)
      expect(me.json).toMatchObject({ id: world.organization.id })
      const listed = yield* call("GET", `${integrations}?integrationType=amazon-eventbridge-source`, token)
      expect(listed.json).toMatchObject({
        entities: [{ name: "Amazon EventBridge", intendedState: "ENABLED", reportedState: { code: "ACTIVE" } }],
        total: 1
      })
      expect((yield* call("GET", `${integrations}?integrationType=other`, token)).json).toMatchObject({ entities: [] })
      const id = String(field(listed.json, "entities", 0, "id"))
      const config = yield* call("GET", `${integrations}/${id}/config/current`, token)
      expect(field(config.json, "properties")).toMatchObject({
        eventSourceSuffix: "sandbox",
        awsAccountId: aws.account,
        awsAccountRegion: aws.region,
        eventFilter: expect.arrayContaining(["v2.detail.events.conversation.{id}.acd.start"])
      })
      expect((yield* call("GET", `${integrations}/nobody/config/current`, token)).status).toBe(404)
    }).pipe(Effect.provide(sandbox()))
  )

  it.scoped("are as they are set up: switched off, or not there", () =>
    Effect.gen(function* () {
      const off = {
        intendedState: "DISABLED",
        reportedState: "INACTIVE",
        eventFilter: ["v2.users.{id}.presence"]
      } as const
      const states = (integration: NonNullable<Settings.Options["integration"]>) =>
        Effect.provide(
          Effect.flatMap(atNoon, (token) => call("GET", integrations, token)),
          sandbox({ integration })
        )
      expect((yield* states(off)).json).toMatchObject({
        entities: [{ intendedState: "DISABLED", reportedState: { code: "INACTIVE" } }]
      })
      expect((yield* states({ isThere: false })).json).toMatchObject({ entities: [], total: 0 })
    })
  )
})

describe("Permissions", () => {
  it.scoped("that are missing are answered 403 by name; what needs others is answered", () =>
    Effect.gen(function* () {
      const token = yield* atNoon
      const refused = yield* query(token, midnight, noon)
      expect(refused.json).toMatchObject({
        status: 403,
        code: "missing.permissions",
        message: expect.stringContaining("analytics:conversationDetail:view")
      })
      expect((yield* call("GET", `${details}/jobs/availability`, token)).status).toBe(403)
      expect((yield* call("GET", "/api/v2/integrations", token)).status).toBe(403)
      expect((yield* call("GET", "/api/v2/eventstreams", token)).status).toBe(200)
      expect((yield* call("GET", "/api/v2/organizations/me", token)).status).toBe(200)
    }).pipe(
      Effect.provide(
        sandbox({ missingPermissions: ["analytics:conversationDetail:view", "integrations:integration:view"] })
      )
    )
  )

  it.scoped("are not asked for where the organization has no such API: most have no Event Streams", () =>
    Effect.gen(function* () {
      const token = yield* atNoon
      expect((yield* call("GET", "/api/v2/eventstreams", token)).json).toMatchObject({ status: 404, code: "not.found" })
      expect((yield* call("POST", "/api/v2/eventstreams", token, {})).status).toBe(404)
    }).pipe(Effect.provide(sandbox({ eventStreams: false })))
  )

  it.scoped("and limits, and every fault stand before records as before everything else", () =>
    Effect.gen(function* () {
      const token = yield* atNoon
      const { faults } = yield* Sandbox.Sandbox
      expect((yield* call("POST", `${details}/query`, undefined, {})).status).toBe(401)
      yield* faults.next({ kind: "rateLimited", path: `${details}/*` }, { kind: "serverError", path: `${details}/*` })
      expect([(yield* query(token, midnight, noon)).status, (yield* query(token, midnight, noon)).status]).toEqual([
        429, 503
      ])
      yield* faults.next({ kind: "forbidden", path: `${details}/*` })
      expect((yield* query(token, midnight, noon)).json).toMatchObject({
        status: 403,
        message: expect.stringContaining("analytics:conversationDetail:view")
      })
    }).pipe(Effect.provide(sandbox()))
  )
})
