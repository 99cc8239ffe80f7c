/** The queues of the account. */
import { createHash } from "node:crypto"
import { Clock, Context, Effect, HashMap, Layer, Option, Ref, STM, TRef } from "effect"
import { Settings } from "../../faults/Settings.js"
import { SeededRandom } from "../../world/SeededRandom.js"
import type { AwsError } from "../AwsError.js"
import { MessageQueue, type NewMessage, type Received } from "./MessageQueue.js"
import * as SqsError from "./SqsError.js"

/** Attributes of a queue, in their units: seconds and bytes. */
export type Attributes = { readonly [name: string]: string }

/** A queue. */
export interface Queue {
  readonly name: string
  readonly attributes: Ref.Ref<Attributes>
  /** Epoch milliseconds. */
  readonly createdAt: number
  readonly messages: MessageQueue
  /** Goes up whenever there is something new to be seen; pollers wait on it. */
  readonly changes: TRef.TRef<number>
}

/** What a receiver asks for; times in milliseconds. */
export interface Receive {
  readonly most: number
  readonly wait: number
  readonly visibility: number
}

/** The operations. */
export interface Service {
  /** A new queue; one that is there already with the same attributes is answered as it is. */
  readonly create: (name: string, attributes: Attributes) => Effect.Effect<Queue, AwsError>
  /** The queue of a name. Fails with `QueueDoesNotExist`. */
  readonly get: (name: string) => Effect.Effect<Queue, AwsError>
  readonly remove: (name: string) => Effect.Effect<void, AwsError>
  /** Every queue, by name. */
  readonly all: Effect.Effect<ReadonlyArray<Queue>>
  /** Sends messages, each after `delay` milliseconds, and answers their ids. */
  readonly send: (
    queue: Queue,
    messages: ReadonlyArray<NewMessage>,
    delay?: number
  ) => Effect.Effect<ReadonlyArray<string>>
  /** What there is; where there is nothing, what comes within `wait`. */
  readonly receive: (queue: Queue, wanted: Receive) => Effect.Effect<ReadonlyArray<Received>>
  /** Tells the pollers of a queue that hidden messages have come into sight. */
  readonly changed: (queue: Queue) => Effect.Effect<void>
}

/** The attributes that can be set, and what they are unless they are set. */
export const defaults = {
  DelaySeconds: "0",
  MaximumMessageSize: "1048576",
  MessageRetentionPeriod: "345600",
  ReceiveMessageWaitTimeSeconds: "0",
  VisibilityTimeout: "30"
} as const

/** A message with the checksum that SDKs check. */
export const message = (
  body: string,
  attributes?: NewMessage["attributes"],
  fifo?: NewMessage["fifo"]
): NewMessage => ({
  body,
  md5: createHash("md5").update(body).digest("hex"),
  attributes,
  fifo
})

/** The queues of this sandbox. */
export class Queues extends Context.Tag("@genesys-replay/sandbox/Queues")<Queues, Service>() {
  /** In memory, on the Clock. */
  static readonly layer = Layer.effect(
    Queues,
    Effect.gen(function* () {
      const { seed } = yield* Settings
      const queues = yield* Ref.make(HashMap.empty<string, Queue>())

      const changed = (queue: Queue) => STM.commit(TRef.update(queue.changes, (count) => count + 1))

      const create = Effect.fn("Queues.create")(function* (name: string, attributes: Attributes) {
        const fresh: Queue = {
          name,
          attributes: yield* Ref.make<Attributes>({ ...defaults, ...attributes }),
          createdAt: yield* Clock.currentTimeMillis,
          messages: new MessageQueue(SeededRandom.of(seed, "queue", name)),
          changes: yield* STM.commit(TRef.make(0))
        }
        const queue = yield* Ref.modify(queues, (all) => {
          const found = Option.getOrElse(HashMap.get(all, name), () => fresh)
          return [found, HashMap.set(all, name, found)]
        })
        const actual = yield* Ref.get(queue.attributes)
        const differs = Object.entries(attributes).some(([key, value]) => actual[key] !== value)
        return differs ? yield* SqsError.queueNameExists : queue
      })

      const get = (name: string) =>
        Effect.flatMap(Ref.get(queues), (all) =>
          Effect.mapError(HashMap.get(all, name), () => SqsError.queueDoesNotExist)
        )

      const receive = Effect.fn("Queues.receive")(function* (queue: Queue, { most, visibility, wait }: Receive) {
        const deadline = (yield* Clock.currentTimeMillis) + wait
        for (;;) {
          const seen = yield* STM.commit(TRef.get(queue.changes))
          const now = yield* Clock.currentTimeMillis
          const received = queue.messages.receive(most, now, visibility)
          if (received.length > 0 || now >= deadline) return received
          const until = Math.min(deadline, queue.messages.nextVisibleAt(now))
          const news = STM.commit(STM.flatMap(TRef.get(queue.changes), (count) => STM.check(() => count !== seen)))
          // A poller that hangs up while it waits is let go; one that has got messages no longer waits.
          yield* Effect.interruptible(Effect.raceFirst(news, Effect.sleep(until - now)))
        }
      })

      return Queues.of({
        create,
        get,
        remove: Effect.fn("Queues.remove")(function* (name) {
          const queue = yield* get(name)
          yield* Ref.update(queues, HashMap.remove(name))
          queue.messages.purge()
        }),
        all: Effect.map(Ref.get(queues), (all) =>
          [...HashMap.values(all)].sort((left, right) => (left.name < right.name ? -1 : 1))
        ),
        send: Effect.fn("Queues.send")(function* (queue, messages, delay = 0) {
          const now = yield* Clock.currentTimeMillis
          const ids = messages.map((one) => queue.messages.send(one, now, delay))
          if (ids.length > 0) yield* changed(queue)
          return ids
        }),
        receive,
        changed
      })
    })
  )
}
