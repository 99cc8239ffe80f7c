/** The event streams, also those that were deleted: what was asked for, and how far it is. */
import { EventStream, type EventStreamPayload, Instant, SequenceIndex } from "@genesys-replay/domain"
import { Clock, Context, Data, DateTime, Effect, HashMap, Layer, Option, STM, TRef } from "effect"
import { Settings } from "../faults/Settings.js"
import { SeededRandom } from "../world/SeededRandom.js"

/** A stream. */
export interface StreamRecord {
  readonly id: EventStream.ReplayId
  readonly payload: EventStreamPayload.EventStreamPayload
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** Whether it was deleted; the platform then no longer shows it. */
  readonly deleted: boolean
  /** None where the payload asks for no replay. */
  readonly replay: Option.Option<EventStream.ReplayProgress>
}

/** How many submissions of a name were carried out: those that made a stream, and those that found the name taken. */
export interface Submissions {
  readonly created: number
  readonly conflicts: number
}

/** A stream of this name exists. */
export class NameTaken extends Data.TaggedError("NameTaken")<{ readonly name: string; readonly id: string }> {
  override get message(): string {
    return `An event stream named ${JSON.stringify(this.name)} already exists (${this.id})`
  }
}

/** There is no stream with this id. */
export class StreamUnknown extends Data.TaggedError("StreamUnknown")<{ readonly id: string }> {
  override get message(): string {
    return `There is no event stream with id ${this.id}`
  }
}

/** Which streams, from 1. */
export interface PageRequest {
  readonly pageNumber: number
  readonly pageSize: number
  readonly name: string | undefined
}

/** The streams of a page, and how many there are in all. */
export interface Page {
  readonly streams: ReadonlyArray<StreamRecord>
  readonly total: number
}

/** The operations. */
export interface Service {
  /** A new stream, its replay pending. */
  readonly create: (payload: EventStreamPayload.EventStreamPayload) => Effect.Effect<StreamRecord, NameTaken>
  /** A stream that was not deleted. */
  readonly get: (id: string) => Effect.Effect<StreamRecord, StreamUnknown>
  /** Streams that were not deleted, oldest first. */
  readonly page: (request: PageRequest) => Effect.Effect<Page>
  /** Takes a stream out of sight; its name is free again. */
  readonly remove: (id: string) => Effect.Effect<StreamRecord, StreamUnknown>
  /** Reports progress. A replay that has ended stays as it is. */
  readonly progress: (id: string, replay: EventStream.ReplayProgress) => Effect.Effect<void>
  /** Reports that a replay ended early, where it was. A replay that has ended stays as it is. */
  readonly end: (id: string, state: "CANCELLED" | "FAILED", reason: Option.Option<string>) => Effect.Effect<void>
  /** Every stream ever made, oldest first. */
  readonly all: Effect.Effect<ReadonlyArray<StreamRecord>>
  /** Submissions by name. */
  readonly submissions: Effect.Effect<HashMap.HashMap<string, Submissions>>
  /** Waits until the newest stream of this name has ended, one way or another, and answers it. */
  readonly ended: (name: string) => Effect.Effect<StreamRecord>
}

interface State {
  readonly records: HashMap.HashMap<string, StreamRecord>
  /** Ids, oldest first. */
  readonly order: ReadonlyArray<string>
  readonly submissions: HashMap.HashMap<string, Submissions>
  /** Names that are taken, with the ids of their streams. */
  readonly names: HashMap.HashMap<string, string>
}

const empty: State = { records: HashMap.empty(), order: [], submissions: HashMap.empty(), names: HashMap.empty() }

const recordsOf = (state: State): ReadonlyArray<StreamRecord> =>
  state.order.flatMap((id) => Option.toArray(HashMap.get(state.records, id)))

const visible = (state: State, id: string) => Option.filter(HashMap.get(state.records, id), (record) => !record.deleted)

const submitted = (state: State, name: string, what: keyof Submissions): State["submissions"] =>
  HashMap.modifyAt(state.submissions, name, (count) => {
    const before = Option.getOrElse(count, (): Submissions => ({ created: 0, conflicts: 0 }))
    return Option.some({ ...before, [what]: before[what] + 1 })
  })

const hasEnded = (record: StreamRecord): boolean =>
  Option.match(record.replay, { onNone: () => true, onSome: ({ state }) => EventStream.isFinal(state) })

/** The stream as the platform answers it. */
export const entity = (record: StreamRecord): EventStream.EventStream => ({
  ...record.payload,
  id: record.id,
  selfUri: `/api/v2/eventstreams/${record.id}`,
  dateCreated: Instant.format(DateTime.unsafeMake(record.createdAt)),
  ...Option.match(record.replay, { onNone: () => ({}), onSome: (replay) => ({ replay }) })
})

/** Progress of a replay that has delivered up to `last`; without events there is no sequence. */
export const progressOf = (
  state: EventStream.ReplayState,
  delivered: { readonly last: number; readonly lastAt: number }
): EventStream.ReplayProgress => ({
  state,
  ...(delivered.last === 0
    ? {}
    : {
        lastReplayedDate: new Date(delivered.lastAt).toISOString(),
        sequence: { first: SequenceIndex.SequenceIndex.make(1), last: SequenceIndex.SequenceIndex.make(delivered.last) }
      })
})

/** The streams of this sandbox. */
export class StreamStore extends Context.Tag("@genesys-replay/sandbox/StreamStore")<StreamStore, Service>() {
  /** In memory, every change one transaction. */
  static readonly layer = Layer.effect(
    StreamStore,
    Effect.gen(function* () {
      const { seed } = yield* Settings
      const ref = yield* TRef.make<State>(empty)
      const change = <A>(f: (state: State) => readonly [A, State]) => STM.commit(TRef.modify(ref, f))

      const report = (id: string, next: (before: EventStream.ReplayProgress) => EventStream.ReplayProgress) =>
        change((state) => [
          undefined,
          {
            ...state,
            records: HashMap.modify(state.records, id, (record) =>
              hasEnded(record) ? record : { ...record, replay: Option.map(record.replay, next) }
            )
          }
        ])

      const create = Effect.fn("StreamStore.create")(function* (payload: EventStreamPayload.EventStreamPayload) {
        const createdAt = yield* Clock.currentTimeMillis
        const { name } = payload
        const outcome = yield* change((state): readonly [Effect.Effect<StreamRecord, NameTaken>, State] => {
          const taken = HashMap.get(state.names, name)
          if (Option.isSome(taken)) {
            const id = taken.value
            return [new NameTaken({ name, id }), { ...state, submissions: submitted(state, name, "conflicts") }]
          }
          const submissions = submitted(state, name, "created")
          const generation = Option.match(HashMap.get(submissions, name), { onNone: () => 0, onSome: (_) => _.created })
          const id = EventStream.ReplayId.make(SeededRandom.of(seed, "stream", name, generation).uuid())
          const wanted = payload.enabled && payload.replayConfig.enabled
          const replay = wanted ? Option.some<EventStream.ReplayProgress>({ state: "PENDING" }) : Option.none()
          const record: StreamRecord = { id, payload, createdAt, deleted: false, replay }
          return [
            Effect.succeed(record),
            {
              records: HashMap.set(state.records, id, record),
              order: [...state.order, id],
              submissions,
              names: HashMap.set(state.names, name, id)
            }
          ]
        })
        return yield* outcome
      })

      const get = Effect.fn("StreamStore.get")(function* (id: string) {
        const state = yield* STM.commit(TRef.get(ref))
        return yield* Option.match(visible(state, id), {
          onNone: () => new StreamUnknown({ id }),
          onSome: (record) => Effect.succeed(record)
        })
      })

      const page = Effect.fn("StreamStore.page")(function* ({ name, pageNumber, pageSize }: PageRequest) {
        const state = yield* STM.commit(TRef.get(ref))
        const matching = recordsOf(state).filter(
          (record) => !record.deleted && (name === undefined || record.payload.name === name)
        )
        const start = (pageNumber - 1) * pageSize
        return { streams: matching.slice(start, start + pageSize), total: matching.length }
      })

      const remove = Effect.fn("StreamStore.remove")(function* (id: string) {
        const found = yield* change((state): readonly [Option.Option<StreamRecord>, State] =>
          Option.match(visible(state, id), {
            onNone: () => [Option.none(), state],
            onSome: (record) => [
              Option.some(record),
              {
                ...state,
                records: HashMap.set(state.records, id, { ...record, deleted: true }),
                names: HashMap.remove(state.names, record.payload.name)
              }
            ]
          })
        )
        return yield* Option.match(found, {
          onNone: () => new StreamUnknown({ id }),
          onSome: (record) => Effect.succeed(record)
        })
      })

      return StreamStore.of({
        create,
        get,
        page,
        remove,
        progress: (id, replay) => report(id, () => replay),
        end: (id, ended, reason) =>
          report(id, (before) => ({
            ...before,
            state: ended,
            ...Option.match(reason, { onNone: () => ({}), onSome: (stateReason) => ({ stateReason }) })
          })),
        all: Effect.map(STM.commit(TRef.get(ref)), recordsOf),
        submissions: Effect.map(STM.commit(TRef.get(ref)), (state) => state.submissions),
        ended: (name) =>
          TRef.get(ref).pipe(
            STM.flatMap((state) => {
              const newest = recordsOf(state).findLast((record) => record.payload.name === name)
              return newest !== undefined && hasEnded(newest) ? STM.succeed(newest) : STM.retry
            }),
            STM.commit
          )
      })
    })
  )
}
