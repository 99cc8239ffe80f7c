/**
 * Where the messages of the outbox are kept, and who delivers which of them. A lane is one window's name and one sink: the
 * messages of a lane go one after the other. Only the first pending message of a lane can be claimed, and a claim ends by
 * itself: at `until`, by the Clock.
 */
import { type Duration, Effect, Option, Ref } from "effect"
import type { StateUnavailable } from "./StateUnavailable.js"
import type { MessageState, SyncMessage } from "./SyncMessage.js"

/** Which messages. Without any field: all. */
export interface Filter {
  readonly state?: MessageState | undefined
  /** Only those of the window of this name. */
  readonly window?: string | undefined
  /** Only those of this window of this run. */
  readonly key?: string | undefined
  /** At most so many: the latest ones, still in order. */
  readonly limit?: number | undefined
}

/** What claims a message: the one who holds the token delivers it, until the claim ends. */
export interface Claim {
  readonly token: string
  /** Milliseconds since 1970. */
  readonly now: number
  /** When the claim ends, in milliseconds since 1970. */
  readonly until: number
}

/** What a message becomes. */
export type Verdict = Pick<SyncMessage, "state" | "attempts" | "reason" | "dueAt">

/** How much there is. */
export interface Tally {
  readonly pending: number
  readonly dead: number
  /** When the oldest pending message was written, in milliseconds since 1970. */
  readonly oldest: Option.Option<number>
}

/** The operations. */
export interface Service {
  /** Writes messages; one that is there already, by `id` and `sink`, stays as it is. */
  readonly add: (messages: ReadonlyArray<SyncMessage>) => Effect.Effect<void, StateUnavailable>
  /** The messages that pass the filter, in the order in which they were written. */
  readonly list: (filter?: Filter) => Effect.Effect<ReadonlyArray<SyncMessage>, StateUnavailable>
  /** For each sink the earliest instant at which a message of it can be claimed, in milliseconds since 1970. */
  readonly due: Effect.Effect<ReadonlyArray<{ readonly sink: string; readonly at: number }>, StateUnavailable>
  /** Claims messages of a sink that are due, the ones that wait longest first. */
  readonly claim: (
    sink: string,
    claim: Claim,
    limit: number
  ) => Effect.Effect<ReadonlyArray<SyncMessage>, StateUnavailable>
  /** Claims the first message of a lane, due or not. None where there is none, or it is claimed. */
  readonly claimFirst: (
    lane: { readonly window: string; readonly sink: string },
    claim: Claim
  ) => Effect.Effect<Option.Option<SyncMessage>, StateUnavailable>
  /** Moves the end of a claim. Nothing where the claim is another's by now. */
  readonly extend: (message: SyncMessage, token: string, until: number) => Effect.Effect<void, StateUnavailable>
  /** Ends a claim with this verdict. False, and nothing is changed, where the claim is another's by now. */
  readonly settle: (message: SyncMessage, token: string, verdict: Verdict) => Effect.Effect<boolean, StateUnavailable>
  /** Makes dead messages pending again, due at `now`, untried: those with these ids, or all. Answers them in order. */
  readonly revive: (
    ids: ReadonlyArray<string> | "all",
    now: number
  ) => Effect.Effect<ReadonlyArray<SyncMessage>, StateUnavailable>
  /** Says why the messages of a sink are not even tried, where nothing else was said of them. */
  readonly excuse: (sink: string, reason: string) => Effect.Effect<void, StateUnavailable>
  readonly tally: Effect.Effect<Tally, StateUnavailable>
  /** How often to look for what other processes have changed; none where there are no others. */
  readonly others: Option.Option<Duration.Duration>
}

interface Row {
  readonly message: SyncMessage
  readonly token: string | null
  readonly until: number
}

type Rows = ReadonlyArray<Row>

const isSame = (one: SyncMessage, other: SyncMessage): boolean => one.id === other.id && one.sink === other.sink

const laneOf = ({ sink, window }: SyncMessage): string => `${window.name}\n${sink}`

// Of each lane the first pending message. The rows are in order.
const firsts = (rows: Rows): Rows => {
  const found = new Map<string, Row>()
  for (const row of rows) {
    const lane = laneOf(row.message)
    if (row.message.state === "pending" && !found.has(lane)) found.set(lane, row)
  }
  return [...found.values()]
}

// When the last claim in a lane ends: one that was revived comes first again, while a later one may be under way.
const heldUntil = (rows: Rows): ReadonlyMap<string, number> => {
  const ends = new Map<string, number>()
  for (const { message, until } of rows) {
    const lane = laneOf(message)
    if (message.state === "pending") ends.set(lane, Math.max(until, ends.get(lane) ?? 0))
  }
  return ends
}

const claimable = (rows: Rows, now: number): Rows => {
  const ends = heldUntil(rows)
  return firsts(rows).filter(({ message }) => (ends.get(laneOf(message)) ?? 0) <= now)
}

const replaced = (rows: Rows, message: SyncMessage, by: (row: Row) => Row): Rows =>
  rows.map((row) => (isSame(row.message, message) ? by(row) : row))

const passes =
  (filter: Filter) =>
  ({ key, state, window }: SyncMessage): boolean =>
    (filter.state === undefined || state === filter.state) &&
    (filter.window === undefined || window.name === filter.window) &&
    (filter.key === undefined || key === filter.key)

/** A store that ends with the process. */
export const makeMemory: Effect.Effect<Service> = Effect.map(Ref.make<Rows>([]), (kept): Service => {
  const take = (claim: Claim, choose: (rows: Rows) => Rows) =>
    Ref.modify(kept, (rows) => {
      const chosen = choose(claimable(rows, claim.now))
      const { token, until } = claim
      return [
        chosen.map(({ message }) => message),
        chosen.reduce((all, { message }) => replaced(all, message, (row) => ({ ...row, token, until })), rows)
      ]
    })
  return {
    add: (messages) =>
      Ref.update(kept, (rows) => [
        ...rows,
        ...messages
          .filter((message) => !rows.some((row) => isSame(row.message, message)))
          .map((message) => ({ message, token: null, until: 0 }))
      ]),
    list: (filter = {}) =>
      Effect.map(Ref.get(kept), (rows) => {
        const passing = rows.map(({ message }) => message).filter(passes(filter))
        return filter.limit === undefined ? passing : passing.slice(Math.max(0, passing.length - filter.limit))
      }),
    due: Effect.map(Ref.get(kept), (rows) => {
      const ends = heldUntil(rows)
      const earliest = new Map<string, number>()
      for (const { message } of firsts(rows)) {
        const at = Math.max(message.dueAt, ends.get(laneOf(message)) ?? 0)
        earliest.set(message.sink, Math.min(at, earliest.get(message.sink) ?? at))
      }
      return [...earliest].map(([sink, at]) => ({ sink, at }))
    }),
    claim: (sink, claim, limit) =>
      take(claim, (rows) =>
        rows
          .filter(({ message }) => message.sink === sink && message.dueAt <= claim.now)
          .sort((one, other) => one.message.dueAt - other.message.dueAt)
          .slice(0, limit)
      ),
    claimFirst: ({ sink, window }, claim) =>
      Effect.map(
        take(claim, (rows) =>
          rows.filter(({ message }) => message.sink === sink && message.window.name === window).slice(0, 1)
        ),
        ([message]) => Option.fromNullable(message)
      ),
    extend: (message, token, until) =>
      Ref.update(kept, (rows) => replaced(rows, message, (row) => (row.token === token ? { ...row, until } : row))),
    settle: (message, token, verdict) =>
      Ref.modify(kept, (rows) => {
        const ours = rows.some((row) => isSame(row.message, message) && row.token === token)
        const settled = (row: Row): Row => ({ message: { ...row.message, ...verdict }, token: null, until: 0 })
        return [ours, ours ? replaced(rows, message, settled) : rows]
      }),
    revive: (ids, now) =>
      Ref.modify(kept, (rows) => {
        const chosen = ({ message }: Row) => message.state === "dead" && (ids === "all" || ids.includes(message.id))
        const revived = (row: Row): Row => ({
          ...row,
          message: { ...row.message, state: "pending", attempts: 0, dueAt: now }
        })
        const after = rows.map((row) => (chosen(row) ? revived(row) : row))
        return [rows.filter(chosen).map((row) => revived(row).message), after]
      }),
    excuse: (sink, reason) =>
      Ref.update(kept, (rows) =>
        rows.map((row) =>
          row.message.sink === sink && row.message.state === "pending" && row.message.reason === null
            ? { ...row, message: { ...row.message, reason } }
            : row
        )
      ),
    tally: Effect.map(Ref.get(kept), (rows) => {
      const pending = rows.filter(({ message }) => message.state === "pending")
      return {
        pending: pending.length,
        dead: rows.filter(({ message }) => message.state === "dead").length,
        oldest:
          pending.length === 0 ? Option.none() : Option.some(Math.min(...pending.map((row) => row.message.enqueuedAt)))
      }
    }),
    others: Option.none()
  }
})
