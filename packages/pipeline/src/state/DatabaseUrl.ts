/** Where the state database is: `file:PATH` or `postgres://…`. */
import { Config, Effect, Option, Redacted, Schema } from "effect"

/** The database URL names something that cannot be opened. Only the scheme is shown: the rest may hold a password. */
export class DatabaseUrlUnsupported extends Schema.TaggedError<DatabaseUrlUnsupported>()("DatabaseUrlUnsupported", {
  /** What stands before the colon; empty where there is none. */
  scheme: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `the database URL cannot be used: ${this.reason}. Set GENESYS_REPLAY_DATABASE_URL to file:PATH or postgres://USER:PASSWORD@HOST/DATABASE`
  }
}

/** What a URL names. */
export type Place =
  | { readonly kind: "file"; readonly file: string }
  | {
      readonly kind: "postgres"
      readonly url: Redacted.Redacted
      /** The server and the database, for people: nothing that is secret. */
      readonly location: string
    }

const variable = "GENESYS_REPLAY_DATABASE_URL"

// XDG base directory specification: a relative path is not valid and is ignored. Nor is one a home.
const directoryIn = (name: string) =>
  Config.string(name).pipe(Config.option, Config.map(Option.filter((path) => path.startsWith("/"))))

const home = directoryIn("HOME")

const stateHome = Config.all({ xdg: directoryIn("XDG_STATE_HOME"), home }).pipe(
  Config.map(({ home, xdg }) => Option.orElse(xdg, () => Option.map(home, (directory) => `${directory}/.local/state`)))
)

const fileIn = (directory: string): string => `${directory}/genesys-replay/state.db`

// Below the working directory: whoever runs the next command elsewhere does not find it again.
const homeless = fileIn("./.local/state")

/** `GENESYS_REPLAY_DATABASE_URL`; without it `file:` in the user's state directory: `$XDG_STATE_HOME/genesys-replay/state.db`, else below `~/.local/state`. */
export const config: Config.Config<string> = Config.nonEmptyString(variable).pipe(
  Config.orElse(() =>
    Config.map(stateHome, (directory) => `file:${Option.match(directory, { onNone: () => homeless, onSome: fileIn })}`)
  )
)

/** The file that {@link config} names only because the environment says neither where the state is to be nor where the user's home is. */
export const withoutHome: Config.Config<Option.Option<string>> = Config.map(config, (url) =>
  url === `file:${homeless}` ? Option.some(homeless) : Option.none()
)

const unsupported = (scheme: string, reason: string) => new DatabaseUrlUnsupported({ scheme, reason })

const fileAt = Effect.fn("DatabaseUrl.fileAt")(function* (rest: string) {
  const file = rest.replace(/^\/\/(?:localhost)?(?=\/)/, "")
  if (file === "" || file.startsWith("//")) return yield* unsupported("file", "it names no file of this machine")
  if (file.startsWith(":memory:")) return yield* unsupported("file", "a database in memory keeps nothing")
  if (!file.startsWith("~")) return { kind: "file", file } as const
  // No shell has read it.
  if (!/^~\/./.test(file)) return yield* unsupported("file", "only ~/ is understood as a home: write the whole path")
  const directory = yield* Effect.orElseSucceed(home, Option.none<string>)
  if (Option.isNone(directory)) return yield* unsupported("file", "HOME is not set, so that ~/ is nowhere")
  return { kind: "file", file: `${directory.value}${file.slice(1)}` } as const
})

const serverAt = Effect.fn("DatabaseUrl.serverAt")(function* (scheme: string, text: string) {
  const escape = "percent-encode what is special in the user and the password"
  const parsed = yield* Effect.mapError(
    Effect.try(() => new URL(text)),
    () => unsupported(scheme, `it is not a URL; ${escape}`)
  )
  // A password with a # or a / in it makes the rest of itself a host, a path or a fragment.
  if (/@/.test(parsed.pathname + parsed.hash)) return yield* unsupported(scheme, `an @ stands in its path; ${escape}`)
  const host = parsed.host === "" ? (parsed.searchParams.get("host") ?? "localhost") : parsed.host
  const database = decodeURIComponent(parsed.pathname.slice(1)) || decodeURIComponent(parsed.username)
  if (database === "") return yield* unsupported(scheme, "it names no database")
  return { kind: "postgres", url: Redacted.make(text), location: `${host}/${database}` } as const
})

/** Reads `file:PATH` (where `~/` is the home that `HOME` names), `file:///PATH`, `postgres://…` and `postgresql://…`. {@link DatabaseUrlUnsupported} for every other one. */
export const read: (text: string) => Effect.Effect<Place, DatabaseUrlUnsupported> = Effect.fn("DatabaseUrl.read")(
  function* (text: string) {
    const colon = text.indexOf(":")
    const scheme = text.slice(0, Math.max(0, colon)).toLowerCase()
    if (scheme === "postgres" || scheme === "postgresql") return yield* serverAt(scheme, text)
    if (scheme === "file") return yield* fileAt(text.slice(colon + 1))
    return yield* unsupported(scheme, scheme === "" ? "it has no scheme" : `its scheme is ${scheme}:`)
  }
)
