/** The steps after a window was accepted, but for its proof: watching, telling the sinks. Whatever goes wrong here, the replay stands. */
import { EventStream, Replay, ReplayProvider } from "@genesys-replay/domain"
import { Duration, Effect, Option, Ref, Schema, Stream } from "effect"
import { recordFor } from "../audit/AuditTrail.js"
import { SyncOutbox } from "../sync/SyncOutbox.js"
import * as ApplyProgress from "../window/ApplyProgress.js"
import type { ApplyResult } from "../window/ApplyReport.js"
import { isFinal, isProvenByRecords, type RunWindow } from "../window/RunWindow.js"
import { type Listener, Listeners } from "./Listeners.js"
import { Shutdown } from "./Shutdown.js"
import * as StepRetry from "./StepRetry.js"
import * as Verification from "./Verification.js"
import * as Watch from "./Watch.js"
import * as WindowRecord from "./WindowRecord.js"

/** How long a replay is watched without a break; after that it is looked at from time to time. */
export const attention = Duration.minutes(10)

/** What watching came to. */
export const Watched = Schema.Struct({
  /** Whether the replay is still under way, so that another look is worth it. */
  again: Schema.Boolean,
  /** The replay, where it has ended. */
  replay: Schema.NullOr(Replay.Replay),
  /** Whether the platform's records are what it is measured by, so that these are waited for. */
  byRecords: Schema.optionalWith(Schema.Literal(true), { exact: true })
}).annotations({ identifier: "Watched" })

export interface Watched extends Schema.Schema.Type<typeof Watched> {}

const over: Watched = { again: false, replay: null }

const ended = (run: RunWindow, result: ApplyResult, replay: Replay.Replay) => {
  const { sequence, state } = replay.progress
  return WindowRecord.commit(
    run,
    {
      state: "ended",
      failure: null,
      result: {
        ...result,
        replay: {
          state,
          ...(sequence === undefined ? {} : { sequence }),
          ...(EventStream.isEmpty(replay.progress) ? { empty: true } : {})
        }
      }
    },
    recordFor(run.window, "complete_replay", { configId: result.id, detail: { run: run.run, ...replay.progress } })
  )
}

// Every look takes its turn with the requests of the other windows.
const inTurn = (listener: Listener) =>
  Effect.map(
    ReplayProvider.ReplayProvider,
    (provider): ReplayProvider.Service => ({
      ...provider,
      describe: (id) => listener.slots.looking(provider.describe(id))
    })
  )

// The replay answers again: nothing keeps the window from getting on any more.
const getsOn = (run: RunWindow) =>
  run.failure === null
    ? Effect.succeed(Effect.void)
    : Effect.flatMap(Shutdown, ({ step }) =>
        Effect.once(step(WindowRecord.commit(run, { failure: null }, Effect.void)))
      )

type Looks<R> = Stream.Stream<Replay.Replay, Watch.WatchError, R>

const watching = (
  { key }: RunWindow,
  take: <R>(looks: Looks<R>) => Effect.Effect<Option.Option<Replay.Replay>, Watch.WatchError, R>
) =>
  StepRetry.untilDone(key, "watch_replay", (run) =>
    Effect.gen(function* () {
      const { result } = run
      if (isFinal(run) || result?.id === undefined || result.id === null) return Effect.succeed(over)
      // A restart: the end is written down, and the replay is needed once more only to measure it.
      const known = run.state === "ended"
      if (known && !Verification.isToMeasure(run)) return Effect.succeed(over)
      const listener = yield* Effect.flatMap(Listeners, ({ of }) => of(key))
      const answered = yield* known ? Effect.succeed(Effect.void) : getsOn(run)
      const looks = Watch.watch(result.id, listener.watch).pipe(
        Stream.tap((replay) =>
          Effect.zipRight(answered, listener.tell(ApplyProgress.Watching({ window: run.window, replay })))
        )
      )
      return yield* take(looks).pipe(
        Effect.provideServiceEffect(ReplayProvider.ReplayProvider, inTurn(listener)),
        Effect.map((found) =>
          Option.match(
            Option.filter(found, ({ progress }) => EventStream.isFinal(progress.state)),
            {
              onNone: () => Effect.succeed<Watched>({ again: true, replay: null }),
              onSome: (replay) =>
                Effect.as(known ? Effect.void : ended(run, result, replay), {
                  again: false,
                  replay,
                  ...(isProvenByRecords(run) ? { byRecords: true } : {})
                } satisfies Watched)
            }
          )
        ),
        Effect.catchTag("ReplayNotFound", (gone) =>
          Effect.succeed(Effect.as(StepRetry.giveUp(run, "watch_replay", result, gone), over))
        )
      )
    })
  ).pipe(Effect.flatten)

/** Watches the replay until it ends, but not longer than {@link attention}; of what keeps it from that see `StepRetry`. */
export const watch = Effect.fn("ReplayEnd.watch")((run: RunWindow) =>
  watching(run, (looks) =>
    Effect.gen(function* () {
      const latest = yield* Ref.make(Option.none<Replay.Replay>())
      const seen = Stream.runForEach(looks, (replay) => Ref.set(latest, Option.some(replay)))
      yield* Effect.raceFirst(seen, Effect.sleep(attention))
      return yield* Ref.get(latest)
    })
  )
)

/** Looks at the replay once, and again as a watch does where it is not answered. */
export const look = Effect.fn("ReplayEnd.look")((run: RunWindow) => watching(run, Stream.runHead))

/**
 * Delivers what the sinks are to be told of the window, one round; what a sink does not take stays in the outbox. Then nothing
 * more is to be done for the window.
 */
export const sync = Effect.fn("ReplayEnd.sync")(function* (run: RunWindow) {
  if (run.sinks.length > 0) {
    const outbox = yield* SyncOutbox
    const results = yield* outbox.deliver(run.key)
    yield* Effect.forEach(
      results,
      (result) => WindowRecord.tell(run, ApplyProgress.Synced({ window: run.window, result })),
      {
        discard: true
      }
    )
  }
  // Also where another process has seen the replay end meanwhile: no step comes after this one.
  yield* WindowRecord.commit({ key: run.key, state: "ended" }, { state: "finished", failure: null }, Effect.void)
})
