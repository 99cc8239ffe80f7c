import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { ReplayProvider, RequestAllowance } from "@genesys-replay/domain"
import { Genesys, GenesysConfig } from "@genesys-replay/genesys"
import { Sandbox } from "@genesys-replay/sandbox"
import { Context, Duration, Effect, Layer } from "effect"
import { collection, made, numbered, planOf, quiet, sandbox, unbegun } from "./Scene.js"

/** A runner: a token, a rate limit and connections of its own, over an allowance that it shares. */
const runner = (allowance: RequestAllowance.Service) =>
  Effect.flatMap(Sandbox.Sandbox, ({ clientId, clientSecret, url }) =>
    Genesys.layerOf({ apiUrl: url, loginUrl: url, clientId, clientSecret, scope: GenesysConfig.defaultScope }).pipe(
      Layer.provide([FetchHttpClient.layer, Layer.succeed(RequestAllowance.RequestAllowance, allowance)]),
      Layer.fresh,
      Layer.build,
      Effect.map(Context.get(ReplayProvider.ReplayProvider))
    )
  )

describe("Runners that share an allowance", () => {
  it.scopedLive("three with tokens of their own stay within what the platform allows their client", () =>
    Effect.gen(function* () {
      const { requests, tokensIssued } = yield* Sandbox.Sandbox
      const allowance = Context.get(
        yield* Layer.build(RequestAllowance.RequestAllowance.layerMemory),
        RequestAllowance.RequestAllowance
      )
      const runners = yield* Effect.replicateEffect(runner(allowance), 3)
      const { windows } = yield* planOf(numbered(120))
      yield* Effect.forEach(
        runners,
        (provider, index) =>
          Effect.forEach(
            windows.filter((_, at) => at % runners.length === index),
            provider.submit,
            { concurrency: 4 }
          ),
        { concurrency: "unbounded" }
      )
      expect(Object.values(yield* made)).toEqual(Array.from({ length: 120 }, () => 1))
      expect(yield* tokensIssued).toBe(3)
      const answers = (yield* requests.entries).filter(({ path }) => path === collection)
      expect(answers.filter(({ status }) => status === 429).length).toBeLessThanOrEqual(answers.length / 100)
    }).pipe(
      Effect.provide(
        Layer.merge(
          sandbox({ ...unbegun, rateLimit: { allowed: 40, window: Duration.seconds(1), per: "client" } }),
          quiet
        )
      )
    )
  )
})
