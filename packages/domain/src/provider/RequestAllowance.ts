/**
 * The platform's allowance of requests, shared by all programs that use one account at the same time. Declared here; a
 * provider's rate limit takes from it what it sends, and tells it what answers say.
 */
import { Clock, Context, Effect, HashMap, Layer, Option, Ref, Schema } from "effect"
import * as AllowanceWindow from "./AllowanceWindow.js"

/** The shared allowance cannot be reached. Who asked goes on by what it knows itself. */
export class AllowanceUnavailable extends Schema.TaggedError<AllowanceUnavailable>()("AllowanceUnavailable", {
  reason: Schema.String
}) {
  override get message(): string {
    return `the allowance of requests that the runners share cannot be reached: ${this.reason}. This one goes on by what it knows itself; check the database`
  }
}

/** The operations. A key names platform and OAuth client, and holds no secret. */
export interface Service {
  /**
   * Takes up to `wanted` permits, one for each request that is about to be sent. Those that are not used are lost with their
   * window; none are granted where it is used up.
   */
  readonly take: (key: string, wanted: number) => Effect.Effect<AllowanceWindow.Taken, AllowanceUnavailable>
  /** Tells what an answer said, to all who share the key. */
  readonly learn: (key: string, news: AllowanceWindow.News) => Effect.Effect<void, AllowanceUnavailable>
}

/** Nothing is shared: every permit is granted. */
const alone: Service = {
  take: (_, wanted) =>
    Effect.succeed({
      permits: wanted,
      until: Number.POSITIVE_INFINITY,
      allowed: Number.POSITIVE_INFINITY,
      taken: 0,
      assumed: false
    }),
  learn: () => Effect.void
}

const memory = Effect.map(Ref.make(HashMap.empty<string, AllowanceWindow.AllowanceWindow>()), (windows): Service => {
  const windowOf = (all: HashMap.HashMap<string, AllowanceWindow.AllowanceWindow>, key: string) =>
    Option.getOrElse(HashMap.get(all, key), () => AllowanceWindow.unused)
  return {
    take: (key, wanted) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        Ref.modify(windows, (all) => {
          const [taken, after] = AllowanceWindow.take(windowOf(all, key), wanted, now)
          return [taken, HashMap.set(all, key, after)]
        })
      ),
    learn: (key, news) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        Ref.update(windows, (all) => HashMap.set(all, key, AllowanceWindow.learn(windowOf(all, key), news, now)))
      )
  }
})

/** The service. Without a layer of it a program shares with nobody: its rate limit alone decides. */
export class RequestAllowance extends Context.Reference<RequestAllowance>()("@genesys-replay/domain/RequestAllowance", {
  defaultValue: (): Service => alone
}) {
  /** Shared by all that are built on this one layer, in this process. */
  static readonly layerMemory: Layer.Layer<RequestAllowance> = Layer.effect(RequestAllowance, memory)
}
