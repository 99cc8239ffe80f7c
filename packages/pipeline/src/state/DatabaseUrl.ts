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

/** Nothing says where the state is to be kept. A library takes no place of its own accord: it is for the program to choose one. */
export class DatabaseUrlMissing extends Schema.TaggedError<DatabaseUrlMissing>()("DatabaseUrlMissing", {
  /** The variable that is not set, or empty. */
  variable: Schema.String
}) {
  override get message(): string {
    return `nothing says where the state is to be kept: ${this.variable} is not set. ${this.remedy}`
  }
  /** What to do about it. */
  get remedy(): string {
    return `Set ${this.variable} to file:PATH or postgres://USER:PASSWORD@HOST/DATABASE, or name the database in the program: Database.layer(url)`
  }
}

/** `GENESYS_REPLAY_DATABASE_URL`. */
export const config: Config.Config<string> = Config.nonEmptyString(variable)

/** The URL that the environment names. {@link DatabaseUrlMissing} where it names none. */
export const named: Effect.Effect<string, DatabaseUrlMissing> = Effect.mapError(
  config,
  () => new DatabaseUrlMissing({ variable })
)

// A relative path is not the home of anybody.
const home = Config.string("HOME").pipe(Config.option, Config.map(Option.filter((path) => path.startsWith("/"))))

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
