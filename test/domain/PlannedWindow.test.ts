import { describe, expect, it } from "@effect/vitest"
import { BusWindow, Destination, PlannedWindow, ProviderName } from "@genesys-replay/domain"
import { SampleWindow } from "@genesys-replay/domain/testing"
import { DateTime, Effect, Either, Option, Schema } from "effect"
import { documentsOf, draft, oneWindow } from "./Planning.js"

const decode = Schema.decodeUnknownEither(PlannedWindow.PlannedWindow)

describe("A planned window", () => {
  it.effect("holds what was planned as values, and its document is read into the same ones", () =>
    Effect.gen(function* () {
      for (const provider of ProviderName.shipped) {
        const end = provider === ProviderName.eventbridge ? { end: "2024-01-15T11:00:00Z" } : {}
        const plan = yield* draft(oneWindow(end, { provider }))
        const [window] = plan.windows
        if (window === undefined) return expect.unreachable()
        expect(window.start).toEqual(DateTime.unsafeMake("2024-01-15T08:00:00Z"))
        expect(Option.isSome(window.end)).toBe(provider === ProviderName.eventbridge)
        expect(window.destination).toMatchObject({
          _tag: "EventBus",
          arn: { bus: "gen-cx-events" },
          region: "us-east-1"
        })
        const again = yield* decode(JSON.parse(JSON.stringify(documentsOf(plan)[0])))
        expect(again).toEqual(window)
      }
    })
  )

  it("is not read from a document whose payload says something else than the window: people read the payload", () => {
    const window = SampleWindow.make("outage")
    const document = Schema.encodeSync(PlannedWindow.PlannedWindow)(window)
    expect(Either.isRight(decode(document))).toBe(true)
    for (const other of [{ name: "other" }, { retentionDays: 7 }, { enabled: false }]) {
      const read = decode({ ...document, payload: { ...document.payload, ...other } })
      expect(Either.isLeft(read) && read.left.message).toContain(`payload.${Object.keys(other)[0]} is`)
    }
  })

  it.effect("of another provider's destination is refused by those that replay into event buses", () =>
    Effect.gen(function* () {
      const window = SampleWindow.make("outage")
      expect(Either.isRight(BusWindow.of(window))).toBe(true)
      const destination = Destination.OtherDestination.make({ text: "/replays" })
      const other = { ...window, provider: ProviderName.ProviderName.make("folder"), destination }
      const refused = yield* Effect.flip(BusWindow.orRefused(other, "events:StartReplay"))
      expect(refused.findings).toEqual([
        {
          severity: "error",
          code: "no-event-bus",
          window: "outage",
          path: "destination",
          message: "/replays is no event bus: the window was planned for folder, which replays it"
        }
      ])
    })
  )

  it("into a bus whose ARN tells no region has the ARN that AWS gives it", () => {
    const { destination } = Schema.decodeUnknownSync(PlannedWindow.PlannedWindow)(
      JSON.parse(
        JSON.stringify(Schema.encodeSync(PlannedWindow.PlannedWindow)(SampleWindow.make("outage"))).replace(
          "arn:aws:events:us-east-1:",
          "arn:aws:eventbridge::"
        )
      )
    )
    expect(Destination.format(destination)).toBe("arn:aws:eventbridge::123456789012:event-bus/gen-cx-events")
    expect(destination._tag === "EventBus" && Destination.canonical(destination).text).toBe(
      "arn:aws:events:us-east-1:123456789012:event-bus/gen-cx-events"
    )
  })
})
