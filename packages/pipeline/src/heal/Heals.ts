/** The heals: what was begun, and how far each of them is. */
import { Context, Effect, Layer, Option, Schema } from "effect"
import { Database } from "../state/Database.js"
import type { StateUnavailable } from "../state/StateUnavailable.js"
import { HealRecord } from "./HealRecord.js"

/** The operations. Writing belongs into a transaction, together with the audit entries that report it. */
export interface Service {
  /** The latest heal that was asked for by this key for this target. */
  readonly latest: (key: string, target: string) => Effect.Effect<Option.Option<HealRecord>, StateUnavailable>
  /** Those that have not ended, of those that replay for this target, the oldest first. */
  readonly open: (target: string) => Effect.Effect<ReadonlyArray<HealRecord>, StateUnavailable>
  /** All of them, for whatever target, the oldest first. */
  readonly list: Effect.Effect<ReadonlyArray<HealRecord>, StateUnavailable>
  /** Writes it down, in place of what was known of it. */
  readonly put: (heal: HealRecord) => Effect.Effect<void, StateUnavailable>
}

const Record = Schema.parseJson(HealRecord)
const encode = Schema.encode(Record)
const records = { row: Schema.Struct({ record: Record }), called: "a heal" }

const inOrder = (found: ReadonlyArray<{ readonly record: HealRecord }>): ReadonlyArray<HealRecord> =>
  found.map(({ record }) => record).sort((one, other) => (one.beganAt < other.beganAt ? -1 : 1))

const make = Effect.map(Database, ({ read, sql, write }) => {
  const latest: Service["latest"] = Effect.fn("Heals.latest")(function* (key, target) {
    const [found] = yield* read(
      records,
      sql`SELECT record FROM genesys_replay_heal WHERE heal_key = ${key} AND target = ${target} ORDER BY ordinal DESC LIMIT 1`
    )
    return Option.map(Option.fromNullable(found), ({ record }) => record)
  })

  const open: Service["open"] = Effect.fn("Heals.open")(function* (target) {
    return inOrder(
      yield* read(
        records,
        sql`SELECT record FROM genesys_replay_heal WHERE state = 'open' AND target = ${target} ORDER BY heal_id`
      )
    )
  })

  const list: Service["list"] = Effect.map(
    read(records, sql`SELECT record FROM genesys_replay_heal ORDER BY heal_id`),
    inOrder
  ).pipe(Effect.withSpan("Heals.list"))

  const put: Service["put"] = Effect.fn("Heals.put")(function* (heal) {
    const { id: heal_id, key: heal_key, ordinal, target } = heal
    const record = yield* Effect.orDie(encode(heal))
    const state = heal.report === null ? "open" : "ended"
    yield* write(
      sql`INSERT INTO genesys_replay_heal ${sql.insert({ heal_id, heal_key, ordinal, target, state, record })}
        ON CONFLICT (heal_id) DO UPDATE SET state = ${state}, record = ${record}`
    )
  })

  return { latest, open, list, put } satisfies Service
})

/** The service tag. */
export class Heals extends Context.Tag("@genesys-replay/pipeline/Heals")<Heals, Service>() {
  /** The heals in the database of the context. */
  static readonly layer: Layer.Layer<Heals, never, Database> = Layer.effect(Heals, make)
}
