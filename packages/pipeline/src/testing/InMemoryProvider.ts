/** A `ReplayProvider` without a network, for tests of programs that compose the pipeline. */
import {
  AtomicSubmission,
  Destination,
  EventStream,
  type Finding,
  Instant,
  PlannedWindow,
  ProviderError,
  ProviderName,
  type Replay,
  ReplayProvider,
  StandingReplay
} from "@genesys-replay/domain"
import { Context, Effect, Layer, Option, Ref, Schema, Stream } from "effect"

/** One call that the provider got. `subject` is the window's name, or the replay's id. */
export interface Call {
  readonly operation: "submit" | "check" | "findByName" | "describe" | "list" | "cancel"
  readonly subject: string
}

/** How it behaves. Without any field: everything goes well at once. */
export interface Options {
  /** `genesys`. */
  readonly provider?: ProviderName.ProviderName | undefined
  /** Runs before a call takes effect: sleep for a slow answer, fail, die, or never end. */
  readonly before?: ((call: Call) => Effect.Effect<void, ProviderError.ProviderError>) | undefined
  /** Runs after a call took effect and before its answer: a failure here is an answer that was lost. */
  readonly after?: ((call: Call) => Effect.Effect<void, ProviderError.ProviderError>) | undefined
  /** What `describe` answers, one after the other for each replay; the last one stays. PENDING, RUNNING, COMPLETED with indices 1 to 100. */
  readonly progress?: ReadonlyArray<EventStream.ReplayProgress> | undefined
  /** What `check` finds beside what stands under the window's name; nothing. */
  readonly finds?: ((window: PlannedWindow.PlannedWindow) => ReadonlyArray<Finding.Finding>) | undefined
  /** Names of windows whose new replay counts as `adopted`. */
  readonly adopts?: ReadonlyArray<string> | undefined
}

interface Kept {
  readonly replay: Replay.Replay
  readonly window: PlannedWindow.PlannedWindow
  readonly looks: number
}

const index = Schema.decodeSync(EventStream.SequenceBounds)

const story: ReadonlyArray<EventStream.ReplayProgress> = [
  { state: "PENDING" },
  { state: "RUNNING" },
  { state: "COMPLETED", sequence: index({ first: 1, last: 100 }) }
]

/** What stands under the name of `window`. */
const standing = (wanted: PlannedWindow.PlannedWindow, { replay, window }: Kept): StandingReplay.StandingReplay => ({
  replay,
  differences: PlannedWindow.differences(wanted, window)
})

/** What a conflict about `window` says. */
const conflicting = ({ name }: PlannedWindow.PlannedWindow) => ({ operation: "submit", name })

const make = (options: Options) =>
  Effect.gen(function* () {
    const kept = yield* Ref.make<ReadonlyMap<string, Kept>>(new Map())
    const calls = yield* Ref.make<ReadonlyArray<Call>>([])
    const load = yield* Ref.make({ now: 0, most: 0 })
    const provider = options.provider ?? ProviderName.genesys
    const progress = options.progress ?? story

    const call = <A, E, R>(operation: Call["operation"], subject: string, work: Effect.Effect<A, E, R>) => {
      const entered = { operation, subject }
      return Effect.acquireUseRelease(
        Effect.zipRight(
          Ref.update(calls, (before) => [...before, entered]),
          Ref.update(load, ({ most, now }) => ({ now: now + 1, most: Math.max(most, now + 1) }))
        ),
        () =>
          Effect.gen(function* () {
            yield* options.before?.(entered) ?? Effect.void
            const answer = yield* work
            yield* options.after?.(entered) ?? Effect.void
            return answer
          }),
        () => Ref.update(load, ({ most, now }) => ({ now: now - 1, most }))
      )
    }

    const byName = (name: string) =>
      Effect.map(Ref.get(kept), (all) =>
        Option.fromNullable([...all.values()].find(({ replay }) => replay.name === name))
      )

    const found = (operation: Call["operation"], id: string) =>
      Effect.flatMap(Ref.get(kept), (all) => {
        const one = all.get(id)
        return one === undefined ? new ProviderError.ReplayNotFound({ operation, id }) : Effect.succeed(one)
      })

    const create = (window: PlannedWindow.PlannedWindow) =>
      Ref.modify(kept, (all) => {
        const replay: Replay.Replay = {
          id: EventStream.ReplayId.make(`replay-${all.size + 1}`),
          name: window.name,
          provider,
          progress: progress[0] ?? { state: "PENDING" },
          topics: window.topics,
          start: Instant.format(window.start),
          retentionDays: window.retentionDays,
          destination: Destination.format(window.destination)
        }
        return [replay, new Map(all).set(replay.id, { replay, window, looks: 0 })]
      })

    const submit = (window: PlannedWindow.PlannedWindow) =>
      Effect.gen(function* () {
        const existing = yield* byName(window.name)
        if (Option.isNone(existing)) {
          const outcome = options.adopts?.includes(window.name) === true ? "adopted" : "created"
          return { outcome, replay: yield* create(window), correlationId: `correlation-${window.name}` } as const
        }
        return yield* AtomicSubmission.found(conflicting(window), standing(window, existing.value), "unchanged")
      })

    const check = (window: PlannedWindow.PlannedWindow) =>
      Effect.map(
        byName(window.name),
        (existing): ReadonlyArray<Finding.Finding> => [
          ...Option.toArray(existing).map((kept) => {
            const found = standing(window, kept)
            const conflict = AtomicSubmission.conflict(conflicting(window), Option.some(found))
            return StandingReplay.finding(window.name, found, conflict)
          }),
          ...(options.finds?.(window) ?? [])
        ]
      )

    const describe = (id: string) =>
      Effect.gen(function* () {
        const one = yield* found("describe", id)
        const next = progress[Math.min(one.looks, progress.length - 1)] ?? one.replay.progress
        const replay: Replay.Replay = EventStream.isFinal(one.replay.progress.state)
          ? one.replay
          : { ...one.replay, progress: next }
        yield* Ref.update(kept, (all) => new Map(all).set(id, { ...one, replay, looks: one.looks + 1 }))
        return replay
      })

    const cancel = (id: string) =>
      Effect.gen(function* () {
        const one = yield* found("cancel", id)
        const replay: Replay.Replay = { ...one.replay, progress: { state: "CANCELLED" } }
        yield* Ref.update(kept, (all) => new Map(all).set(id, { ...one, replay }))
      })

    const service: ReplayProvider.Service = {
      provider,
      target: "in memory",
      submit: (window) => call("submit", window.name, submit(window)),
      check: (window) => call("check", window.name, check(window)),
      findByName: (name) =>
        call(
          "findByName",
          name,
          Effect.map(
            byName(name),
            Option.map(({ replay }) => replay)
          )
        ),
      describe: (id) => call("describe", id, describe(id)),
      list: ({ name } = {}) =>
        Stream.unwrap(
          call(
            "list",
            name ?? "",
            Effect.map(Ref.get(kept), (all) =>
              Stream.fromIterable(
                [...all.values()]
                  .map(({ replay }) => replay)
                  .filter((replay) => name === undefined || replay.name === name)
              )
            )
          )
        ),
      cancel: (id) => call("cancel", id, cancel(id))
    }

    return Context.make(ReplayProvider.ReplayProvider, service).pipe(
      Context.add(InMemoryProvider, {
        calls: Ref.get(calls),
        mostAtOnce: Effect.map(Ref.get(load), ({ most }) => most),
        replays: Effect.map(Ref.get(kept), (all) => [...all.values()].map(({ replay }) => replay))
      })
    )
  })

/** What a test can ask it afterwards. */
export class InMemoryProvider extends Context.Tag("@genesys-replay/pipeline/InMemoryProvider")<
  InMemoryProvider,
  {
    /** Every call, in order. */
    readonly calls: Effect.Effect<ReadonlyArray<Call>>
    /** The most calls that were under way at the same time. */
    readonly mostAtOnce: Effect.Effect<number>
    /** Every replay there is. */
    readonly replays: Effect.Effect<ReadonlyArray<Replay.Replay>>
  }
>() {}

/** The provider, and what a test can ask it. */
export const layer = (options: Options = {}): Layer.Layer<ReplayProvider.ReplayProvider | InMemoryProvider> =>
  Layer.effectContext(make(options))
