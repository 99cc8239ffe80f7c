/** Stopping what was asked for. What was delivered stays delivered. */
import { type AuditEntry, EventStream, Instant, ReplayProvider } from "@genesys-replay/domain"
import { DateTime, Effect, Option, Schema } from "effect"
import { AuditTrail } from "../audit/AuditTrail.js"
import { atomically } from "../state/Database.js"
import { Runs } from "../window/Runs.js"
import { isFinal, type RunWindow } from "../window/RunWindow.js"
import * as WindowRecord from "./WindowRecord.js"

/** A window was taken on for another platform or with other credentials than those of this process; nothing was done. */
export class OtherTarget extends Schema.TaggedError<OtherTarget>()("OtherTarget", {
  /** The window's name. */
  window: Schema.String,
  /** For whom it was taken on. */
  wanted: Schema.String,
  /** Whom this process talks to. */
  found: Schema.String
}) {
  override get message(): string {
    return `${this.window} was taken on for ${this.wanted}, and this is ${this.found}. Run the same command with the credentials of that one`
  }
}

/**
 * Stops a replay and records `cancel_replay`, once for each replay; answers the replay as it was. `ReplayNotFound` for an unknown id. Where
 * `StateUnavailable` comes, the replay was stopped and only the entry is missing: the same again records it.
 */
export const cancel = Effect.fn("ReplayPipeline.cancel")(function* (id: EventStream.ReplayId) {
  const provider = yield* ReplayProvider.ReplayProvider
  const trail = yield* AuditTrail
  const replay = yield* provider.describe(id)
  const entry = (at: DateTime.Utc): AuditEntry.AuditEntry => ({
    action: "cancel_replay",
    config_id: id,
    retention_days: replay.retentionDays ?? null,
    replay_start: replay.start ?? null,
    topics: replay.topics,
    latency_ms: null,
    timestamp: Instant.format(at),
    window: replay.name,
    payload_hash: null,
    detail: { provider: provider.provider, was: { ...replay.progress } }
  })
  const known = EventStream.isCancelled(replay.progress.state)
    ? yield* trail.list({ window: replay.name, action: "cancel_replay" })
    : []
  const isRecorded = known.some(({ config_id }) => config_id === id)
  yield* Effect.uninterruptibleMask((restore) =>
    Effect.zipRight(
      restore(provider.cancel(id)),
      isRecorded ? Effect.void : trail.record(Effect.map(DateTime.now, entry))
    )
  )
  return replay
})

// What has ended by itself need not be stopped, and AWS would refuse it.
const toStop = ({ state }: RunWindow, id: Option.Option<EventStream.ReplayId>) =>
  Option.filter(id, () => state !== "ended")

const stop = (id: EventStream.ReplayId) =>
  Effect.flatMap(ReplayProvider.ReplayProvider, (provider) =>
    // Gone is as good as stopped.
    Effect.catchTag(provider.cancel(id), "ReplayNotFound", () => Effect.void)
  )

// The replay of a window, as far as it is known or can be found: a request that nobody may be waiting for has perhaps made one.
const madeFor = ({ result, state, window }: RunWindow) =>
  Effect.gen(function* () {
    const known = Option.fromNullable(result?.id)
    if (Option.isSome(known) || state !== "submitting") return known
    const provider = yield* ReplayProvider.ReplayProvider
    return Option.map(yield* provider.findByName(window.name), ({ id }) => id)
  })

// Marks the window, and answers it as it was.
const mark = (
  { key }: RunWindow,
  id: Option.Option<EventStream.ReplayId>,
  detail: Readonly<Record<string, unknown>> = {}
) =>
  Effect.gen(function* () {
    const runs = yield* Runs
    const updatedAt = Instant.format(yield* DateTime.now)
    const before = yield* atomically(
      Effect.gen(function* () {
        const was = yield* WindowRecord.load(key)
        const { changed, window } = yield* runs.change(key, (now) =>
          isFinal(now) ? Option.none() : Option.some({ ...now, state: "cancelled", updatedAt })
        )
        if (changed) yield* WindowRecord.recordCancelled(window.window, window.run, Option.getOrNull(id), detail)
        return { ...window, state: was.state }
      })
    )
    yield* runs.announce(key)
    return before
  })

/**
 * Takes a window of a run back: nothing more is done for it, its replay is stopped if it has one, and `cancel_replay` is
 * recorded. Answers whether there was something to take back. {@link OtherTarget} for a window that has been sent to another
 * platform; the errors of the provider where its replay cannot be found out or stopped, and the window is still worked on
 * then.
 */
export const withdraw = Effect.fn("ReplayPipeline.withdraw")(function* ({ key }: RunWindow) {
  const provider = yield* ReplayProvider.ReplayProvider
  const before = yield* WindowRecord.load(key)
  if (isFinal(before)) return false
  if (before.state !== "requested" && before.target !== provider.target) {
    return yield* new OtherTarget({ window: before.window.name, wanted: before.target, found: provider.target })
  }
  const made = yield* madeFor(before)
  yield* Effect.uninterruptible(
    Effect.gen(function* () {
      const running = toStop(before, made)
      if (Option.isSome(running)) yield* stop(running.value)
      const was = yield* mark(before, made)
      // What came meanwhile. Whoever waits for an answer that is still to come takes back what the request has made.
      const late = yield* Effect.orElseSucceed(madeFor(was), Option.none<EventStream.ReplayId>)
      const others = Option.filter(late, (id) => !Option.contains(made, id))
      if (Option.isSome(others)) yield* WindowRecord.takeBack(was, others.value)
    })
  )
  return true
})

/**
 * Takes a window of a run back without a word to its provider: for one whose replay cannot be stopped, or whose credentials are
 * gone. Nothing more is done for it, a replay that stands is left as it is, and `cancel_replay` says so. Answers whether there
 * was something to take back.
 */
export const abandon = Effect.fn("ReplayPipeline.abandon")(function* ({ key }: RunWindow) {
  const before = yield* WindowRecord.load(key)
  if (isFinal(before)) return false
  yield* mark(before, Option.fromNullable(before.result?.id), { replay: "left as it is" })
  return true
})
