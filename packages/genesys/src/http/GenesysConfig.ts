/** What a connection to Genesys Cloud needs to know, read from the environment. */
import { FileSystem } from "@effect/platform"
import { RetryPolicy } from "@genesys-replay/domain"
import { Array, Config, Context, Duration, Effect, Either, Layer, Option, Redacted, Schema } from "effect"
import * as PlatformUrl from "./PlatformUrl.js"

/** The values. */
export interface Values {
  /** Base URL of the platform API, without a slash at its end. */
  readonly apiUrl: string
  /** Base URL of the OAuth server, without a slash at its end. */
  readonly loginUrl: string
  readonly clientId: string
  readonly clientSecret: Redacted.Redacted
  /** The scopes that the token is asked for, blank-separated. */
  readonly scope: string
  readonly retry: RetryPolicy.RetryPolicy
  /** How long one request may take, the body of its answer included. */
  readonly requestTimeout: Duration.Duration
}

/** What the environment does not say and a program may. */
export type Tuning = Partial<Pick<Values, "retry" | "requestTimeout">>

/** Three retries from one second on, 30 seconds for a request. */
export const tuning: Required<Tuning> = { retry: RetryPolicy.defaults, requestTimeout: Duration.seconds(30) }

/** The base URL where nobody names one. */
export const defaultApiUrl = "https://api.mypurecloud.com"

/** The scopes where nobody names some. */
export const defaultScope = "eventstream:read eventstream:write analytics:read"

const noId = "GENESYS_CLIENT_ID is not set"
const noSecret = "GENESYS_CLIENT_SECRET is not set, nor is GENESYS_CLIENT_SECRET_FILE"

/** The environment does not do. All problems at once; nothing was sent. Set what is named and run again. */
export class ConfigurationInvalid extends Schema.TaggedError<ConfigurationInvalid>()("ConfigurationInvalid", {
  /** One sentence for each problem, beginning with the variable. */
  problems: Schema.Array(Schema.String)
}) {
  /** Whether nothing is wrong but that the environment names no OAuth client at all. */
  get namesNoClient(): boolean {
    return this.problems.length === 2 && this.problems.every((problem) => problem === noId || problem === noSecret)
  }
  override get message(): string {
    return `the configuration of Genesys Cloud is not valid:${this.problems.map((problem) => `\n- ${problem}`).join("")}`
  }
}

type Found<A> = Either.Either<A, string>

const variable = (name: string): Effect.Effect<Option.Option<string>> =>
  Config.string(name).pipe(
    Effect.map((text) => text.trim()),
    Effect.option,
    Effect.map(Option.filter((text) => text !== ""))
  )

const required = (name: string): Effect.Effect<Found<string>> =>
  Effect.map(
    variable(name),
    Either.fromOption(() => `${name} is not set`)
  )

const isReadableByOthers = (mode: number): boolean => (mode & 0o044) !== 0

/** A file that holds the secret. */
export interface SecretFile {
  readonly path: string
  /** Whether others than its owner may read it; false where that cannot be known. */
  readonly isExposed: boolean
}

const secretFileAt = (path: string): Effect.Effect<SecretFile, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const info = yield* Effect.option(files.stat(path))
    return { path, isExposed: Option.exists(info, ({ mode }) => isReadableByOthers(mode)) }
  })

/** The file that the environment names for the secret; none where the secret itself is in the environment, or nothing is. */
export const secretFile: Effect.Effect<Option.Option<SecretFile>, never, FileSystem.FileSystem> = Effect.gen(
  function* () {
    if (Option.isSome(yield* variable("GENESYS_CLIENT_SECRET"))) return Option.none()
    return yield* Effect.transposeMapOption(yield* variable("GENESYS_CLIENT_SECRET_FILE"), secretFileAt)
  }
)

/** What to do about a file that is exposed. */
export const protect = ({ path }: SecretFile): string => `run chmod 600 ${path}`

const secretFromFile = Effect.fn("GenesysConfig.secretFromFile")(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const file = yield* secretFileAt(path)
  if (file.isExposed) {
    yield* Effect.logWarning(`${path} holds a secret and others may read it: ${protect(file)}`)
  }
  const text = yield* Effect.either(files.readFileString(path))
  return Either.match(text, {
    onLeft: (error): Found<Redacted.Redacted> =>
      Either.left(
        `GENESYS_CLIENT_SECRET_FILE: ${path} cannot be read (${error._tag === "SystemError" ? error.reason : error._tag})`
      ),
    onRight: (content) => {
      const secret = content.replace(/[\r\n]+$/, "")
      return secret === ""
        ? Either.left(`GENESYS_CLIENT_SECRET_FILE: ${path} is empty`)
        : Either.right(Redacted.make(secret))
    }
  })
})

const clientSecret = Effect.gen(function* (): Effect.fn.Return<Found<Redacted.Redacted>, never, FileSystem.FileSystem> {
  const secret = yield* variable("GENESYS_CLIENT_SECRET")
  if (Option.isSome(secret)) return Either.right(Redacted.make(secret.value))
  const path = yield* variable("GENESYS_CLIENT_SECRET_FILE")
  if (Option.isSome(path)) return yield* secretFromFile(path.value)
  return Either.left(noSecret)
})

/** The OAuth server: as named, else derived of the base URL. An invalid base URL is its own problem, not this one's. */
const loginUrlOf = (apiUrl: Found<string>, named: Option.Option<string>): Found<string> => {
  if (Option.isSome(named)) return Either.mapLeft(PlatformUrl.parse(named.value), (why) => `GENESYS_LOGIN_URL ${why}`)
  if (Either.isLeft(apiUrl)) return Either.right("")
  return Option.match(PlatformUrl.loginUrl(apiUrl.right), {
    onNone: () =>
      Either.left(
        `GENESYS_LOGIN_URL is not set and cannot be derived: the host of GENESYS_ENV_URL (${apiUrl.right}) does not begin with "api."`
      ),
    onSome: Either.right
  })
}

/**
 * Reads GENESYS_ENV_URL, GENESYS_LOGIN_URL, GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET (or GENESYS_CLIENT_SECRET_FILE; the
 * variable wins) and GENESYS_SCOPE from the `ConfigProvider`. An empty variable is one that is not set. Fails with
 * {@link ConfigurationInvalid}, which names everything that is wrong. A secret file that others may read is warned of.
 */
export const fromEnvironment = Effect.fn("GenesysConfig.fromEnvironment")(function* (tuned: Tuning = {}) {
  const apiUrl = yield* variable("GENESYS_ENV_URL").pipe(
    Effect.map((named) =>
      Either.mapLeft(PlatformUrl.parse(Option.getOrElse(named, () => defaultApiUrl)), (why) => `GENESYS_ENV_URL ${why}`)
    )
  )
  const read = {
    apiUrl,
    loginUrl: loginUrlOf(apiUrl, yield* variable("GENESYS_LOGIN_URL")),
    clientId: yield* required("GENESYS_CLIENT_ID"),
    clientSecret: yield* clientSecret
  }
  const values = Either.all(read)
  if (Either.isLeft(values)) {
    const found: ReadonlyArray<Found<unknown>> = Object.values(read)
    return yield* new ConfigurationInvalid({ problems: Array.getLefts(found) })
  }
  const scope = Option.getOrElse(yield* variable("GENESYS_SCOPE"), () => defaultScope)
  return { ...tuning, ...tuned, ...values.right, scope } satisfies Values
})

/** The connection's configuration as a service. */
export class GenesysConfig extends Context.Tag("@genesys-replay/genesys/GenesysConfig")<GenesysConfig, Values>() {
  /** From the environment; see {@link fromEnvironment}. */
  static readonly layer: Layer.Layer<GenesysConfig, ConfigurationInvalid, FileSystem.FileSystem> = Layer.effect(
    GenesysConfig,
    fromEnvironment()
  )

  /** From the environment, with other retries or time-outs. */
  static readonly layerTuned = (
    tuned: Tuning
  ): Layer.Layer<GenesysConfig, ConfigurationInvalid, FileSystem.FileSystem> =>
    Layer.effect(GenesysConfig, fromEnvironment(tuned))

  /** The given values, which are taken as they are. */
  static readonly layerOf = (values: Omit<Values, keyof Tuning> & Tuning): Layer.Layer<GenesysConfig> =>
    Layer.succeed(GenesysConfig, { ...tuning, ...values })
}
