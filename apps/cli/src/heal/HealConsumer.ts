/** Handing on what was missing: each event once, whatever is killed, as `resend --only` does it. */
import { FileSystem } from "@effect/platform"
import { Acknowledgements, RefusedEvents, Resend, ResendSpeed, ResendTargets } from "@genesys-replay/eventbridge"
import type { Heal } from "@genesys-replay/pipeline"
import { Effect, Option } from "effect"
import * as ResendInput from "../resend/ResendInput.js"
import * as WebhookSecret from "../resend/WebhookSecret.js"
import * as OutputFile from "../terminal/OutputFile.js"
import * as Http from "../wiring/Http.js"
import type { Asked } from "./HealArguments.js"
import * as HealFiles from "./HealFiles.js"

/** Checks that the consumer can be told, before anything is replayed for it. */
export const check = Effect.fn("HealConsumer.check")(function* (to: string) {
  const address = yield* ResendTargets.parse(to)
  if (address._tag === "Webhook") yield* WebhookSecret.required
})

/** Sends the consumer what was missing when the heal began and is in the capture now. */
export const resend = (asked: Asked, to: string, directory: string) =>
  Effect.fn("HealConsumer.resend")(
    function* ({ id }: Heal.Healed) {
      const files = yield* HealFiles.of(directory, id)
      const system = yield* FileSystem.FileSystem
      // Nothing has come yet.
      if (!(yield* Effect.orElseSucceed(system.exists(asked.captured), () => true))) return { resent: 0, refused: 0 }
      const address = yield* ResendTargets.parse(to)
      const secret = yield* WebhookSecret.given
      const speed = asked.speed === null ? undefined : yield* Effect.orDie(ResendSpeed.parse(asked.speed))
      yield* OutputFile.prepare(files.acknowledged, {})
      yield* OutputFile.prepare(files.refused, {})
      if (address._tag === "File")
        yield* OutputFile.prepare(address.path, { inputs: [asked.captured, ...asked.against, ...asked.records] })
      const { acknowledged, before, refused } = yield* Resend.run({
        events: ResendInput.records([asked.captured], {}),
        filter: { only: yield* ResendInput.only([files.missing]) },
        order: "time",
        speed,
        target: yield* ResendTargets.fromEnvironment(address, { secret: Option.getOrUndefined(secret) }),
        acknowledgements: yield* Acknowledgements.inFile(files.acknowledged),
        refusedEvents: yield* RefusedEvents.inFile(files.refused)
      })
      return { resent: acknowledged + before, refused: refused.count }
    },
    Effect.scoped,
    Effect.provide(Http.layer)
  )
