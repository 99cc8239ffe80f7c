/** The jobs for conversation details: submitted, watched, read page by page, deleted. */
import { Clock, Context, Data, Duration, Effect, HashMap, Layer, Option, Ref } from "effect"
import { FaultPlan } from "../../faults/FaultPlan.js"
import { Settings } from "../../faults/Settings.js"
import type { ConversationRecord } from "../../world/conversation/ConversationRecord.js"
import { SeededRandom } from "../../world/SeededRandom.js"
import type * as World from "../../world/World.js"
import { ConversationRecords, type Found } from "./ConversationRecords.js"
import * as ResultPage from "./ResultPage.js"

/** There is no such job, or it was deleted. */
export class JobUnknown extends Data.TaggedError("JobUnknown")<{ readonly id: string }> {
  override get message(): string {
    return `There is no job with id ${this.id}`
  }
}

/** The results of a job cannot be read: it is not done, ended badly, or they are no longer kept; or the cursor is none of its own. */
export class ResultsUnavailable extends Data.TaggedError("ResultsUnavailable")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/** How far a job is. */
export type State = "QUEUED" | "PENDING" | "FULFILLED" | "FAILED" | "EXPIRED"

/** A page of results. */
export interface Results extends ResultPage.ResultPage<ConversationRecord> {
  /** Epoch milliseconds. */
  readonly availableUntil: number
}

/** A job as it is told of; instants in epoch milliseconds. */
export interface Status {
  readonly state: State
  readonly submittedAt: number
  readonly expiresAt: number
}

/** The operations. */
export interface Service {
  /** Begins a job, and answers its id. */
  readonly submit: (span: World.Span) => Effect.Effect<string>
  readonly status: (id: string) => Effect.Effect<Status, JobUnknown>
  readonly results: (
    id: string,
    request: ResultPage.ResultPageRequest
  ) => Effect.Effect<Results, JobUnknown | ResultsUnavailable>
  readonly remove: (id: string) => Effect.Effect<void, JobUnknown>
}

interface Job {
  readonly submittedAt: number
  readonly found: Found & { readonly availableUntil: number }
  readonly fails: boolean
  /** Whether its results are gone once a page of them was read. */
  readonly expiresEarly: boolean
  readonly isExpired: boolean
}

/** The jobs of this sandbox. */
export class ConversationJobs extends Context.Tag("@genesys-replay/sandbox/ConversationJobs")<
  ConversationJobs,
  Service
>() {
  /** In memory, on the Clock. */
  static readonly layer = Layer.effect(
    ConversationJobs,
    Effect.gen(function* () {
      const { records: options, seed } = yield* Settings
      const faults = yield* FaultPlan
      const records = yield* ConversationRecords
      const ids = SeededRandom.of(seed, "conversation jobs")
      const jobs = yield* Ref.make(HashMap.empty<string, Job>())
      const durationMs = Duration.toMillis(options.jobDuration)
      const lifetimeMs = Duration.toMillis(options.jobLifetime)

      const get = (id: string) =>
        Effect.flatMap(Ref.get(jobs), (all) => Effect.mapError(HashMap.get(all, id), () => new JobUnknown({ id })))

      const expiresAt = ({ submittedAt }: Job) => submittedAt + durationMs + lifetimeMs

      const stateOf = (job: Job, now: number): State => {
        const age = now - job.submittedAt
        if (age < durationMs / 2) return "QUEUED"
        if (age < durationMs) return "PENDING"
        if (job.fails) return "FAILED"
        return job.isExpired || now >= expiresAt(job) ? "EXPIRED" : "FULFILLED"
      }

      /** Takes one of the jobs that are to go wrong, where there is one left. */
      const oneOf = (kind: "failedJobs" | "expiredJobs") =>
        Effect.gen(function* () {
          const { records: left = {} } = yield* faults.current
          const count = left[kind] ?? 0
          if (count === 0) return false
          yield* faults.update((before) => ({ ...before, records: { ...before.records, [kind]: count - 1 } }))
          return true
        })

      const submit = Effect.fn("ConversationJobs.submit")(function* (span: World.Span) {
        const id = ids.uuid()
        const fails = yield* oneOf("failedJobs")
        const job: Job = {
          submittedAt: yield* Clock.currentTimeMillis,
          found: yield* records.inLake(span),
          fails,
          expiresEarly: !fails && (yield* oneOf("expiredJobs")),
          isExpired: false
        }
        yield* Ref.update(jobs, HashMap.set(id, job))
        return id
      })

      const results = Effect.fn("ConversationJobs.results")(function* (
        id: string,
        request: ResultPage.ResultPageRequest
      ) {
        const job = yield* get(id)
        const state = stateOf(job, yield* Clock.currentTimeMillis)
        if (state !== "FULFILLED") return yield* new ResultsUnavailable({ reason: `The job ${id} is ${state}` })
        const { availableUntil, conversations, record } = job.found
        const page = ResultPage.of(conversations, request)
        if (Option.isNone(page)) {
          return yield* new ResultsUnavailable({
            reason: `The cursor ${JSON.stringify(request.cursor)} is none of this job`
          })
        }
        if (job.expiresEarly) {
          const expired: Job = { ...job, isExpired: true }
          yield* Ref.update(jobs, HashMap.set(id, expired))
        }
        return { items: page.value.items.map(record), cursor: page.value.cursor, availableUntil }
      })

      return ConversationJobs.of({
        submit,
        status: (id) =>
          Effect.zipWith(get(id), Clock.currentTimeMillis, (job, now) => ({
            state: stateOf(job, now),
            submittedAt: job.submittedAt,
            expiresAt: expiresAt(job)
          })),
        results,
        remove: (id) => Effect.zipRight(get(id), Ref.update(jobs, HashMap.remove(id)))
      })
    })
  )
}
