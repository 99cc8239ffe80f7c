/** Says that no window has got on for a while: whoever looks on is to see a runner that waits, and for what. */
import { ReplayPipeline } from "@genesys-replay/pipeline"
import { DateTime, Duration, Effect } from "effect"
import { say } from "../terminal/Screen.js"

/** How long nothing may change before it is said, and how often it is said again. */
export const after = Duration.minutes(5)

const look = Effect.gen(function* () {
  const open = yield* ReplayPipeline.unfinished
  const [first] = open
  if (first === undefined) return
  const changes = open.map(({ updatedAt }) => DateTime.unsafeMake(updatedAt))
  const still = DateTime.distanceDuration(changes.reduce(DateTime.max), yield* DateTime.now)
  if (Duration.lessThan(still, after)) return
  const minutes = Math.floor(Duration.toMinutes(still))
  yield* say(`no window has changed for ${minutes} min: ${open.length} open, ${first.key} is ${first.state}`)
})

/** Looks for ever. Windows that wait for a long replay are told of as well: they are not stuck, and nothing changes. */
export const tell = Effect.forever(Effect.delay(look, after))
