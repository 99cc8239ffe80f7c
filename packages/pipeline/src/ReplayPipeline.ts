/**
 * The pipeline: windows are asked for, and an engine submits, watches, verifies and tells the sinks; every step is in the
 * audit trail. Nothing is submitted without one: a window that cannot be written down is not sent.
 */
import { FileSystem, Path } from "@effect/platform"
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import {
  type EventStream,
  type PlannedWindow,
  type Replay,
  ReplayProvider,
  type SequenceReport
} from "@genesys-replay/domain"
import { Context, type Duration, Effect, Layer, Option, type Stream } from "effect"
import type { AuditTrail } from "./audit/AuditTrail.js"
import * as DatabaseEngine from "./engine/DatabaseEngine.js"
import { type Requirements as EngineRequirements, ReplayEngine } from "./engine/ReplayEngine.js"
import * as State from "./State.js"
import { Database } from "./state/Database.js"
import * as SharedAllowance from "./state/SharedAllowance.js"
import type { StateUnavailable } from "./state/StateUnavailable.js"
import { cancel, withdraw } from "./steps/Cancellation.js"
import type { EngineError } from "./steps/EngineError.js"
import * as Listeners from "./steps/Listeners.js"
import type * as Watch from "./steps/Watch.js"
import { SyncOutbox } from "./sync/SyncOutbox.js"
import { SyncSinks } from "./sync/SyncSink.js"
import * as InMemoryProvider from "./testing/InMemoryProvider.js"
import * as ApplyProgress from "./window/ApplyProgress.js"
import * as ApplyReport from "./window/ApplyReport.js"
import { announce, measuredFrom, type RequestOptions, request, type Windows, writeDown } from "./window/RunRequest.js"
import { Runs } from "./window/Runs.js"
import type { RunWindow } from "./window/RunWindow.js"
import { awaitIdle, changesOf, unfinished } from "./window/UnfinishedWindows.js"
import { resultOf } from "./window/WindowResult.js"
import { awaitWindows } from "./window/WindowWait.js"

/** {@link RequestOptions}, and what only the program that waits can give. */
export interface ApplyOptions<E = never, R = never> {
  /** Wait until the replay has ended. `true` looks as often as `Watch` does by itself. */
  readonly wait?: boolean | Watch.Options | undefined
  /** See {@link RequestOptions.captured}. */
  readonly captured?: RequestOptions["captured"]
  /** See {@link RequestOptions.against}. */
  readonly against?: RequestOptions["against"]
  /**
   * Measures how complete the replay came back, when it has ended, instead of `captured`: asking for it is asking to wait. It
   * cannot leave this process: where another one works on the window, the result's error is `VerifierGone`.
   */
  readonly verify?:
    | ((replay: Replay.Replay, window: PlannedWindow.PlannedWindow) => Effect.Effect<SequenceReport.GroupReport, E, R>)
    | undefined
  /** Told of every step that is taken in this process. What it dies of is logged and changes nothing. */
  readonly onProgress?: ((progress: ApplyProgress.ApplyProgress) => Effect.Effect<void>) | undefined
  /**
   * How many submissions are under way at the same time, and as many looks and verifications beside them; 4. Waiting for a
   * replay to end holds no place, so that every replay is started before the first has ended.
   */
  readonly concurrency?: number | undefined
}

type Errors<A> = A extends (...args: ReadonlyArray<never>) => Effect.Effect<unknown, infer E, unknown> ? E : never

/** What asking for windows can fail with. */
export type AskingError = Errors<typeof request>

/** What `apply` fails with: the engine's own errors, and a plan that is not taken on. What goes wrong with a window is in its result. */
export type ApplyError = EngineError | AskingError

export { abandon, cancel, withdraw } from "./steps/Cancellation.js"
export { request } from "./window/RunRequest.js"
export { unfinished } from "./window/UnfinishedWindows.js"
export { resultOf } from "./window/WindowResult.js"

const tell = <E, R>({ onProgress }: ApplyOptions<E, R>, progress: ApplyProgress.ApplyProgress): Effect.Effect<void> =>
  Effect.suspend(() => onProgress?.(progress) ?? Effect.void).pipe(
    Effect.catchAllDefect((defect) => Effect.logWarning("the progress callback died", defect))
  )

// Listens to the windows and waits for them, as long as the engine of this process can work.
const listened = <E, R>(asked: ReadonlyArray<RunWindow>, options: ApplyOptions<E, R>) =>
  Effect.gen(function* () {
    const engine = yield* ReplayEngine
    const context = yield* Effect.context<R>()
    const slots = yield* Listeners.makeSlots(Math.max(1, options.concurrency ?? Listeners.concurrency))
    const { verify, wait } = options
    yield* engine.listen(
      asked.map(({ key }) => key),
      {
        slots,
        watch: typeof wait === "object" ? wait : {},
        verify: Option.map(
          Option.fromNullable(verify),
          (measure) => (replay, window) => Effect.provide(measure(replay, window), context)
        ),
        tell: (progress) => tell(options, progress)
      }
    )
    yield* announce(asked)
    const finished = (window: RunWindow) =>
      tell(options, ApplyProgress.Finished({ window: window.window, result: resultOf(window) }))
    const settled = yield* Effect.raceFirst(awaitWindows(asked, finished), engine.halted)
    return ApplyReport.of(settled.map(resultOf))
  }).pipe(Effect.scoped)

const applied = <E = never, R = never>(plan: Windows, options: ApplyOptions<E, R> = {}) =>
  Effect.gen(function* () {
    const { verify, wait = false } = options
    const measuring = verify === undefined ? measuredFrom(options) : { verify: "caller" as const }
    const asked = yield* writeDown(plan, { wait: wait !== false || measuring.verify !== "nothing", ...measuring })
    return yield* listened(asked, options)
  }).pipe(Effect.withSpan("ReplayPipeline.apply", { attributes: { windows: plan.windows.length } }))

// What the service works with.
type Services = ReplayEngine | ReplayProvider.ReplayProvider | Runs | AuditTrail | SyncSinks | SyncOutbox | Database

const make = Effect.gen(function* () {
  const context = yield* Effect.context<Services>()
  const { halted } = yield* ReplayEngine
  const runs = yield* Runs
  const outbox = yield* SyncOutbox
  return ReplayPipeline.of({
    apply: (plan, options) => Effect.provide(applied(plan, options), context),
    request: (plan, options) => Effect.provide(request(plan, options), context),
    resume: (windows, options = {}) =>
      Effect.provide(listened<never, never>(windows, options), context).pipe(
        Effect.withSpan("ReplayPipeline.resume", { attributes: { windows: windows.length } })
      ),
    unfinished: Effect.provide(unfinished, context),
    cancel: (id) => Effect.provide(cancel(id), context),
    withdraw: (window) => Effect.provide(withdraw(window), context),
    changes: changesOf(runs),
    deliver: outbox.deliver,
    awaitIdle: Effect.raceFirst(Effect.provide(awaitIdle, context), halted),
    halted
  })
})

/** The pipeline: one thing to provide. Its engine works from the moment its layer is built until its scope ends. */
export class ReplayPipeline extends Context.Tag("@genesys-replay/pipeline/ReplayPipeline")<
  ReplayPipeline,
  {
    /**
     * Makes sure that one replay of every window of an accepted plan exists, takes the steps that the options ask for, and
     * waits until all of that is done. The same plan again takes up what is not finished, and finds the rest `unchanged`. One
     * failure does not stop the others: it is a `failed` result with its error, also where it is a bug (tag `Defect`). A window whose
     * replay stands and that does not get on, as credentials were refused, say, is waited for no longer: its result has the error,
     * and it stays unfinished, for `resume` or the same plan again. Results are in the order of the plan. An interruption ends the
     * waiting; the engine goes on for as long as its layer lives.
     *
     * `StateUnavailable` where the state cannot be written or read: what was accepted until then stands, and the same plan
     * again goes on from there. `ShardGroupUnserved` where the windows are to run in an engine of the program's own, in a shard group
     * that none of its runners has. `ProviderMismatch` where a window was planned for another provider, `ProofNotPossible` and
     * `RecordsNotConfigured` where one cannot be proven as its spec says: nothing is written down then, and nothing submitted.
     */
    readonly apply: <E = never, R = never>(
      plan: Windows,
      options?: ApplyOptions<E, R>
    ) => Effect.Effect<ApplyReport.ApplyReport, ApplyError, R>
    /** Asks for the windows of an accepted plan, and waits for nothing. See {@link request}. */
    readonly request: (plan: Windows, options?: RequestOptions) => Effect.Effect<ReadonlyArray<RunWindow>, AskingError>
    /**
     * Goes on with these windows, which were asked for earlier and perhaps by another program, and waits as `apply` does.
     * What is to be done for them is written down with them.
     */
    readonly resume: (
      windows: ReadonlyArray<RunWindow>,
      options?: Pick<ApplyOptions, "onProgress" | "concurrency">
    ) => Effect.Effect<ApplyReport.ApplyReport, EngineError>
    /** The windows that were taken on for the provider's target and are not finished. */
    readonly unfinished: Effect.Effect<ReadonlyArray<RunWindow>, StateUnavailable>
    /** Stops a replay. See {@link cancel}. */
    readonly cancel: (id: EventStream.ReplayId) => Effect.Effect<Replay.Replay, Errors<typeof cancel>>
    /** Takes a window of a run back. See {@link withdraw}. */
    readonly withdraw: (window: RunWindow) => Effect.Effect<boolean, Errors<typeof withdraw>>
    /** Every window that changes in this process, as it is then, from now on. */
    readonly changes: Stream.Stream<RunWindow, StateUnavailable>
    /** Tells the sinks now what they are still to be told of a window, `RUN/NAME`. See `SyncOutbox`. */
    readonly deliver: Context.Tag.Service<SyncOutbox>["deliver"]
    /**
     * Waits until nothing is left to do: no window is open but those of which a try has failed since this was called, which it
     * answers, and the sinks were told everything or it was given up.
     */
    readonly awaitIdle: Effect.Effect<ReadonlyArray<RunWindow>, EngineError>
    /** Fails when the engine of this process cannot go on: what is kept is not available, or nobody runs its shard group. */
    readonly halted: Effect.Effect<never, EngineError>
  }
>() {
  /** Over an engine, whose services it shares. */
  static readonly layerOver = <E, R>(engine: Layer.Layer<ReplayEngine, E, R>) =>
    Layer.effect(ReplayPipeline, make).pipe(Layer.provide(engine))

  /** The pipeline on the database that `state` opens; the provider is the one of the context unless it is told. */
  static readonly layer = layer

  /** {@link layer} on the database that `GENESYS_REPLAY_DATABASE_URL` names; `DatabaseUrlMissing` where it names none. */
  static readonly layerConfig = layerConfig

  /** On a provider and a database in memory: for tests of programs that compose the pipeline. */
  static readonly layerTest = layerTest
}

/** How the pipeline is put together. */
export interface Options<E1 = never, R1 = never, E2 = never, R2 = never, E3 = never, R3 = never> {
  /** Where everything is kept: `Database.layer(url)`, `Database.layerConfig()`, `Database.layerMemory`. */
  readonly state: Layer.Layer<Database, E1, R1>
  /** Who is told; nobody unless told. */
  readonly sinks?: Layer.Layer<SyncSinks, E2, R2> | undefined
  /** A workflow engine of the program's own, whose runners all work for one target; the one of the database unless told. */
  readonly engine?: Layer.Layer<WorkflowEngine, E3, R3> | undefined
  /** The shard group of `engine` in which windows run; its default group unless told. */
  readonly shardGroup?: string | undefined
  /**
   * How long is waited for a runner that runs something in that group; a minute. Then `apply` fails with `ShardGroupUnserved`, as it would
   * wait for ever.
   */
  readonly shardGroupTimeout?: Duration.DurationInput | undefined
  /** Runs once where another process works on the same file for the same target: this one follows it. */
  readonly onBusy?: Effect.Effect<void> | undefined
}

/** What a pipeline lets others use: its trail, its runs, its outbox. */
export type Provided = ReplayPipeline | State.State | SyncOutbox

type Machine = FileSystem.FileSystem | Path.Path

// The runners on one server share the allowance of requests. On a file one process works at a time, and shares with nobody.
const allowance = Layer.unwrapEffect(
  Effect.map(Database, ({ kind }) => (kind === "postgres" ? SharedAllowance.layer : Layer.empty))
)

const over = <E1, R1, E2, R2, E3, R3, E4, R4>(
  { engine, onBusy, shardGroup, shardGroupTimeout, sinks, state }: Options<E1, R1, E2, R2, E3, R3>,
  provider: Layer.Layer<ReplayProvider.ReplayProvider, E4, R4>
): Layer.Layer<Provided, E1 | E2 | E3 | E4 | StateUnavailable, Machine | R1 | R2 | R3 | R4> => {
  const told: Layer.Layer<SyncSinks, E2, R2> = sinks ?? SyncSinks.layerNone
  const chosen: Layer.Layer<ReplayEngine, E3 | StateUnavailable, Path.Path | EngineRequirements | R3> =
    engine === undefined
      ? DatabaseEngine.layer({ onBusy })
      : ReplayEngine.layerIn(engine, shardGroup, shardGroupTimeout)
  return ReplayPipeline.layerOver(chosen).pipe(
    Layer.provideMerge(SyncOutbox.layer()),
    Layer.provide(Layer.merge(Layer.provide(provider, allowance), told)),
    Layer.provideMerge(State.layerStores),
    Layer.provideMerge(state)
  )
}

type Given<E1, R1, E2, R2, E3, R3> = Options<E1, R1, E2, R2, E3, R3>

/**
 * The pipeline on the database that `state` opens. The provider is the one of the context unless it is told; on PostgreSQL it shares
 * the allowance of requests with the other runners. `StateUnavailable` where the engine's tables cannot be made.
 */
export function layer<E1, R1, E2 = never, R2 = never, E3 = never, R3 = never>(
  options: Given<E1, R1, E2, R2, E3, R3> & { readonly provider?: undefined }
): Layer.Layer<Provided, E1 | E2 | E3 | StateUnavailable, Machine | R1 | R2 | R3 | ReplayProvider.ReplayProvider>
export function layer<E1, R1, E4, R4, E2 = never, R2 = never, E3 = never, R3 = never>(
  options: Given<E1, R1, E2, R2, E3, R3> & { readonly provider: Layer.Layer<ReplayProvider.ReplayProvider, E4, R4> }
): Layer.Layer<Provided, E1 | E2 | E3 | E4 | StateUnavailable, Machine | R1 | R2 | R3 | R4>
export function layer<E1, R1, E4, R4, E2, R2, E3, R3>(
  options: Given<E1, R1, E2, R2, E3, R3> & {
    readonly provider?: Layer.Layer<ReplayProvider.ReplayProvider, E4, R4> | undefined
  }
): Layer.Layer<
  Provided,
  E1 | E2 | E3 | E4 | StateUnavailable,
  Machine | R1 | R2 | R3 | R4 | ReplayProvider.ReplayProvider
> {
  const provider: Layer.Layer<ReplayProvider.ReplayProvider, E4, R4 | ReplayProvider.ReplayProvider> =
    options.provider ?? Layer.effect(ReplayProvider.ReplayProvider, ReplayProvider.ReplayProvider)
  return over(options, provider)
}

/** {@link layer} on the database that `GENESYS_REPLAY_DATABASE_URL` names, which has to be set; the provider is the one of the context. */
export function layerConfig<E2 = never, R2 = never, E3 = never, R3 = never>(
  options: Omit<Options<never, never, E2, R2, E3, R3>, "state"> = {}
) {
  return layer({ ...options, state: Database.layerConfig() })
}

/** On a provider and a database in memory: for tests of programs that compose the pipeline. It needs nothing else. */
export function layerTest<E2 = never, R2 = never>(
  options: {
    readonly provider?: InMemoryProvider.Options | undefined
    readonly sinks?: Layer.Layer<SyncSinks, E2, R2> | undefined
  } = {}
): Layer.Layer<
  Provided | InMemoryProvider.InMemoryProvider | ReplayProvider.ReplayProvider,
  E2 | StateUnavailable,
  R2
> {
  return layer({ state: Database.layerMemory, sinks: options.sinks }).pipe(
    Layer.provideMerge(InMemoryProvider.layer(options.provider)),
    Layer.provide(Layer.merge(FileSystem.layerNoop({}), Path.layer))
  )
}

/** The operation of the service in the context. */
export const apply = <E = never, R = never>(
  plan: Windows,
  options?: ApplyOptions<E, R>
): Effect.Effect<ApplyReport.ApplyReport, ApplyError, R | ReplayPipeline> =>
  Effect.flatMap(ReplayPipeline, (pipeline) => pipeline.apply(plan, options))

/** The operation of the service in the context. */
export const resume = (
  windows: ReadonlyArray<RunWindow>,
  options?: Pick<ApplyOptions, "onProgress" | "concurrency">
): Effect.Effect<ApplyReport.ApplyReport, EngineError, ReplayPipeline> =>
  Effect.flatMap(ReplayPipeline, (pipeline) => pipeline.resume(windows, options))
