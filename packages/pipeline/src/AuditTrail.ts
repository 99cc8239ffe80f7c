/** The audit trail: what was done, in the order in which it was done, never changed afterwards. */
import { type AuditEntry, Instant, type PlannedWindow } from "@genesys-replay/domain"
import { Context, DateTime, Effect, Layer, Option, Ref, Stream } from "effect"
import * as AuditChain from "./AuditChain.js"
import type { StateUnavailable } from "./StateUnavailable.js"

/** Which entries. Without any field: all. */
export interface Filter {
  /** Only those of the window of this name. */
  readonly window?: string | undefined
  /** Only those of this action. */
  readonly action?: AuditEntry.AuditAction | undefined
  /** Only those at or after this instant. */
  readonly since?: DateTime.Utc | undefined
  /** Only those before this instant. */
  readonly until?: DateTime.Utc | undefined
  /** At most so many: the latest ones, still in order. */
  readonly limit?: number | undefined
}

/** An entry with its place in the chain, as `AuditChain` explains it. */
export interface Chained {
  readonly sequence: number
  readonly previous: string
  readonly hash: string
  readonly entry: AuditEntry.AuditEntry
}

/** The operations of a trail. */
export interface Service {
  /** Appends an entry; it is kept when this returns, or, inside a transaction, together with what that one changes. */
  readonly record: (entry: AuditEntry.AuditEntry) => Effect.Effect<void, StateUnavailable>
  /** The entries that pass the filter, in the order in which they were recorded. */
  readonly list: (filter?: Filter) => Effect.Effect<ReadonlyArray<AuditEntry.AuditEntry>, StateUnavailable>
  /** The entries that pass the filter with their places, in order, however many there are. */
  readonly chained: (filter?: Omit<Filter, "limit">) => Stream.Stream<Chained, StateUnavailable>
  /** Whether every entry is as it was recorded and none is missing; else the first that is not. */
  readonly verify: Effect.Effect<AuditChain.Verdict, StateUnavailable>
  /**
   * Whether an entry has this hash. Somebody who rewrites a whole trail leaves it in order: a head noted elsewhere, which is then
   * no longer there, gives him away. The hash of the empty trail is always there.
   */
  readonly holds: (hash: string) => Effect.Effect<boolean, StateUnavailable>
}

/** When the entry was made, in milliseconds since 1970. */
export const epochMillis = (entry: AuditEntry.AuditEntry): number =>
  Option.match(Instant.parse(entry.timestamp), { onNone: () => Number.NaN, onSome: DateTime.toEpochMillis })

const passes =
  (filter: Filter) =>
  (entry: AuditEntry.AuditEntry): boolean =>
    (filter.window === undefined || entry.window === filter.window) &&
    (filter.action === undefined || entry.action === filter.action) &&
    (filter.since === undefined || epochMillis(entry) >= DateTime.toEpochMillis(filter.since)) &&
    (filter.until === undefined || epochMillis(entry) < DateTime.toEpochMillis(filter.until))

interface Kept {
  readonly link: AuditChain.Link
  readonly entry: AuditEntry.AuditEntry
}

const headOf = (all: ReadonlyArray<Kept>): AuditChain.Head => {
  const last = all.at(-1)
  return last === undefined ? AuditChain.genesis : AuditChain.headOf(last.link)
}

const makeMemory = Effect.map(Ref.make<ReadonlyArray<Kept>>([]), (kept): Service => {
  const passing = (filter: Filter) =>
    Effect.map(Ref.get(kept), (all) => all.filter(({ entry }) => passes(filter)(entry)))
  return {
    record: (entry) => Ref.update(kept, (all) => [...all, { entry, link: AuditChain.append(headOf(all), entry) }]),
    list: (filter = {}) =>
      Effect.map(passing(filter), (all) => {
        const entries = all.map(({ entry }) => entry)
        return filter.limit === undefined ? entries : entries.slice(Math.max(0, entries.length - filter.limit))
      }),
    chained: (filter = {}) =>
      Stream.fromIterableEffect(
        Effect.map(passing(filter), (all) =>
          all.map(({ entry, link: { hash, previous, sequence } }) => ({ sequence, previous, hash, entry }))
        )
      ),
    verify: Effect.map(Ref.get(kept), (all) =>
      AuditChain.verify(
        all.map(({ link }) => link),
        headOf(all)
      )
    ),
    holds: (hash) =>
      Effect.map(Ref.get(kept), (all) =>
        [AuditChain.genesis, ...all.map(({ link }) => link)].some((at) => at.hash === hash)
      )
  }
})

/** The service tag. `layerMemory` for tests and trials; the lasting one is `SqlAuditTrail`. */
export class AuditTrail extends Context.Tag("@genesys-replay/pipeline/AuditTrail")<AuditTrail, Service>() {
  /** A trail that ends with the process. */
  static readonly layerMemory: Layer.Layer<AuditTrail> = Layer.effect(AuditTrail, makeMemory)
}

/** What an entry says beyond its window and its action. */
export interface Particulars {
  readonly configId?: string | null | undefined
  /** In milliseconds. */
  readonly latencyMs?: number | null | undefined
  readonly detail?: Readonly<Record<string, unknown>> | undefined
}

/** An entry about a planned window, at the instant of the Clock. */
export const entryFor = (
  window: PlannedWindow.PlannedWindow,
  action: AuditEntry.AuditAction,
  particulars: Particulars = {}
): Effect.Effect<AuditEntry.AuditEntry> =>
  Effect.map(DateTime.now, (now) => ({
    action,
    config_id: particulars.configId ?? null,
    retention_days: window.retentionDays,
    replay_start: window.payload.replayConfig.startDate,
    topics: window.payload.filters.topics,
    latency_ms: particulars.latencyMs ?? null,
    timestamp: Instant.format(now),
    window: window.name,
    payload_hash: window.payloadHash,
    detail: particulars.detail ?? {}
  }))

/** Records {@link entryFor}. */
export const recordFor = Effect.fn("AuditTrail.recordFor")(function* (
  window: PlannedWindow.PlannedWindow,
  action: AuditEntry.AuditAction,
  particulars: Particulars = {}
) {
  const trail = yield* AuditTrail
  yield* trail.record(yield* entryFor(window, action, particulars))
})
