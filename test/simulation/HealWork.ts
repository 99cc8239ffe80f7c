/** What a heal of the simulation is handed: how it measures, captures, and hands on, over an {@link Outage.Outage}. */
import { HealPlan, ProviderError, ReplaySpec } from "@genesys-replay/domain"
import { OnlyEvents, Resend, ResendTarget } from "@genesys-replay/eventbridge"
import { Heal } from "@genesys-replay/pipeline"
import { Clock, Duration, Effect, Either, Fiber, Option, Stream } from "effect"
import type { Life } from "./Life.js"
import * as Outage from "./Outage.js"
import type { World } from "./World.js"

/** What all processes heal. */
export const spec = Effect.runSync(
  ReplaySpec.decode({
    defaults: { destination: "arn:aws:events:us-east-1:123456789012:event-bus/gen-cx-events" },
    windows: [{ name: "outage", topics: ["genesys.conversations.message"], ...Outage.window }]
  })
)

// How long the queue is quiet before the capture ends, and how long a receiver waits for a message.
const [idle, wait] = [30_000, 5_000]

const unsent: ResendTarget.Outcome = {
  _tag: "Unsent",
  error: new ProviderError.ProviderUnavailable({ operation: "send", attempts: 4, elapsedMs: 7_000, lastAnswer: "503" })
}

// The consumer, which may refuse, hang, or have the events and not say so.
const consumer = (world: World, outage: Outage.Outage, life: Life, heal: string): ResendTarget.ResendTarget => ({
  name: "consumer",
  location: "consumer",
  batch: { entries: outage.batch, bytes: 262_144 },
  concurrency: outage.concurrency,
  groupOf: ({ conversationId = "" }) => conversationId,
  measure: ({ text }) => Either.right(text.length),
  send: (events) =>
    Effect.gen(function* () {
      yield* life.pass("consumer", "handing on")
      const mood = world.mood()
      yield* Effect.sleep(world.dice.between(1, 200))
      if (mood === undefined || mood.startsWith("takes")) {
        for (const { id } of events) outage.steps.push({ what: "taken", heal, id, life: life.number })
      }
      const numbers = events.map(({ line }) => line - 1).join(" ")
      world.trace.note(`consumer of ${life.name}: ${numbers}${mood === undefined ? "" : ` (${mood})`}`)
      if (mood !== undefined) world.trace.count(`consumer ${mood}`)
      if (mood?.endsWith("hangs")) yield* Effect.sleep("20 seconds")
      yield* life.pass("consumer", "the answer of the consumer")
      return events.map(() => (mood === undefined ? ResendTarget.acknowledged : unsent))
    })
})

const resend = (world: World, outage: Outage.Outage, life: Life) =>
  Effect.fn("HealWork.resend")(function* ({ id: heal }: Heal.Healed) {
    const only = new OnlyEvents.OnlyEvents()
    for (const event of outage.missingOf.get(heal) ?? []) only.add(Outage.lineOf(event))
    const written = outage.steps.filter((step) => step.heal === heal && step.what === "written")
    const before = new Set(written.map(({ id }) => id))
    const { acknowledged, refused } = yield* Resend.run({
      events: Stream.fromIterable(outage.captured.map(Outage.lineOf)),
      filter: { only },
      order: "time",
      target: consumer(world, outage, life, heal),
      acknowledgements: {
        before: before.size,
        has: (id) => before.has(id),
        add: (ids) =>
          Effect.gen(function* () {
            yield* life.pass("consumer", "before what was acknowledged is written")
            for (const id of ids) outage.steps.push({ what: "written", heal, id, life: life.number })
            yield* life.pass("consumer", "after what was acknowledged is written")
          }).pipe(Effect.uninterruptible)
      }
    })
    return { resent: acknowledged + before.size, refused: refused.count }
  })

// Receives what comes while `replaying` goes on, and until nothing comes any more; a message is deleted once it is written.
const capture =
  (outage: Outage.Outage, life: Life): Heal.Options<never, never>["capture"] =>
  (replaying) =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(replaying)
      let captured = 0
      let last = yield* Clock.currentTimeMillis
      while (true) {
        const exit = yield* Fiber.poll(fiber)
        if (Option.isSome(exit)) yield* exit.value
        yield* life.pass("queue", "receiving")
        const messages = outage.receive()
        const now = yield* Clock.currentTimeMillis
        if (messages.length > 0 || Option.isNone(exit)) last = now
        if (now - last >= idle) return { captured }
        yield* life.pass("file", "before a capture is written")
        outage.captured.push(...messages.map(({ event }) => event))
        captured += messages.length
        yield* life.pass("file", "after a capture is written")
        outage.remove(messages)
        if (messages.length === 0) yield* Effect.sleep(wait)
      }
    })

const missingEvent = ({ number, timeMs }: Outage.Happened) => ({
  topic: Outage.topic,
  time: new Date(timeMs).toISOString(),
  conversationId: null,
  source: "baseline.ndjson",
  line: number + 1
})

const measure = (outage: Outage.Outage, life: Life) =>
  Effect.fn("HealWork.measure")(function* ({ id, isNew }: Heal.Healed) {
    yield* life.pass("file", "measuring")
    const missing = outage.missing()
    yield* Effect.sleep("1 second")
    // Written whole, or not at all.
    if (isNew) outage.missingOf.set(id, missing)
    yield* life.pass("file", "after a measure")
    return {
      missing: missing.map(({ timeMs }) => ({ timeMs, topic: Outage.topic })),
      first: missing.slice(0, 3).map(missingEvent),
      earlierMs: 0,
      laterMs: 0,
      timelines: [],
      notJudged: 0,
      doubts: []
    }
  })

/** The heal, as a process runs it. */
export const options = (world: World, outage: Outage.Outage, life: Life) =>
  Heal.options({
    key: "the heal of the simulation",
    spec,
    rounds: outage.rounds,
    source: () => Effect.succeed({ ...HealPlan.everything, delay: Duration.zero, reach: outage.reach }),
    measure: measure(outage, life),
    capture: capture(outage, life),
    resend: resend(world, outage, life)
  })
