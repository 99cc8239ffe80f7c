/** Where the workflow engine keeps how far it is: the cluster's own messages, outside of all lives. */
import * as MessageStorage from "@effect/cluster/MessageStorage"
import * as Snowflake from "@effect/cluster/Snowflake"
import { Effect, Layer } from "effect"
import { type Life, nevermore } from "./Life.js"
import type { World } from "./World.js"

/** See the module. */
export interface Journal {
  readonly connect: (life: Life) => Layer.Layer<MessageStorage.MessageStorage>
  /** All that is written in it, as text. */
  readonly text: () => string
}

/** An empty journal. */
export const make = (world: World): Journal => {
  const driver = Effect.runSync(
    MessageStorage.MemoryDriver.pipe(
      Effect.provide(MessageStorage.MemoryDriver.Default),
      Effect.withClock(world.machine.clock(world.machine.spawn("journal")))
    )
  )
  const { encoded } = driver

  const connect: Journal["connect"] = (life) => {
    const write = <A, E>(label: string, run: Effect.Effect<A, E>) =>
      Effect.gen(function* () {
        yield* life.pass("journal", `before the ${label}`)
        const answer = yield* run
        world.trace.note(`${life.name} journals a ${label}`)
        yield* life.pass("journal", `after the ${label}`)
        return answer
      }).pipe(Effect.uninterruptible)
    const read = <A, E>(run: Effect.Effect<A, E>) => Effect.suspend(() => (life.isDead() ? nevermore : run))
    const gated: MessageStorage.Encoded = {
      saveEnvelope: (options) => write(`message ${options.envelope._tag}`, encoded.saveEnvelope(options)),
      saveReply: (reply) =>
        write(
          "reply",
          Effect.suspend(() =>
            // As a database does it: a request has one exit.
            driver.requests.get(reply.requestId)?.replies.some(({ _tag }) => _tag === "WithExit") === true
              ? Effect.void
              : encoded.saveReply(reply)
          )
        ),
      clearReplies: (id) => write("reset", encoded.clearReplies(id)),
      clearAddress: (address) => write("clearing", encoded.clearAddress(address)),
      requestIdForPrimaryKey: (key) => read(encoded.requestIdForPrimaryKey(key)),
      repliesFor: (ids) => read(encoded.repliesFor(ids)),
      repliesForUnfiltered: (ids) => read(encoded.repliesForUnfiltered(ids)),
      unprocessedMessages: (shards, now) => read(encoded.unprocessedMessages(shards, now)),
      unprocessedMessagesById: (ids, now) => read(encoded.unprocessedMessagesById(ids, now)),
      resetAddress: (address) => read(encoded.resetAddress(address)),
      resetShards: (shards) => read(encoded.resetShards(shards))
    }
    return Layer.effect(MessageStorage.MessageStorage, MessageStorage.makeEncoded(gated)).pipe(
      Layer.provide(Snowflake.layerGenerator)
    )
  }
  return { connect, text: () => JSON.stringify([driver.journal, [...driver.requests.values()]]) }
}
