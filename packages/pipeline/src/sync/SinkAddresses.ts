/** Where the sinks are that were ever named, so that a process that was not told can find them. Secrets are not among it. */
import { SyncSink } from "@genesys-replay/domain"
import { Clock, Context, Effect, Layer, Option } from "effect"
import { Database } from "../state/Database.js"
import type { StateUnavailable } from "../state/StateUnavailable.js"

const addresses = { row: SyncSink.SinkAddress, called: "the address of a sink" }

const make = Effect.map(Database, ({ read, sql, write }) => ({
  register: Effect.fn("SinkAddresses.register")(function* (sinks: ReadonlyArray<SyncSink.SyncSink>) {
    const registered_at = yield* Clock.currentTimeMillis
    const rows = sinks.flatMap(({ address, name }) =>
      address === undefined ? [] : [{ name, kind: address.kind, location: address.location, registered_at }]
    )
    if (rows.length === 0) return
    yield* write(sql`INSERT INTO genesys_replay_sync_sink ${sql.insert(rows)} ON CONFLICT (name) DO NOTHING`)
  }),
  find: Effect.fn("SinkAddresses.find")((name: string) =>
    Effect.map(
      read(addresses, sql`SELECT kind, location FROM genesys_replay_sync_sink WHERE name = ${name}`),
      ([found]) => Option.fromNullable(found)
    )
  )
}))

/** The service tag. */
export class SinkAddresses extends Context.Tag("@genesys-replay/pipeline/SinkAddresses")<
  SinkAddresses,
  {
    /**
     * Keeps the addresses of these sinks; those without one are left out. A name stands for one address for ever. Belongs into
     * the transaction that names the sinks for the first time.
     */
    readonly register: (sinks: ReadonlyArray<SyncSink.SyncSink>) => Effect.Effect<void, StateUnavailable>
    /** The address of the sink of this name, where one was kept. */
    readonly find: (name: string) => Effect.Effect<Option.Option<SyncSink.SinkAddress>, StateUnavailable>
  }
>() {
  /** The addresses in the database of the context. */
  static readonly layer: Layer.Layer<SinkAddresses, never, Database> = Layer.effect(SinkAddresses, make)
}
