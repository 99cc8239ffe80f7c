import { HttpClient, HttpClientResponse } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { ReplayProvider } from "@genesys-replay/domain"
import { Genesys, GenesysConfig, RateLimit, TokenService } from "@genesys-replay/genesys"
import { StubPlatform } from "@genesys-replay/genesys/testing"
import { Effect, Layer, Ref, Stream } from "effect"

describe("Genesys Cloud with tokens of the program's own", () => {
  it.effect("sends those, and asks the OAuth server for none", () =>
    Effect.gen(function* () {
      const asked = yield* Ref.make<ReadonlyArray<string>>([])
      const client = HttpClient.make((request, url) =>
        Effect.as(
          Ref.update(asked, (all) => [...all, `${url.host} ${request.headers["authorization"]}`]),
          HttpClientResponse.fromWeb(
            request,
            Response.json({ entities: [], pageNumber: 1, pageSize: 100, pageCount: 1, total: 0 })
          )
        )
      )
      const genesys = Genesys.layerWithoutToken.pipe(
        Layer.provide(RateLimit.RateLimit.layer),
        Layer.provide([
          TokenService.TokenService.layerTest("of-the-program"),
          GenesysConfig.GenesysConfig.layerOf(StubPlatform.values),
          Layer.succeed(HttpClient.HttpClient, client)
        ])
      )
      const replays = yield* Effect.flatMap(ReplayProvider.ReplayProvider, ({ list }) => Stream.runCount(list())).pipe(
        Effect.provide(genesys)
      )
      expect([replays, yield* Ref.get(asked)]).toEqual([0, ["api.example.test Bearer of-the-program"]])
    })
  )
})
