/** A place where the command line runs: a spec, a database, and a gateway between it and the sandbox. */
import { FileSystem } from "@effect/platform"
import { expect } from "@effect/vitest"
import { Sandbox } from "@genesys-replay/sandbox"
import { Effect, HashMap, Option, Redacted } from "effect"
import { workplace } from "../cli/Run.js"
import * as Gateway from "./Gateway.js"
import * as Process from "./Process.js"
import * as Spec from "./Spec.js"

const webhookSecret = "whsec_dGhlIHNlY3JldCBvZiB0aGUgY3Jhc2ggdGVzdA=="

/** What a site is for. */
export interface Options {
  /** The windows of its spec; no other site has one of the same name. */
  readonly names: ReadonlyArray<string>
  /** The bus that their events go to. */
  readonly bus?: string
  /** See {@link Gateway.make}; nothing happens unless told. */
  readonly reached?: (moment: Gateway.Moment) => Effect.Effect<Gateway.Fate>
}

/** See {@link make}. */
export type Site = Effect.Effect.Success<ReturnType<typeof make>>

/** A site at the sandbox, for as long as the scope is open. */
export const make = ({ bus = "gen-cx-events", names, reached = () => Effect.succeed("on") }: Options) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.Sandbox
    const files = yield* FileSystem.FileSystem
    const gateway = yield* Gateway.make({ sandbox: sandbox.url, secret: webhookSecret, reached })
    const { directory } = yield* workplace({ "replay.yaml": yield* Spec.of(names, bus) })
    // A directory of its own, so that a test can do to it what it likes.
    const state = `${directory}/state`
    yield* files.makeDirectory(state, { mode: 0o700 })
    const database = `${state}/state.db`
    const url = `file:${database}`
    const env = {
      HOME: directory,
      GENESYS_REPLAY_DATABASE_URL: url,
      GENESYS_ENV_URL: gateway.url,
      GENESYS_LOGIN_URL: gateway.url,
      GENESYS_CLIENT_ID: sandbox.clientId,
      GENESYS_CLIENT_SECRET: Redacted.value(sandbox.clientSecret),
      GENESYS_REPLAY_WEBHOOK_SECRET: webhookSecret
    }
    const spec = `${directory}/replay.yaml`

    return {
      names,
      gateway,
      directory,
      state,
      database,
      url,
      env,
      spec,
      /** Starts a command here. */
      start: (args: ReadonlyArray<string>, around: Process.Surroundings = {}) =>
        Process.start(args, env, { cwd: directory, ...around }),
      /** Runs a command here to its end. */
      run: (args: ReadonlyArray<string>, around: Process.Surroundings = {}) =>
        Process.run(args, env, { cwd: directory, ...around }),
      /** For each window, how often a stream was made for it. */
      made: Effect.map(sandbox.submissions, (all) =>
        names.map((name) => Option.match(HashMap.get(all, name), { onNone: () => 0, onSome: ({ created }) => created }))
      ),
      /** Nobody who reads what a process said, or the files that it left, learns a secret. */
      expectNoSecret: (said: { readonly out: string; readonly err: string }) =>
        Effect.gen(function* () {
          const places = yield* Effect.forEach(yield* files.readDirectory(state), (name) =>
            Effect.map(files.readFile(`${state}/${name}`), (bytes) => Buffer.from(bytes).toString("latin1"))
          )
          const never = [Redacted.value(sandbox.clientSecret), webhookSecret.slice("whsec_".length)]
          for (const text of [said.out, said.err, ...places]) {
            for (const secret of [...never, ...gateway.secrets()]) expect(text.includes(secret)).toBe(false)
          }
        })
    }
  })
