/** Where the durable engine keeps its messages and finds the other runners: @effect/cluster's tables in our database. */
import * as MessageStorage from "@effect/cluster/MessageStorage"
import type * as RunnerStorage from "@effect/cluster/RunnerStorage"
import type { ShardingConfig } from "@effect/cluster/ShardingConfig"
import * as SqlMessageStorage from "@effect/cluster/SqlMessageStorage"
import * as SqlRunnerStorage from "@effect/cluster/SqlRunnerStorage"
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { Clock, Duration, Effect, Layer, Ref } from "effect"
import * as SchemaLock from "../state/SchemaLock.js"

type Services = MessageStorage.MessageStorage | RunnerStorage.RunnerStorage

// Its own default, `cluster`, is left to an app that has a cluster of its own in the same database.
const tables = { prefix: "genesys_replay_engine" }

/** How long a message that was read and not begun is left alone. */
export const rereadAfter = Duration.seconds(30)

/**
 * Reading a message marks it as read, and @effect/cluster drops what it has read for a shard that has just moved to another
 * runner. Where the mark is set after the other runner took the shard over, nobody looks at the message again for ten minutes.
 * Here whoever holds the shard does after {@link rereadAfter}; what is under way then is skipped, as it is after ten minutes.
 */
export const rereading = <E, R>(
  storage: Layer.Layer<MessageStorage.MessageStorage, E, R>
): Layer.Layer<MessageStorage.MessageStorage, E, R> =>
  Layer.effect(
    MessageStorage.MessageStorage,
    Effect.gen(function* () {
      const inner = yield* MessageStorage.MessageStorage
      const reread = yield* Ref.make(yield* Clock.currentTimeMillis)
      const unprocessedMessages: typeof inner.unprocessedMessages = (shards) =>
        Effect.gen(function* () {
          const held = [...shards]
          const now = yield* Clock.currentTimeMillis
          if (now - (yield* Ref.get(reread)) >= Duration.toMillis(rereadAfter)) {
            yield* Ref.set(reread, now)
            yield* inner.resetShards(held)
          }
          return yield* inner.unprocessedMessages(held)
        })
      return MessageStorage.MessageStorage.of({ ...inner, unprocessedMessages })
    })
  ).pipe(Layer.provide(storage))

const messages = rereading(SqlMessageStorage.layerWith(tables))

/** For runners that find each other in the database. `SqlError` where it refuses the tables. */
export const layerShared: Layer.Layer<Services, SqlError, ShardingConfig | SqlClient.SqlClient> = Layer.scopedContext(
  Effect.scopeWith((scope) =>
    SchemaLock.withLock(Layer.buildWithScope(Layer.merge(messages, SqlRunnerStorage.layerWith(tables)), scope))
  )
)
