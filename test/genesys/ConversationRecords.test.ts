import { describe, expect, it } from "@effect/vitest"
import { AuditRecords, ConversationRecords } from "@genesys-replay/genesys"
import { StubHttpClient, StubPlatform } from "@genesys-replay/genesys/testing"
import { Chunk, DateTime, Duration, Effect, Exit, Fiber, Layer, Stream } from "effect"
import * as IdleClock from "./IdleClock.js"
import * as Analytics from "./StubAnalytics.js"
import { hour } from "./StubAnalytics.js"

/** Ten days after the first one. */
const now = DateTime.toEpochMillis(hour(240))

const stay = (id: string, from: number, to: number): Analytics.Stay => ({ id, from, to })

interface Found {
  readonly conversationId: string
  readonly version: string
}

const isFound = (record: unknown): record is Found => typeof record === "object" && record !== null

/** The window from one hour to another, and what was asked for it. */
const ask = (
  behaviour: Analytics.Behaviour,
  from: number,
  to: number,
  more: Partial<ConversationRecords.Options> = {}
) =>
  Effect.gen(function* () {
    const stub = yield* StubPlatform.make(Analytics.script(behaviour))
    const exit = yield* ConversationRecords.ConversationRecords.pipe(
      Effect.flatMap(({ stream }) => Stream.runCollect(stream({ start: hour(from), end: hour(to), ...more }))),
      Effect.provide(Layer.provide(ConversationRecords.ConversationRecords.layer, stub.layer)),
      Effect.exit
    )
    const asked = (yield* stub.asked).map(({ body, method, path }) => {
      const short = path.replace("/api/v2/analytics/conversations/details/", "")
      return `${method} ${short}${body === "" ? "" : ` ${JSON.parse(body).interval}`}`
    })
    return { exit, asked }
  }).pipe(Effect.withClock(IdleClock.make(now)))

const found = (exit: Exit.Exit<Chunk.Chunk<unknown>, unknown>) =>
  Chunk.toReadonlyArray(Exit.getOrElse(exit, () => Chunk.empty<unknown>()))
    .filter(isFound)
    .map(({ conversationId, version }) => `${conversationId} ${version}`)
    .sort()

const failure = (exit: Exit.Exit<unknown, unknown>) => {
  const error = Exit.isFailure(exit) && exit.cause._tag === "Fail" ? exit.cause.error : undefined
  return error instanceof Error && "_tag" in error ? { tag: error._tag, message: error.message } : undefined
}

describe("the records of a window", () => {
  it.effect("that the data lake has come from a job, which is removed", () =>
    Effect.gen(function* () {
      const stays = [stay("before", 1, 2), stay("long", 1, 30), stay("inside", 25, 26), stay("after", 30, 31)]
      const { asked, exit } = yield* ask({ stays, available: 100 }, 24, 28)
      expect(found(exit)).toEqual(["inside job", "long job"])
      expect(asked).toEqual([
        "GET jobs/availability",
        "POST jobs 2025-11-10T23:55:00.000Z/2025-11-11T04:05:00.000Z",
        "GET jobs/job-0",
        "GET jobs/job-0",
        "GET jobs/job-0",
        "GET jobs/job-0/results",
        "DELETE jobs/job-0"
      ])
    })
  )

  it.effect("that the data lake does not have yet come from queries of the days on which they may have started", () =>
    Effect.gen(function* () {
      const stays = [stay("too long", 1, 200), stay("long", 50, 122), stay("inside", 121, 122), stay("later", 150, 151)]
      const { asked, exit } = yield* ask({ stays, available: 100 }, 120, 124)
      expect(found(exit)).toEqual(["inside query", "long query"])
      expect(asked).toEqual([
        "GET jobs/availability",
        "POST query 2025-11-11T00:00:00.000Z/2025-11-11T23:59:59.999Z",
        "POST query 2025-11-12T00:00:00.000Z/2025-11-12T23:59:59.999Z",
        "POST query 2025-11-13T00:00:00.000Z/2025-11-13T23:59:59.999Z",
        "POST query 2025-11-14T00:00:00.000Z/2025-11-14T23:59:59.999Z",
        "POST query 2025-11-15T00:00:00.000Z/2025-11-15T04:05:00.000Z"
      ])
      const shorter = yield* ask({ stays, available: null }, 120, 124, { longestConversation: Duration.hours(1) })
      expect(found(shorter.exit)).toEqual(["inside query"])
    })
  )

  it.effect("that lies on both sides come from both, each conversation once, as the query has it", () =>
    Effect.gen(function* () {
      const stays = [stay("old", 20, 30), stay("both", 47, 49), stay("young", 50, 51)]
      const { exit } = yield* ask({ stays, available: 48 }, 24, 60)
      expect(found(exit)).toEqual(["both query", "old query", "young query"])
      const close = yield* ask({ stays, available: 48 }, 24, 60, { longestConversation: Duration.hours(3) })
      expect(found(close.exit)).toEqual(["both query", "old job", "young query"])
      const closer = yield* ask({ stays, available: 60 }, 24, 60, { margin: Duration.zero })
      expect(found(closer.exit)).toEqual(["both job", "old job", "young job"])
    })
  )

  it.effect("are read page by page, by number and by cursor", () =>
    Effect.gen(function* () {
      const stays = Array.from({ length: 250 }, (_, index) => stay(`c-${index}`, 24 + index / 100, 27))
      const queried = yield* ask({ stays, available: null }, 24, 28, { longestConversation: Duration.zero })
      expect(found(queried.exit).length).toBe(250)
      // The margin touches the day before.
      expect(queried.asked.filter((call) => call.startsWith("POST query 2025-11-11")).length).toBe(3)
      const job = yield* ask({ stays, available: 100, resultsSize: 100 }, 24, 28)
      expect(found(job.exit).length).toBe(250)
      expect(job.asked.filter((call) => call.endsWith("results")).length).toBe(3)
    })
  )

  it.effect("tell how far the reading is", () =>
    Effect.gen(function* () {
      const told: Array<string> = []
      yield* ask({ stays: [stay("old", 20, 30), stay("young", 50, 51)], available: 48 }, 24, 60, {
        longestConversation: Duration.hours(2),
        onProgress: (progress) =>
          Effect.sync(() =>
            told.push(progress._tag === "JobWaited" ? progress.state : `${progress.conversations} ${progress.day}`)
          )
      })
      expect(told).toEqual(["0 2025-11-11", "1 2025-11-12", "QUEUED", "PENDING", "2 null"])
    })
  )
})

describe("a job", () => {
  const stays = [stay("a", 25, 26), stay("b", 25, 26)]
  const lake = (more: Partial<Analytics.Behaviour>) => ask({ stays, available: 100, ...more }, 24, 28)

  for (const state of ["FAILED", "CANCELLED", "EXPIRED"]) {
    it.effect(`that is ${state} is removed and begun again`, () =>
      Effect.gen(function* () {
        const { asked, exit } = yield* lake({ states: ["PENDING", state, "PENDING", "FULFILLED"] })
        expect(found(exit)).toEqual(["a job", "b job"])
        expect(asked.filter((call) => !call.startsWith("GET"))).toEqual([
          expect.stringContaining("POST jobs"),
          "DELETE jobs/job-0",
          expect.stringContaining("POST jobs"),
          "DELETE jobs/job-1"
        ])
      })
    )
  }

  it.effect("that fails each time is an error with what the platform said", () =>
    Effect.gen(function* () {
      const { asked, exit } = yield* lake({ states: ["FAILED"] })
      expect(failure(exit)).toEqual({
        tag: "RecordsQueryFailed",
        message:
          "POST /api/v2/analytics/conversations/details/jobs: the query was begun 3 times and did not succeed: job-2 is FAILED (out of memory). Ask again later, or for a shorter window"
      })
      expect(asked.filter((call) => call.startsWith("DELETE")).length).toBe(3)
    })
  )

  it.effect("that vanishes while its results are read is begun again, and no conversation comes twice", () =>
    Effect.gen(function* () {
      let pages = 0
      const { exit } = yield* lake({
        resultsSize: 1,
        before: ({ path }) =>
          path.endsWith("job-0/results") && pages++ > 0
            ? { status: 404, json: StubPlatform.errorBody(404, "no such job") }
            : undefined
      })
      expect(found(exit)).toEqual(["a job", "b job"])
    })
  )

  it.effect("whose cursor leads to itself is not followed for ever", () =>
    Effect.gen(function* () {
      const { exit } = yield* lake({
        before: ({ path }) =>
          path.endsWith("results") ? { status: 200, json: { conversations: [], cursor: "again" } } : undefined
      })
      expect(failure(exit)?.message).toContain("going round (a page leads to itself)")
    })
  )

  it.effect("is waited for in bounded time, then removed", () =>
    Effect.gen(function* () {
      const { asked, exit } = yield* ask({ stays, available: 100, states: ["PENDING"] }, 24, 28, {
        job: { timeout: Duration.minutes(10) }
      })
      expect(failure(exit)?.tag).toBe("RecordsQueryTimedOut")
      expect(asked.at(-1)).toBe("DELETE jobs/job-0")
      // 1, 2, 4, 8, then every 15 seconds.
      expect(asked.length).toBeLessThan(50)
    })
  )

  it.effect("is removed when the reading is interrupted", () =>
    Effect.gen(function* () {
      const stub = yield* StubPlatform.make(Analytics.script({ stays, available: 100, states: ["PENDING"] }))
      yield* Effect.gen(function* () {
        const { stream } = yield* ConversationRecords.ConversationRecords
        const fiber = yield* Effect.fork(Stream.runDrain(stream({ start: hour(24), end: hour(28) })))
        yield* Effect.sleep("1 minute")
        yield* Fiber.interrupt(fiber)
      }).pipe(Effect.provide(Layer.provide(ConversationRecords.ConversationRecords.layer, stub.layer)))
      const last = (yield* stub.asked).at(-1)
      expect(`${last?.method} ${last?.path}`).toBe("DELETE /api/v2/analytics/conversations/details/jobs/job-0")
    }).pipe(Effect.withClock(IdleClock.make(now)))
  )
})

describe("asking for records", () => {
  const stays = [stay("a", 25, 26)]

  it.effect("survives 429, 503 and cut connections, also of a POST, as it changes nothing", () =>
    Effect.gen(function* () {
      const left = new Map<string, Array<StubHttpClient.Reply>>()
      const replies = (): Array<StubHttpClient.Reply> => [
        { status: 503, json: StubPlatform.errorBody(503, "busy") },
        { status: 429, json: StubPlatform.errorBody(429, "slow down"), headers: { "retry-after": "7" } },
        "cut"
      ]
      const before = ({ method, path }: StubHttpClient.Asked) => {
        const key = `${method} ${path}`
        if (!left.has(key)) left.set(key, replies())
        return left.get(key)?.shift()
      }
      const { exit } = yield* ask({ stays, available: 40, before }, 24, 60, { longestConversation: Duration.hours(1) })
      expect(found(exit)).toEqual(["a query"])
    })
  )

  const refusals = [
    [403, "NotPermitted", "Give the OAuth client a role that has the permission analytics:conversationDetail:view"],
    [404, "RecordsApiAbsent", "there is no such API (404)"],
    [400, "RequestRejected", "was rejected (400)"]
  ] as const
  for (const [status, tag, words] of refusals) {
    it.effect(`${status} is ${tag}, with what to do`, () =>
      Effect.gen(function* () {
        const before = () => ({ status, json: StubPlatform.errorBody(status, "no") })
        const { exit } = yield* ask({ stays, available: 40, before }, 24, 28)
        expect(failure(exit)?.tag).toBe(tag)
        expect(failure(exit)?.message).toContain(words)
      })
    )
  }

  it.effect("is refused for a window that has not ended, before anything is asked", () =>
    Effect.gen(function* () {
      const { asked, exit } = yield* ask({ stays, available: 40 }, 24, 241)
      expect(failure(exit)?.message).toBe(
        "the window ends at 2025-11-20T01:00:00Z, and it is 2025-11-20T00:00:00Z now. Choose an end that has passed"
      )
      expect(asked).toEqual([])
    })
  )

  it.effect("is refused for a window that the data lake does not have, where it has to", () =>
    Effect.gen(function* () {
      const { exit } = yield* ask({ stays, available: 40 }, 24, 41, { availableOnly: true })
      expect(failure(exit)?.message).toContain("are not complete: it has those until 2025-11-11T16:00:00Z")
      const fine = yield* ask({ stays, available: 40 }, 24, 39, { availableOnly: true })
      expect(found(fine.exit)).toEqual(["a job"])
    })
  )
})

describe("the audit records of a window", () => {
  const audits = (script: StubHttpClient.Script, from: number, to: number) =>
    Effect.gen(function* () {
      const stub = yield* StubPlatform.make(script)
      const exit = yield* AuditRecords.AuditRecords.pipe(
        Effect.flatMap(({ stream }) => Stream.runCollect(stream({ start: hour(from), end: hour(to) }))),
        Effect.provide(Layer.provide(AuditRecords.AuditRecords.layer, stub.layer)),
        Effect.exit
      )
      return { exit, asked: yield* stub.asked }
    }).pipe(Effect.withClock(IdleClock.make(now)))

  it.effect("come from queries of seven days, each record once", () =>
    Effect.gen(function* () {
      const states = ["Queued", "Running", "Succeeded"]
      const { asked, exit } = yield* audits(
        ({ method, path, query }) =>
          Effect.sync(() => {
            if (method === "POST") return { status: 202, json: { id: "q", state: "Queued" } }
            if (!path.endsWith("results"))
              return { status: 200, json: { id: "q", state: states.shift() ?? "Succeeded" } }
            return query.get("cursor") === null
              ? { status: 200, json: { entities: [{ id: "a" }, { id: "b" }], cursor: "n" } }
              : { status: 200, json: { entities: [{ id: "b" }, { id: "c" }] } }
          }),
        0,
        200
      )
      expect(Exit.map(exit, Chunk.toReadonlyArray)).toEqual(Exit.succeed([{ id: "a" }, { id: "b" }, { id: "c" }]))
      expect(asked.filter(({ method }) => method === "POST").map(({ body }) => JSON.parse(body).interval)).toEqual([
        "2025-11-10T00:00:00.000Z/2025-11-17T00:00:00.000Z",
        "2025-11-17T00:00:00.000Z/2025-11-18T08:00:00.000Z"
      ])
    })
  )

  it.effect("need a permission of their own", () =>
    Effect.gen(function* () {
      const { exit } = yield* audits(
        StubHttpClient.inTurn({ status: 403, json: StubPlatform.errorBody(403, "no") }),
        0,
        24
      )
      expect(failure(exit)?.message).toContain("audits:audit:view")
    })
  )
})
