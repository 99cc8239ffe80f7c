import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { describe, expect, it } from "@effect/vitest"
import { ReplayProvider } from "@genesys-replay/domain"
import { EventBridge } from "@genesys-replay/eventbridge"
import { Effect, Layer, Logger, Stream } from "effect"

/** An EventBridge without replays, whose answers bear this date. */
const dated = (date: string) =>
  Effect.acquireRelease(
    Effect.async<{ readonly url: string; readonly close: () => void }>((resume) => {
      const server = createServer((_, response) => {
        response.setHeader("date", date).setHeader("content-type", "application/x-amz-json-1.1")
        response.end(JSON.stringify({ Replays: [] }))
      })
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, close: () => server.close() }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )

describe("The clients of EventBridge", () => {
  it.scopedLive("warn of a clock that is not Amazon's", () =>
    Effect.gen(function* () {
      const logged: Array<string> = []
      const { url } = yield* dated(new Date(Date.now() - 7_200_000).toUTCString())
      yield* ReplayProvider.ReplayProvider.pipe(
        Effect.flatMap(({ list }) => Effect.replicateEffect(Stream.runDrain(list()), 2)),
        Effect.provide(
          Layer.provide(
            EventBridge.layerOf({
              endpoint: url,
              region: "us-east-1",
              credentials: { accessKeyId: "key", secretAccessKey: "secret" }
            }),
            Logger.replace(
              Logger.defaultLogger,
              Logger.make(({ message }) => void logged.push(String(message)))
            )
          )
        )
      )
      expect(logged).toEqual([expect.stringContaining("2h ahead of that of Amazon EventBridge")])
    })
  )
})
