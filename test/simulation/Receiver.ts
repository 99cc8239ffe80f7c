/** Systems downstream: a webhook and a function. They take what they are given, refuse it, hang, or take it and then fail. */
import { CallbackSink, type SyncSink, WebhookSink } from "@genesys-replay/pipeline"
import { Effect, Predicate, Redacted } from "effect"
import type { Life } from "./Life.js"
import type { Mood } from "./Scenario.js"
import type { Host } from "./Wire.js"
import type { World } from "./World.js"

/** A delivery as the receiver saw it. */
export interface Delivery {
  readonly sink: string
  readonly id: string
  readonly window: string
  readonly kind: "replay_config_complete" | "replay_accuracy"
  readonly body: string
  readonly life: number
  readonly at: number
  /** Whether it was kept. */
  readonly taken: boolean
  /** Whether the sender was told so. */
  readonly acknowledged: boolean
}

/** What was delivered, in order. */
export type Deliveries = Array<Delivery>

const host = "hooks.example.test"

/** The secret of the webhook. */
export const secret = `whsec_${Buffer.from("the-webhook-secret-of-the-simulation").toString("base64")}`

const windowOf = (document: unknown): string => {
  if (Predicate.hasProperty(document, "window") && typeof document.window === "string") return document.window
  return Predicate.hasProperty(document, "window_id") ? String(document.window_id) : "?"
}

const receive = (world: World, deliveries: Deliveries, life: Life, sink: string, id: string, body: string) => {
  const mood = world.mood()
  const document: unknown = JSON.parse(body)
  const delivery: Delivery = {
    sink,
    id,
    window: windowOf(document),
    kind: Predicate.hasProperty(document, "event_type") ? "replay_config_complete" : "replay_accuracy",
    body,
    life: life.number,
    at: world.machine.now(),
    taken: mood === undefined || mood.startsWith("takes"),
    acknowledged: mood === undefined
  }
  deliveries.push(delivery)
  world.trace.note(
    `${sink} of ${life.name}: ${delivery.kind} of ${delivery.window}${mood === undefined ? "" : ` (${mood})`}`
  )
  if (mood !== undefined) world.trace.count(`sink ${mood}`)
  return mood
}

/** Who answers for the webhook's host. */
export const webhookHost = (world: World, deliveries: Deliveries): readonly [string, Host] => [
  host,
  (life, asked, answer) => {
    const { dice, machine } = world
    const [arrives, answers] = [dice.between(1, 200), dice.between(201, 400)]
    let mood: Mood | undefined
    machine.at(machine.now() + arrives, () => {
      mood = receive(world, deliveries, life, "webhook", asked.headers["webhook-id"] ?? "", asked.body)
    })
    return machine.at(
      machine.now() + answers,
      () => {
        if (mood === "hangs" || mood === "takes and hangs") return
        if (!life.passes("delivery", "the answer of a webhook")) return
        answer({ status: mood === undefined ? 204 : 503, headers: {}, body: "" })
      },
      life.process
    )
  }
]

const callback = (world: World, deliveries: Deliveries, life: Life): SyncSink.SyncSink =>
  CallbackSink.fromEffect("ledger", (document, id) =>
    Effect.gen(function* () {
      yield* life.pass("delivery", "a call of a sink")
      yield* Effect.sleep(world.dice.between(0, 100))
      const mood = receive(world, deliveries, life, "ledger", id, JSON.stringify(document))
      yield* life.pass("delivery", "the answer of a sink")
      if (mood === "hangs" || mood === "takes and hangs") return yield* nevermoreButInterruptible
      if (mood !== undefined) return yield* Effect.fail({ message: "the ledger is closed" })
    })
  )

const nevermoreButInterruptible: Effect.Effect<never> = Effect.async<never>(() => Effect.void)

/** So many sinks, for a process. */
export const sinks = (world: World, deliveries: Deliveries, life: Life) =>
  Effect.gen(function* () {
    const webhook = yield* WebhookSink.make({
      url: `https://${host}/in`,
      secret: Redacted.make(secret),
      timeout: 3_000,
      retries: 1
    })
    return [webhook, callback(world, deliveries, life)].slice(0, world.scenario.sinks)
  })
