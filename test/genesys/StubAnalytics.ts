/** The analytics calls of a platform, over conversations with a start and an end: pages, days, jobs and their limits as the API has them. */

import { type StubHttpClient, StubPlatform } from "@genesys-replay/genesys/testing"
import { DateTime, Effect } from "effect"

/** A conversation: hours since the first day began. */
export interface Stay {
  readonly id: string
  readonly from: number
  readonly to: number
}

export const epoch = DateTime.unsafeMake("2025-11-10T00:00:00Z")

/** So many hours after the first day began. */
export const hour = (hours: number) => DateTime.addDuration(epoch, `${hours} hours`)

const millis = (hours: number) => DateTime.toEpochMillis(hour(hours))
const dayOf = (at: number) => Math.floor(at / 86_400_000)

/** What the stub does, and what may go wrong. */
export interface Behaviour {
  readonly stays: ReadonlyArray<Stay>
  /** Up to which hour the data lake is complete; null where it says nothing. */
  readonly available: number | null
  /** What a look at the job sees, one after the other; the last one stays. */
  readonly states?: ReadonlyArray<string> | undefined
  /** How many conversations a page of results has. */
  readonly resultsSize?: number | undefined
  /** Answers instead of the stub, where it does. */
  readonly before?: ((asked: StubHttpClient.Asked) => StubHttpClient.Reply | undefined) | undefined
}

const record = (stay: Stay, version: string) => ({
  conversationId: stay.id,
  conversationStart: DateTime.formatIso(hour(stay.from)),
  conversationEnd: DateTime.formatIso(hour(stay.to)),
  version
})

/** Answers as `behaviour` says. */
export const script = (behaviour: Behaviour): StubHttpClient.Script => {
  let looks = 0
  let jobs = 0
  const intervals = new Map<string, readonly [number, number]>()
  const interval = (body: { readonly interval: string }): readonly [number, number] => {
    const [start = "", end = ""] = body.interval.split("/")
    return [Date.parse(start), Date.parse(end)]
  }
  const query = (asked: StubHttpClient.Asked): StubHttpClient.Reply => {
    const body = JSON.parse(asked.body)
    const [start, end] = interval(body)
    const { pageNumber, pageSize } = body.paging
    if (end - start > 7 * 86_400_000) return { status: 400, json: StubPlatform.errorBody(400, "interval too long") }
    const found = behaviour.stays
      .filter(({ from }) => dayOf(millis(from)) >= dayOf(start) && dayOf(millis(from)) <= dayOf(end))
      .sort((a, b) => (body.order === "asc" ? a.from - b.from : b.from - a.from))
    const page = found.slice((pageNumber - 1) * pageSize, pageNumber * pageSize)
    return {
      status: 200,
      json: {
        ...(page.length === 0 ? {} : { conversations: page.map((stay) => record(stay, "query")) }),
        totalHits: found.length
      }
    }
  }
  const results = (id: string, asked: StubHttpClient.Asked): StubHttpClient.Reply => {
    const [start, end] = intervals.get(id) ?? [0, 0]
    const lake = behaviour.stays.filter(({ from, to }) => millis(from) < end && millis(to) >= start)
    const from = Number(asked.query.get("cursor") ?? 0)
    const size = Math.min(behaviour.resultsSize ?? 1_000, Number(asked.query.get("pageSize")))
    const next = from + size
    return {
      status: 200,
      json: {
        conversations: lake.slice(from, next).map((stay) => record(stay, "job")),
        ...(next < lake.length ? { cursor: String(next) } : {})
      }
    }
  }
  const answer = (asked: StubHttpClient.Asked): StubHttpClient.Reply => {
    const instead = behaviour.before?.(asked)
    if (instead !== undefined) return instead
    const path = asked.path.replace("/api/v2/analytics/conversations/details/", "")
    if (path === "query") return query(asked)
    if (path === "jobs/availability") {
      const { available } = behaviour
      return {
        status: 200,
        json: available === null ? {} : { dataAvailabilityDate: DateTime.formatIso(hour(available)) }
      }
    }
    if (path === "jobs") {
      const jobId = `job-${jobs++}`
      intervals.set(jobId, interval(JSON.parse(asked.body)))
      return { status: 202, json: { jobId } }
    }
    const [, id = "", rest] = path.split("/")
    if (asked.method === "DELETE") return { status: 204 }
    if (rest === "results") return results(id, asked)
    const states = behaviour.states ?? ["QUEUED", "PENDING", "FULFILLED"]
    const state = states[Math.min(looks++, states.length - 1)]
    return { status: 200, json: { state, ...(state === "FAILED" ? { errorMessage: "out of memory" } : {}) } }
  }
  return (asked) => Effect.sync(() => answer(asked))
}
