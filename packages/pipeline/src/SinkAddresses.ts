/** Where the sinks are that were ever named, so that a process that was not told can find them. Secrets are not among it. */
import type { SyncSink } from "@genesys-replay/domain"
import { Context, Effect, Layer, Option, Ref } from "effect"
import type { StateUnavailable } from "./StateUnavailable.js"

/** The operations. */
export interface Service {
  /**
   * Keeps the addresses of these sinks; those without one are left out. A name stands for one address for ever. Belongs into
   * the `Transaction` that names the sinks for the first time.
   */
  readonly register: (sinks: ReadonlyArray<SyncSink.SyncSink>) => Effect.Effect<void, StateUnavailable>
  /** The address of the sink of this name, where one was kept. */
  readonly find: (name: string) => Effect.Effect<Option.Option<SyncSink.SinkAddress>, StateUnavailable>
}

/** The sinks that have an address, with it. */
export const addressed = (
  sinks: ReadonlyArray<SyncSink.SyncSink>
): ReadonlyArray<{ readonly name: string; readonly address: SyncSink.SinkAddress }> =>
  sinks.flatMap(({ address, name }) => (address === undefined ? [] : [{ name, address }]))

/** The service tag. `layerMemory` for tests and trials; the lasting one is `SqlSinkAddresses`. */
export class SinkAddresses extends Context.Tag("@genesys-replay/pipeline/SinkAddresses")<SinkAddresses, Service>() {
  /** Addresses that end with the process. */
  static readonly layerMemory: Layer.Layer<SinkAddresses> = Layer.suspend(() => Layer.effect(SinkAddresses, makeMemory))
}

/** The in-memory service, for who keeps it longer than a layer lives. */
export const makeMemory: Effect.Effect<Service> = Effect.map(
  Ref.make<ReadonlyMap<string, SyncSink.SinkAddress>>(new Map()),
  (kept): Service => ({
    register: (sinks) =>
      Ref.update(
        kept,
        (before) => new Map([...addressed(sinks).map(({ address, name }) => [name, address] as const), ...before])
      ),
    find: (name) => Effect.map(Ref.get(kept), (all) => Option.fromNullable(all.get(name)))
  })
)
