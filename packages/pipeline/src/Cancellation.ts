/** Stopping what was asked for. What was delivered stays delivered. */
import { type AuditEntry, type EventStream, Instant, ReplayProvider } from "@genesys-replay/domain"
import { DateTime, Effect, Option, Schema } from "effect"
import { AuditTrail } from "./AuditTrail.js"
import { Runs } from "./Runs.js"
import { isFinal, type RunWindow } from "./RunWindow.js"
import * as Step from "./Step.js"
import { atomically } from "./Transaction.js"

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
 * Stops a replay and records `cancel_replay`; answers the replay as it was. `ReplayNotFound` for an unknown id. Where
 * `StateUnavailable` comes, the replay was stopped and only the entry is missing.
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
  yield* Effect.uninterruptibleMask((restore) =>
    Effect.zipRight(
      restore(provider.cancel(id)),
      Effect.flatMap(DateTime.now, (now) => trail.record(entry(now)))
    )
  )
  return replay
})

const stop = (id: EventStream.ReplayId) =>
  Effect.flatMap(ReplayProvider.ReplayProvider, (provider) =>
    // Gone is as good as stopped.
    Effect.catchTag(provider.cancel(id), "ReplayNotFound", () => Effect.void)
  )

// What a request that nobody may be waiting for has made.
const made = ({ window }: RunWindow) =>
  Effect.flatMap(ReplayProvider.ReplayProvider, (provider) =>
    Effect.map(
      provider.findByName(window.name),
      Option.map(({ id }) => id)
    )
  )

/**
 * Takes a window of a run back: nothing more is done for it, its replay is stopped if it has one, and `cancel_replay` is
 * recorded. Answers whether there was something to take back. {@link OtherTarget} for a window that has been sent to another
 * platform; the errors of the provider where its replay cannot be stopped, and the window is still worked on then.
 */
export const withdraw = Effect.fn("ReplayPipeline.withdraw")(function* ({ key }: RunWindow) {
  const provider = yield* ReplayProvider.ReplayProvider
  const runs = yield* Runs
  const before = yield* Step.load(key)
  if (isFinal(before)) return false
  if (before.state !== "requested" && before.target !== provider.target) {
    return yield* new OtherTarget({ window: before.window.name, wanted: before.target, found: provider.target })
  }
  const known = Option.fromNullable(before.result?.id)
  yield* Effect.uninterruptible(
    Effect.gen(function* () {
      if (Option.isSome(known)) yield* stop(known.value)
      const updatedAt = Instant.format(yield* DateTime.now)
      yield* atomically(
        Effect.gen(function* () {
          const { changed } = yield* runs.change(key, (now) =>
            isFinal(now) ? Option.none() : Option.some({ ...now, state: "cancelled", updatedAt })
          )
          if (changed) yield* Step.recordCancelled(before.window, before.run, Option.getOrNull(known))
        })
      )
      yield* runs.announce(key)
      // Whoever waits for the answer to the request takes back what it has made; perhaps nobody does any more.
      if (before.state === "submitting") {
        const found = yield* made(before)
        if (Option.isSome(found)) yield* stop(found.value)
      }
    })
  )
  return true
})
