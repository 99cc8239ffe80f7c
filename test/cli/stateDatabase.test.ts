import { join } from "node:path"
import { NodePath } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { ConfigProvider, Effect, Logger } from "effect"
import * as StateDatabase from "../../apps/cli/src/wiring/StateDatabase.js"

const within = (environment: Record<string, string>) =>
  Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(environment))))

describe("The database of a user", () => {
  it.effect("stands in the user's state directory unless the environment says otherwise", () =>
    Effect.gen(function* () {
      const urlIn = (environment: Record<string, string>) => within(environment)(StateDatabase.url)
      const at = (directory: string) => `file:${directory}/genesys-replay/state.db`
      expect(yield* urlIn({ HOME: "/home/a" })).toBe(at("/home/a/.local/state"))
      expect(yield* urlIn({ HOME: "/home/a", XDG_STATE_HOME: "/s" })).toBe(at("/s"))
      expect(yield* urlIn({ HOME: "/home/a", XDG_STATE_HOME: "s" })).toBe(at("/home/a/.local/state"))
      expect(yield* urlIn({ HOME: "/home/a", GENESYS_REPLAY_DATABASE_URL: "file:x.db" })).toBe("file:x.db")
      for (const none of [{}, { HOME: "" }, { HOME: "a" }, { HOME: "", XDG_STATE_HOME: "s" }]) {
        expect(yield* urlIn(none)).toBe(at("./.local/state"))
      }
    })
  )

  it.effect("is warned of where it is below the working directory only for want of a home", () =>
    Effect.gen(function* () {
      const warned = (environment: Record<string, string>) =>
        Effect.gen(function* () {
          const lines: Array<string> = []
          const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
            lines.push(`${logLevel.label} ${String(message)}`)
          })
          yield* within(environment)(StateDatabase.warnOfPlace).pipe(
            Effect.provide([NodePath.layer, Logger.replace(Logger.defaultLogger, logger)])
          )
          return lines
        })
      expect(yield* warned({ HOME: "/home/a" })).toEqual([])
      expect(yield* warned({ GENESYS_REPLAY_DATABASE_URL: "file:x.db" })).toEqual([])
      const place = join(process.cwd(), ".local/state/genesys-replay/state.db")
      expect(yield* warned({})).toEqual([
        `WARN HOME is not set: the state is kept below the working directory, in ${place}. Set GENESYS_REPLAY_DATABASE_URL=file:/PATH to keep it elsewhere`
      ])
    })
  )
})
