/** The directory of this user's state: what is kept in files beside the database. */
import { Config, Effect, Option } from "effect"

// XDG base directory specification: a relative path is not valid and is ignored. Nor is one a home.
const directoryIn = (name: string) =>
  Config.string(name).pipe(Config.option, Config.map(Option.filter((path) => path.startsWith("/"))))

/** `$XDG_STATE_HOME/genesys-replay`, else below `~/.local/state`; without a home below the working directory. */
export const path: Effect.Effect<string> = Config.all({
  xdg: directoryIn("XDG_STATE_HOME"),
  home: directoryIn("HOME")
}).pipe(
  Config.map(({ home, xdg }) => Option.getOrElse(xdg, () => `${Option.getOrElse(home, () => ".")}/.local/state`)),
  Config.map((directory) => `${directory}/genesys-replay`),
  Effect.orDie
)
