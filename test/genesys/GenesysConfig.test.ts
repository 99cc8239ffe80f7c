import { FileSystem } from "@effect/platform"
import { SystemError } from "@effect/platform/Error"
import { describe, expect, it } from "@effect/vitest"
import { GenesysConfig, PlatformUrl } from "@genesys-replay/genesys"
import { StubPlatform } from "@genesys-replay/genesys/testing"
import { ConfigProvider, Effect, Either, Layer, Logger, Option, Redacted } from "effect"
import { infoOf } from "./FileInfo.js"

const credentials = { GENESYS_CLIENT_ID: "id", GENESYS_CLIENT_SECRET: StubPlatform.secret }

/** Reads `variables`, with files of the given content and mode; the configuration or its problems, and what was logged. */
const read = (
  variables: Readonly<Record<string, string>>,
  files: Readonly<Record<string, { readonly text: string; readonly mode: number }>> = {}
) =>
  Effect.gen(function* () {
    const logged: Array<string> = []
    const missing = (path: string) =>
      new SystemError({ reason: "NotFound", module: "FileSystem", method: "read", pathOrDescriptor: path })
    const file = (path: string) => Effect.mapError(Effect.fromNullable(files[path]), () => missing(path))
    const environment = Layer.mergeAll(
      FileSystem.layerNoop({
        stat: (path) => Effect.map(file(path), ({ mode }) => infoOf(mode)),
        readFileString: (path) => Effect.map(file(path), ({ text }) => text)
      }),
      Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables)))),
      Logger.replace(
        Logger.defaultLogger,
        Logger.make(({ message }) => void logged.push(String(message)))
      )
    )
    const result = yield* GenesysConfig.GenesysConfig.pipe(
      Effect.provide(Layer.provide(GenesysConfig.GenesysConfig.layer, environment)),
      Effect.either
    )
    return { result, logged, problems: Either.isLeft(result) ? result.left.problems : [] }
  })

describe("GenesysConfig", () => {
  it.effect("reads the environment, with the documented defaults", () =>
    Effect.gen(function* () {
      const { result } = yield* read(credentials)
      expect(result).toMatchObject({
        right: {
          apiUrl: "https://api.mypurecloud.com",
          loginUrl: "https://login.mypurecloud.com",
          clientId: "id",
          scope: "eventstream:read eventstream:write analytics:read",
          retry: { maxRetries: 3 }
        }
      })
      expect(Either.isRight(result) && Redacted.value(result.right.clientSecret)).toBe(StubPlatform.secret)
      expect(String(JSON.stringify(result))).not.toContain(StubPlatform.secret)
    })
  )

  it.effect("names all that is missing or wrong in one error", () =>
    Effect.gen(function* () {
      const { problems, result } = yield* read({ GENESYS_ENV_URL: "http://api.example.com", GENESYS_CLIENT_ID: " " })
      expect(problems).toHaveLength(3)
      expect(problems[0]).toContain("GENESYS_ENV_URL is refused")
      expect(problems[1]).toBe("GENESYS_CLIENT_ID is not set")
      expect(problems[2]).toContain("GENESYS_CLIENT_SECRET")
      expect(Either.isLeft(result) && result.left.message).toContain("\n- GENESYS_CLIENT_ID is not set")
    })
  )

  it.effect("refuses http unless the host is loopback", () =>
    Effect.gen(function* () {
      for (const url of [
        "http://127.0.0.1:8080",
        "http://127.3.2.1/",
        "http://[::1]:9",
        "http://localhost:1234",
        "https://api.x.com"
      ]) {
        const { problems } = yield* read({ ...credentials, GENESYS_ENV_URL: url })
        expect(problems).toEqual([])
      }
      for (const url of [
        "http://api.mypurecloud.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://128.0.0.1",
        "ftp://localhost",
        "api.mypurecloud.com",
        "https://user:pass@api.mypurecloud.com",
        "https://api.mypurecloud.com?x=1"
      ]) {
        for (const name of ["GENESYS_ENV_URL", "GENESYS_LOGIN_URL"]) {
          const { problems } = yield* read({ ...credentials, [name]: url })
          expect(problems).toHaveLength(1)
          expect(problems[0]).toContain(name)
          expect(problems[0]).not.toContain("pass@")
        }
      }
    })
  )

  it.effect("derives the login URL of the first label api, takes the origin of loopback, and asks otherwise", () =>
    Effect.gen(function* () {
      expect(PlatformUrl.loginUrl("https://api.usw2.pure.cloud")).toEqual(Option.some("https://login.usw2.pure.cloud"))
      expect(PlatformUrl.loginUrl("http://127.0.0.1:8080")).toEqual(Option.some("http://127.0.0.1:8080"))
      const { problems } = yield* read({ ...credentials, GENESYS_ENV_URL: "https://apis.example.com" })
      expect(problems).toHaveLength(1)
      expect(problems[0]).toContain("GENESYS_LOGIN_URL is not set")
      const { result } = yield* read({
        ...credentials,
        GENESYS_ENV_URL: "https://apis.example.com/",
        GENESYS_LOGIN_URL: "https://sign-in.example.com/"
      })
      expect(result).toMatchObject({
        right: { apiUrl: "https://apis.example.com", loginUrl: "https://sign-in.example.com" }
      })
    })
  )

  it.effect("reads the secret of a file without the newline at its end", () =>
    Effect.gen(function* () {
      const variables = { GENESYS_CLIENT_ID: "id", GENESYS_CLIENT_SECRET_FILE: "/secret" }
      const { logged, result } = yield* read(variables, {
        "/secret": { text: `${StubPlatform.secret}\r\n`, mode: 0o100600 }
      })
      expect(Either.isRight(result) && Redacted.value(result.right.clientSecret)).toBe(StubPlatform.secret)
      expect(logged).toEqual([])
    })
  )

  it.effect("warns of a secret file that group or world may read", () =>
    Effect.gen(function* () {
      const variables = { GENESYS_CLIENT_ID: "id", GENESYS_CLIENT_SECRET_FILE: "/secret" }
      for (const mode of [0o100640, 0o100604]) {
        const { logged, result } = yield* read(variables, { "/secret": { text: StubPlatform.secret, mode } })
        expect(Either.isRight(result)).toBe(true)
        expect(logged).toHaveLength(1)
        expect(logged[0]).toContain("chmod 600 /secret")
        expect(logged[0]).not.toContain(StubPlatform.secret)
      }
    })
  )

  it.effect("says that a secret file is missing or empty", () =>
    Effect.gen(function* () {
      const variables = { GENESYS_CLIENT_ID: "id", GENESYS_CLIENT_SECRET_FILE: "/secret" }
      expect((yield* read(variables)).problems[0]).toContain("/secret cannot be read (NotFound)")
      const empty = yield* read(variables, { "/secret": { text: "\n", mode: 0o600 } })
      expect(empty.problems[0]).toContain("/secret is empty")
    })
  )
})
