import { describe, expect } from "@effect/vitest"
import { EventIdentity, HealReport } from "@genesys-replay/domain"
import { Duration, Effect, Layer, Option, Random, Schema } from "effect"
import { desk } from "../cli/Desk.js"
import { scene } from "../cli/Outage.js"
import { json } from "../cli/Run.js"
import { describeWith } from "../cli/SharedLayer.js"
import * as AwsCall from "../sandbox/AwsCall.js"

const kills = 6

/** So many events are on their way to the consumer at a time, at the most: batches of ten, eight at once. */
const underWay = 80

const identityOf = (event: unknown): string => {
  const identity = EventIdentity.of(event)
  return identity._tag === "Unidentified" ? "none" : EventIdentity.textOf(identity)
}

describeWith(Layer.fresh(desk({ world: { conversationsPerHour: 150 } })), "heal", (it) => {
  describe("killed with SIGKILL at random moments and gone on with by resume", () => {
    it.effect("hands on what was missing and nothing else, and replays no minutes twice", () =>
      Effect.gen(function* () {
        const { consumer, heal, lost, type } = yield* scene("random", 2)
        let killed = 0
        for (let kill = 0; kill < kills; kill++) {
          // The loser of the race is killed: while it measures, submits, watches, captures or hands on.
          const ended = yield* Effect.raceFirst(
            Effect.asSome(heal(["--to", consumer])),
            Effect.as(Effect.sleep(Duration.millis(yield* Random.nextIntBetween(400, 1_800))), Option.none())
          )
          if (Option.isNone(ended)) killed++
        }
        expect(killed).toBeGreaterThan(kills / 2)
        const resumed = yield* type(["resume", "--provider", "eventbridge", "--json"])
        const healed = yield* heal(["--to", consumer, "--json"])
        expect([resumed.code, healed.code]).toEqual([0, 0])
        expect(Schema.decodeUnknownSync(HealReport.HealReport)(json(healed.out))).toMatchObject({
          isComplete: true,
          missing: { count: 0 }
        })

        const wanted = new Set(lost.map((line) => identityOf(JSON.parse(line))))
        const came = (yield* AwsCall.drain(consumer)).map(identityOf)
        expect(new Set(came)).toEqual(wanted)
        expect(came.length - wanted.size).toBeLessThanOrEqual(kills * underWay)

        const { Replays = [] } = yield* AwsCall.events((client) => client.listReplays({ NamePrefix: "heal-" }))
        const minutes = Replays.map(({ EventStartTime }) => String(EventStartTime))
        expect(new Set(minutes).size).toBe(minutes.length)
        expect((yield* type(["audit", "verify"])).code).toBe(0)
      }).pipe(Effect.withRandom(Random.make("SIGKILL")))
    )
  })
})
