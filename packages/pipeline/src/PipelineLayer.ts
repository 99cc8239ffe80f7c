/** Everything that the pipeline needs of a database, beside a provider and the sinks. */
import { Effect, Layer } from "effect"
import * as DatabaseEngine from "./engine/DatabaseEngine.js"
import type { ReplayEngine } from "./engine/ReplayEngine.js"
import * as State from "./State.js"
import * as Database from "./state/Database.js"
import { SyncOutbox } from "./sync/SyncOutbox.js"

/** What `ReplayPipeline.apply` runs on, beside a provider and the sinks. */
export type Pipeline = ReplayEngine | State.State | SyncOutbox

/**
 * State, outbox and engine on the database that `url` names. What is begun goes on as soon as a program builds this again with the
 * same URL and a provider of the same target.
 */
export const layer = (url: string, options: Database.Options & DatabaseEngine.Options = {}) =>
  DatabaseEngine.layer(options).pipe(
    Layer.provideMerge(SyncOutbox.layer()),
    Layer.provideMerge(State.layer(url, options))
  ) satisfies Layer.Layer<Pipeline, unknown, unknown>

/** {@link layer} on the database that the environment names. */
export const layerConfig = Layer.unwrapEffect(Effect.map(Database.url, (url) => layer(url)))
