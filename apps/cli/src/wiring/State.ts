/** What this machine, or the cluster, keeps: loaded with its database driver only where a command needs it. */
import type { ReplayProvider } from "@genesys-replay/domain"
import { Database, ReplayPipeline, SyncOutbox, type SyncSink } from "@genesys-replay/pipeline"
import { Effect, Layer } from "effect"
import { say } from "../terminal/Screen.js"
import * as StateDatabase from "./StateDatabase.js"

/** The files of the database, where it is one of this machine: no command writes its output over them. */
export const files = Effect.gen(function* () {
  const place = yield* StateDatabase.place
  return place.kind === "file" ? [place.file, `${place.file}-wal`, `${place.file}-shm`] : []
})

/** Runs, audit trail and sinks' addresses, in the database of this user. */
export const layer = Layer.unwrapEffect(
  Effect.gen(function* () {
    const { layer } = yield* Effect.promise(() => import("@genesys-replay/pipeline/State"))
    yield* StateDatabase.warnOfPlace
    return layer(yield* StateDatabase.url)
  })
)

// The allowance of requests that those who share a server share as well: on a file one process at a time works, and shares with nobody.
const allowance = Layer.unwrapEffect(
  Effect.gen(function* () {
    const { kind } = yield* Database.Database
    if (kind !== "postgres") return Layer.empty
    const { layer } = yield* Effect.promise(() => import("@genesys-replay/pipeline/SharedAllowance"))
    return layer
  })
)

/** The engine of this process: on a file one process at a time works, on PostgreSQL every one takes its share. */
export const engine = Layer.unwrapEffect(
  Effect.gen(function* () {
    const { layer } = yield* Effect.promise(() => import("@genesys-replay/pipeline/DatabaseEngine"))
    const busy = say("another genesys-replay works on these windows: following it, and taking over when it ends")
    const onBusy = Effect.provide(busy, yield* Effect.context<Effect.Effect.Context<typeof busy>>())
    return ReplayPipeline.ReplayPipeline.layerOver(layer({ onBusy }))
  })
)

/** What a command needs that only delivers: state, outbox and sinks. */
export const delivering = <E, R>(sinks: Layer.Layer<SyncSink.SyncSinks, E, R>) =>
  SyncOutbox.SyncOutbox.layer().pipe(Layer.provideMerge(sinks), Layer.provideMerge(layer))

/** What a command that works on windows needs beside its engine: state, outbox, sinks, and a provider that sends no more than it may. */
export const around = <E1, R1, E2, R2>(
  provider: Layer.Layer<ReplayProvider.ReplayProvider, E1, R1>,
  sinks: Layer.Layer<SyncSink.SyncSinks, E2, R2>
) =>
  SyncOutbox.SyncOutbox.layer().pipe(
    Layer.provideMerge(Layer.merge(Layer.provide(provider, allowance), sinks)),
    Layer.provideMerge(layer)
  )
