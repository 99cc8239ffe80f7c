/** Everything that is kept, in one database; but for the outbox, which must know the sinks. */
import { Layer } from "effect"
import { AuditTrail } from "./audit/AuditTrail.js"
import { Heals } from "./heal/Heals.js"
import * as Database from "./state/Database.js"
import { SinkAddresses } from "./sync/SinkAddresses.js"
import { Runs } from "./window/Runs.js"

/** The services that keep something. */
export type State = AuditTrail | Database.Database | Heals | Runs | SinkAddresses

/** What is kept in the database of the context. */
export const layerStores: Layer.Layer<AuditTrail | Heals | Runs | SinkAddresses, never, Database.Database> =
  Layer.mergeAll(AuditTrail.layer, Heals.layer, Runs.layer, SinkAddresses.layer)

/** In the database that `url` names; see `Database.layer`. */
export const layer = (url: string, options?: Database.Options) =>
  Layer.provideMerge(layerStores, Database.Database.layer(url, options)) satisfies Layer.Layer<State, unknown, unknown>

/** In the database that `GENESYS_REPLAY_DATABASE_URL` names; `DatabaseUrlMissing` where it names none. */
export const layerConfig = Layer.provideMerge(layerStores, Database.Database.layerConfig()) satisfies Layer.Layer<
  State,
  unknown,
  unknown
>

/** In memory, for tests and trials: gone with the layer. */
export const layerMemory: Layer.Layer<State> = Layer.provideMerge(layerStores, Database.Database.layerMemory)
