/** When a process is killed: drawn from the seed of a round. */
import { Duration, Effect, Random } from "effect"
import type { Fate, Moment } from "./Gateway.js"
import { grown } from "./Growth.js"

/** At a moment of a request, after a while, or when the log of the database has grown so far. */
export type Kill =
  | { readonly at: "moment"; readonly moment: Moment; readonly count: number; readonly fate: Fate }
  | { readonly at: "time"; readonly after: Duration.Duration }
  | { readonly at: "growth"; readonly bytes: number }

/** The kill in a word or two, for figures. */
export const nameOf = (kill: Kill): string => {
  if (kill.at === "time") return "by time"
  if (kill.at === "growth") return "in a write"
  const fate = kill.fate === "on" || !kill.moment.endsWith("arrived") ? "" : kill.fate === "lost" ? ", lost" : ", late"
  return `${kill.moment}${fate}`
}

const moments: readonly [Moment, ...Array<Moment>] = [
  "submit arrived",
  "submit arrived",
  "submit done",
  "submit done",
  "submit answered",
  "look arrived",
  "look done",
  "look answered",
  "webhook arrived",
  "webhook done",
  "webhook answered",
  "token arrived",
  "token done"
]

/** The next kill, with so many windows to be worked on. */
export const draw = (windows: number, webhook: boolean): Effect.Effect<Kill> =>
  Effect.gen(function* () {
    const at = yield* Random.nextIntBetween(0, 10)
    if (at < 1) return { at: "time", after: Duration.millis(yield* Random.nextIntBetween(150, 2_500)) }
    if (at < 3) return { at: "growth", bytes: yield* Random.nextIntBetween(1, 400_000) }
    const moment = yield* Random.choice(moments)
    if (moment.startsWith("webhook") && !webhook) return yield* draw(windows, webhook)
    const fate = yield* Random.choice<readonly [Fate, Fate, Fate]>([
      "on",
      "lost",
      { later: Duration.millis(yield* Random.nextIntBetween(1, 1_500)) }
    ])
    const count = moment.startsWith("token") ? 1 : yield* Random.nextIntBetween(1, windows + 1)
    return { at: "moment", moment, count, fate: moment.endsWith("arrived") ? fate : "on" }
  })

/** Ends when it is time for a kill that does not wait for a request; `log` is what the database writes to first. */
export const due = (kill: Kill, log: string) => {
  if (kill.at === "moment") return Effect.never
  return kill.at === "time" ? Effect.sleep(kill.after) : grown(log, kill.bytes)
}
