/** `/api/v2/audits/query`: queries for the records of the audit log. */
import { HttpApiBuilder, HttpServerResponse } from "@effect/platform"
import { auditIntervalDaysMax, auditPageSizeMax } from "@genesys-replay/genesys/AuditsApi"
import { Clock, Duration, Effect, HashMap, Option, Ref } from "effect"
import { Settings } from "../../faults/Settings.js"
import * as Answer from "../../server/Answer.js"
import * as Organization from "../../world/Organization.js"
import type { EventBody } from "../../world/PlatformEvent.js"
import { SeededRandom } from "../../world/SeededRandom.js"
import * as World from "../../world/World.js"
import { SandboxApi } from "../SandboxApi.js"
import { isLonger, spanOf } from "./QueryInterval.js"
import * as ResultPage from "./ResultPage.js"

interface Query {
  /** Epoch milliseconds. */
  readonly submittedAt: number
  readonly records: ReadonlyArray<EventBody>
}

const ok = (body: unknown, status = 200) => HttpServerResponse.unsafeJson(body, { status })

const unknown = (id: string) =>
  Answer.refuse({ status: 404, code: "not.found", message: `There is no audit query with id ${id}` })

const refused = (message: string) => Answer.refuse({ status: 400, code: "bad.request", message })

/** The handlers; queries are kept in memory. */
export const AuditHandlers = HttpApiBuilder.group(SandboxApi, "audits", (handlers) =>
  Effect.gen(function* () {
    const { records: options, seed, world: rates } = yield* Settings
    const world: World.World = { organization: Organization.make(seed), rates }
    const durationMs = Duration.toMillis(options.jobDuration)
    const ids = SeededRandom.of(seed, "audit queries")
    const queries = yield* Ref.make(HashMap.empty<string, Query>())

    const stateOf = ({ submittedAt }: Query, now: number) => {
      if (now - submittedAt < durationMs / 2) return "Queued"
      return now - submittedAt < durationMs ? "Running" : "Succeeded"
    }

    const found = (id: string) =>
      Effect.zipWith(Ref.get(queries), Clock.currentTimeMillis, (all, now) =>
        Option.map(HashMap.get(all, id), (query) => ({ query, state: stateOf(query, now) }))
      )

    return handlers
      .handle(
        "query",
        Effect.fn("AuditHandlers.query")(function* ({ payload: { interval, serviceName } }) {
          if (isLonger(interval, auditIntervalDaysMax)) {
            const message = `an interval may have ${auditIntervalDaysMax} days at most`
            return yield* Answer.invalid([{ path: ["interval"], message }])
          }
          const submittedAt = yield* Clock.currentTimeMillis
          const { from, until } = spanOf(interval)
          const records = World.auditRecords(world, { from, until: Math.min(until, submittedAt) }).filter(
            (record) => serviceName === undefined || record["serviceName"] === serviceName
          )
          const query: Query = { submittedAt, records }
          const id = ids.uuid()
          yield* Ref.update(queries, HashMap.set(id, query))
          return ok({ id, state: "Queued" }, 202)
        })
      )
      .handle(
        "status",
        Effect.fn("AuditHandlers.status")(function* ({ path: { id } }) {
          const query = yield* found(id)
          if (Option.isNone(query)) return yield* unknown(id)
          const { state } = query.value
          return ok({ id, state }, state === "Succeeded" ? 200 : 202)
        })
      )
      .handle(
        "results",
        Effect.fn("AuditHandlers.results")(function* ({ path: { id }, urlParams }) {
          const query = yield* found(id)
          if (Option.isNone(query)) return yield* unknown(id)
          const {
            query: { records },
            state
          } = query.value
          const { cursor, pageSize = auditPageSizeMax } = urlParams
          if (state !== "Succeeded") return yield* refused(`The query is ${state}`)
          const page = ResultPage.of(records, { cursor, pageSize })
          if (Option.isNone(page)) return yield* refused(`The cursor ${JSON.stringify(cursor)} is none of this query`)
          const { cursor: next, items } = page.value
          return ok({ id, pageSize, ...(next === undefined ? {} : { cursor: next }), entities: items })
        })
      )
  })
)
