import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { ReplayPipeline } from "@genesys-replay/pipeline"
import { Sandbox } from "@genesys-replay/sandbox"
import { Duration, Effect, HashMap, Layer, Schema } from "effect"
import { numbered } from "../cli/Desk.js"
import { json, workplace } from "../cli/Run.js"
import { bus, collection, sandbox } from "../e2e/Scene.js"
import { isAvailable, Postgres } from "../pipeline/Postgres.js"
import * as Kept from "./Kept.js"
import * as Process from "./Process.js"
import * as Spec from "./Spec.js"

const Finished = Schema.parseJson(Schema.Struct({ finished: Schema.Number }))

const submitted = Effect.flatMap(Sandbox.Sandbox, ({ requests }) => requests.count(`POST ${collection}`))

const until = (count: number) => Effect.repeat(Effect.delay(submitted, "10 millis"), { until: (now) => now >= count })

// A sandbox that counts the requests of all runners together: 200 windows take eight of its two seconds at least.
const world = Layer.mergeAll(
  sandbox({ rateLimit: { allowed: 50, window: Duration.seconds(2), per: "client" } }),
  Postgres.layer
).pipe(Layer.provideMerge(NodeContext.layer))

describe.skipIf(!isAvailable)(
  "three runners on PostgreSQL, one killed and one stopped in the middle of 200 windows",
  () => {
    it.scopedLive(
      "everything is done once, within what the platform allows, and the audit trail of all of them is whole",
      () =>
        Effect.gen(function* () {
          const { environment, requests, submissions } = yield* Sandbox.Sandbox
          const url = yield* Effect.flatMap(Postgres, ({ database }) => database)
          const names = numbered(200)
          const { directory, env: home } = yield* workplace({ "replay.yaml": yield* Spec.of(names, bus) })
          const env = {
            ...home,
            ...Object.fromEntries(environment.map((line) => line.split(/=(.*)/s, 2))),
            GENESYS_REPLAY_DATABASE_URL: url
          }
          const handedOver = yield* Process.run(["apply", `${directory}/replay.yaml`, "--detach", "--json"], env)
          expect(handedOver.code, handedOver.err).toBe(0)
          const runner = Process.start(["runner", "--until-idle", "--json"], env)
          const [killed, stopped, going] = yield* Effect.all([runner, runner, runner])

          yield* until(30)
          yield* killed.signal("SIGKILL")
          expect((yield* killed.ended).signal).toBe("SIGKILL")
          yield* until(60)
          yield* stopped.signal("SIGINT")
          const interrupted = yield* stopped.ended
          expect(interrupted.code, interrupted.err).toBe(130)
          const again = yield* runner

          const ends = [yield* going.ended, yield* again.ended]
          expect(ends.map(({ code, err }) => [code, err.includes("rror")])).toEqual([
            [0, false],
            [0, false]
          ])
          for (const { out } of ends) {
            expect((yield* Schema.decode(Finished)(out)).finished).toBeGreaterThan(0)
          }

          expect(Object.fromEntries(HashMap.map(yield* submissions, ({ created }) => created))).toEqual(
            Object.fromEntries(names.map((name) => [name, 1]))
          )
          const { verdict, windows } = yield* Kept.read(url)
          expect(verdict._tag).toBe("Intact")
          expect(windows.map(({ state, window }) => [window.name, state])).toEqual(
            names.map((name) => [name, "finished"])
          )
          const outcomes = windows.map((window) => ReplayPipeline.resultOf(window).outcome)
          expect(outcomes.filter((outcome) => outcome !== "created" && outcome !== "adopted")).toEqual([])
          const proof = yield* Process.run(["audit", "verify", "--json"], env)
          expect([proof.code, json(proof.out)]).toMatchObject([0, { isIntact: true }])

          const answers = (yield* requests.entries).filter(({ path }) => path.startsWith(collection))
          const refused = answers.filter(({ status }) => status === 429).length
          expect(refused).toBeLessThanOrEqual(answers.length / 100)
        }).pipe(Effect.provide(world)),
      300_000
    )
  }
)
