import { EntityAddress } from "@effect/cluster/EntityAddress"
import { EntityId } from "@effect/cluster/EntityId"
import { EntityType } from "@effect/cluster/EntityType"
import * as Envelope from "@effect/cluster/Envelope"
import * as Message from "@effect/cluster/Message"
import { MessageStorage } from "@effect/cluster/MessageStorage"
import * as ShardId from "@effect/cluster/ShardId"
import * as ShardingConfig from "@effect/cluster/ShardingConfig"
import * as Snowflake from "@effect/cluster/Snowflake"
import * as Headers from "@effect/platform/Headers"
import { NodeContext } from "@effect/platform-node"
import * as Rpc from "@effect/rpc/Rpc"
import * as SqlClient from "@effect/sql/SqlClient"
import { describe, expect } from "@effect/vitest"
import { Database } from "@genesys-replay/pipeline"
import { Context, Duration, Effect, Layer, Option, Schema, TestClock } from "effect"
import * as EngineStorage from "../../packages/pipeline/src/engine/EngineStorage.js"
import { isAvailable, Postgres, withServer } from "./Postgres.js"

const shard = ShardId.make("group", 1)

const rpc = Rpc.make("Touch", { payload: { word: Schema.String } })

/** A message to somebody on the shard. */
const touch = Effect.gen(function* () {
  const snowflake = yield* Snowflake.Generator
  return new Message.OutgoingRequest({
    envelope: Envelope.makeRequest<typeof rpc>({
      requestId: snowflake.unsafeNext(),
      address: new EntityAddress({
        entityType: EntityType.make("Word"),
        entityId: EntityId.make("one"),
        shardId: shard
      }),
      tag: "Touch",
      payload: { word: "one" },
      headers: Headers.empty
    }),
    context: Context.empty(),
    lastReceivedReply: Option.none(),
    rpc,
    respond: () => Effect.void
  })
})

const storage = (url: string) =>
  EngineStorage.layerShared.pipe(
    Layer.provide(
      Layer.effect(
        SqlClient.SqlClient,
        Effect.map(Database.Database, ({ sql }) => sql)
      )
    ),
    Layer.provide(Database.Database.layer(url)),
    Layer.provide(ShardingConfig.layerDefaults),
    Layer.merge(Snowflake.layerGenerator),
    Layer.provide(NodeContext.layer)
  )

describe.skipIf(!isAvailable)("EngineStorage on PostgreSQL", () => {
  withServer((it) => {
    it.effect("lets a message that was read and dropped be read again after half a minute, and not before", () =>
      Effect.gen(function* () {
        const { database } = yield* Postgres
        yield* Effect.gen(function* () {
          const messages = yield* MessageStorage
          const read = Effect.map(messages.unprocessedMessages([shard]), (all) => all.length)
          yield* messages.saveRequest(yield* touch)
          expect(yield* read).toBe(1)
          // Marked as read, and not answered: whoever read it has dropped it.
          expect(yield* read).toBe(0)
          yield* TestClock.adjust(Duration.subtract(EngineStorage.rereadAfter, "1 millis"))
          expect(yield* read).toBe(0)
          yield* TestClock.adjust("1 millis")
          expect(yield* read).toBe(1)
          expect(yield* read).toBe(0)
        }).pipe(Effect.provide(storage(yield* database)))
      })
    )
  })
})
