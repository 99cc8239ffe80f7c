import { describe, expect, it } from "@effect/vitest"
import { OutboundProxy } from "@genesys-replay/domain"
import { ConfigProvider, Effect, Either, Option, Redacted } from "effect"

const read = (variables: Readonly<Record<string, string>>) =>
  Effect.either(OutboundProxy.fromEnvironment).pipe(
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables)))),
    Effect.map(Either.map(Option.map(({ direct, url }) => ({ url: Redacted.value(url), direct }))))
  )

const urlOf = (variables: Readonly<Record<string, string>>) =>
  Effect.map(Effect.flatten(read(variables)), (found) => Option.getOrNull(Option.map(found, ({ url }) => url)))

describe("OutboundProxy", () => {
  it.effect("is named by https_proxy, else http_proxy, else all_proxy, in small letters or capitals", () =>
    Effect.gen(function* () {
      expect(yield* urlOf({})).toBeNull()
      expect(yield* urlOf({ ALL_PROXY: "http://all:1" })).toBe("http://all:1")
      expect(yield* urlOf({ ALL_PROXY: "http://all:1", HTTP_PROXY: "http://plain:1" })).toBe("http://plain:1")
      expect(yield* urlOf({ HTTP_PROXY: "http://plain:1", HTTPS_PROXY: "https://u:p@safe:1/" })).toBe(
        "https://u:p@safe:1"
      )
      expect(yield* urlOf({ HTTPS_PROXY: "http://loud:1", https_proxy: "http://quiet:1" })).toBe("http://quiet:1")
      expect(yield* urlOf({ HTTPS_PROXY: "proxy:3128" })).toBe("http://proxy:3128")
    })
  )

  it.effect("is none where no_proxy is every host", () =>
    Effect.gen(function* () {
      expect(yield* urlOf({ HTTPS_PROXY: "http://proxy:1", NO_PROXY: "a.example, *" })).toBeNull()
    })
  )

  it.effect("is not asked for the hosts of no_proxy, those below them, and this machine", () =>
    Effect.gen(function* () {
      const found = yield* OutboundProxy.fromEnvironment.pipe(
        Effect.withConfigProvider(
          ConfigProvider.fromMap(
            new Map([
              ["HTTPS_PROXY", "http://proxy:1"],
              ["NO_PROXY", "a.example,.b.example *.c.example d.example:8443"]
            ])
          )
        ),
        Effect.flatten
      )
      const cases: ReadonlyArray<readonly [host: string, port: number, direct: boolean]> = [
        ["a.example", 443, true],
        ["A.Example", 443, true],
        ["x.a.example", 443, true],
        ["xa.example", 443, false],
        ["x.b.example", 443, true],
        ["x.c.example", 443, true],
        ["d.example", 8443, true],
        ["d.example", 443, false],
        ["localhost", 80, true],
        ["127.0.0.1", 4000, true],
        ["::1", 4000, true],
        ["api.mypurecloud.com", 443, false]
      ]
      expect(cases.map(([host, port]) => [host, port, OutboundProxy.isDirect(found, host, port)])).toEqual(cases)
    })
  )

  it.effect("that cannot be used is an error that does not repeat it", () =>
    Effect.gen(function* () {
      for (const text of ["socks5://user:pa55word@proxy:1", "http://user:pa55word@", "pa55word pa55word"]) {
        const error = Either.flip(yield* read({ HTTPS_PROXY: text }))
        expect(error).toMatchObject({ right: { _tag: "ProxyMisconfigured", variable: "HTTPS_PROXY" } })
        expect(String(Either.getOrNull(error)?.message)).not.toContain("pa55word")
      }
    })
  )
})
