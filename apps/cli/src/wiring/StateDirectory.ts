/** The directory of this user's state: what is kept in files beside the database. */
import { Config, Effect, Option } from "effect"

// XDG base directory specification: a relative path is not valid and is ignored. Nor is one a home.
const directoryIn = (name: string) =>
  Config.string(name).pipe(Config.option, Config.map(Option.filter((path) => path.startsWith("/"))))

/** `$XDG_STATE_HOME/genesys-replay`, else below `~/.local/state`; none where the environment names neither. */
export const named: Effect.Effect<Option.Option<string>> = Config.all({
  xdg: directoryIn("XDG_STATE_HOME"),
  home: directoryIn("HOME")
}).pipe(
  Config.map(({ home, xdg }) => Option.orElse(xdg, () => Option.map(home, (directory) => `${directory}/.local/state`))),
  Config.map(Option.map((directory) => `${directory}/genesys-replay`)),
  Effect.orDie
)

/** The same; without a home below the working directory, where whoever runs the next command elsewhere does not find it again. */
export const path: Effect.Effect<string> = Effect.map(
  named,
  Option.getOrElse(() => "./.local/state/genesys-replay")
)
