/** The database of this user: the one that the environment names, else a file in the directory of this user's state. */
import { Path } from "@effect/platform"
import { Config, Effect, Option } from "effect"
import * as StateDirectory from "./StateDirectory.js"

const variable = "GENESYS_REPLAY_DATABASE_URL"

const named = Effect.orDie(Config.option(Config.nonEmptyString(variable)))

const own = Effect.map(StateDirectory.path, (directory) => `${directory}/state.db`)

/** `GENESYS_REPLAY_DATABASE_URL`; without it `file:` in the directory of this user's state. */
export const url: Effect.Effect<string> = Effect.flatMap(
  named,
  Option.match({ onNone: () => Effect.map(own, (file) => `file:${file}`), onSome: Effect.succeed })
)

/** What {@link url} names. `DatabaseUrlUnsupported` where that cannot be opened. */
export const place = Effect.gen(function* () {
  const { read } = yield* Effect.promise(() => import("@genesys-replay/pipeline/DatabaseUrl"))
  return yield* read(yield* url)
})

/** A warning where nobody has named a place, and the state is kept below the working directory only for want of a home. */
export const warnOfPlace = Effect.gen(function* () {
  const isChosen = Option.isSome(yield* named) || Option.isSome(yield* StateDirectory.named)
  if (isChosen) return
  const path = yield* Path.Path
  yield* Effect.logWarning(
    `HOME is not set: the state is kept below the working directory, in ${path.resolve(yield* own)}. Set ${variable}=file:/PATH to keep it elsewhere`
  )
})
