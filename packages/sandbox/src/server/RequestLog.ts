/** Which requests came in, and how each was answered. Holds no token, no secret and no body. */
import { Chunk, Clock, Context, Effect, HashMap, Layer, Option, Ref } from "effect"

/** A request. */
export interface Entry {
  /** Epoch milliseconds. */
  readonly at: number
  readonly method: string
  /** Without the query; of a request to AWS the operation: `AWSEvents.StartReplay`. */
  readonly path: string
  /** The answer's status; 0 where the connection was cut instead. */
  readonly status: number
  /** Of a request to AWS its request id. */
  readonly correlationId: string
}

/** The operations. */
export interface Service {
  /** Notes a request that was answered now. */
  readonly note: (entry: Omit<Entry, "at">) => Effect.Effect<void>
  /** The last 1,000, oldest first. */
  readonly entries: Effect.Effect<ReadonlyArray<Entry>>
  /** How many there were in all; `POST /api/v2/eventstreams` counts those with this method to this path, answered or cut. */
  readonly count: (request?: `${string} ${string}`) => Effect.Effect<number>
}

const kept = 1_000

interface State {
  readonly total: number
  readonly byRequest: HashMap.HashMap<string, number>
  readonly entries: Chunk.Chunk<Entry>
}

const countOf = (counts: State["byRequest"], request: string): number =>
  Option.getOrElse(HashMap.get(counts, request), () => 0)

/** The log of this sandbox. */
export class RequestLog extends Context.Tag("@genesys-replay/sandbox/RequestLog")<RequestLog, Service>() {
  /** In memory. */
  static readonly layer = Layer.effect(
    RequestLog,
    Effect.gen(function* () {
      const state = yield* Ref.make<State>({ total: 0, byRequest: HashMap.empty(), entries: Chunk.empty() })
      return RequestLog.of({
        note: (entry) =>
          Effect.flatMap(Clock.currentTimeMillis, (at) =>
            Ref.update(state, ({ byRequest, entries, total }): State => {
              const request = `${entry.method} ${entry.path}`
              return {
                total: total + 1,
                byRequest: HashMap.set(byRequest, request, countOf(byRequest, request) + 1),
                entries: Chunk.takeRight(Chunk.append(entries, { at, ...entry }), kept)
              }
            })
          ),
        entries: Effect.map(Ref.get(state), ({ entries }) => Chunk.toReadonlyArray(entries)),
        count: (request) =>
          Effect.map(Ref.get(state), ({ byRequest, total }) =>
            request === undefined ? total : countOf(byRequest, request)
          )
      })
    })
  )
}
