/** A place to type commands at: a home of its own, and an environment that leads to a sandbox in this process. */
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { expect } from "@effect/vitest"
import { Sandbox, type Settings } from "@genesys-replay/sandbox"
import { Context, DateTime, Duration, Effect, Layer, Redacted } from "effect"
import * as InProcess from "./InProcess.js"
import { type Ended, type Given, run, workplace } from "./Run.js"

export const bus = "gen-cx-events"
export const destination = `arn:aws:events:us-east-1:123456789012:event-bus/${bus}`

export class Desk extends Context.Tag("test/Desk")<
  Desk,
  {
    /** Home, working directory, and where the audit trail is kept. */
    readonly directory: string
    readonly env: Readonly<Record<string, string>>
    /** What must never be seen. */
    readonly secret: string
  }
>() {}

const variables = (lines: ReadonlyArray<string>): Record<string, string> =>
  Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]))

/** A desk at a sandbox whose replays are over in a moment unless told. */
export const desk = (options: Settings.Options = {}) =>
  Layer.scoped(
    Desk,
    Effect.gen(function* () {
      const { clientSecret, environment } = yield* Sandbox.Sandbox
      const { directory, env } = yield* workplace()
      return { directory, env: { ...env, ...variables(environment) }, secret: Redacted.value(clientSecret) }
    })
  ).pipe(
    Layer.provideMerge(
      Sandbox.layer({
        seed: "cli",
        world: { conversationsPerHour: 20 },
        pace: { pending: Duration.millis(20), eventsPerSecond: 20_000, tick: Duration.millis(10) },
        ...options
      })
    ),
    Layer.provideMerge(NodeContext.layer)
  )

/** Sets or, with undefined, takes away variables of the desk's environment. */
export interface Typed extends Omit<Given, "env" | "cwd"> {
  readonly env?: Readonly<Record<string, string | undefined>>
}

const light = /^(?:apply|plan|list|status|cancel|audit \w+|runs (?:list|show|cancel)|sync list|completions)\b/

// What a process of its own would add nothing to: no terminal, no signal, no second process that works, no environment of its own.
const isLight = (args: ReadonlyArray<string>, given: Typed): boolean =>
  light.test(args.join(" ")) &&
  Object.keys(given).length === 0 &&
  // The AWS SDK reads the environment of the process.
  !args.some((word) => ["--watch", "--event-bus", "eventbridge"].includes(word))

/** Types a command. Whatever it is and however it ends: pipes get no escape codes, and nobody gets to see the secret. */
export const type = (args: ReadonlyArray<string>, given: Typed = {}): Effect.Effect<Ended, never, Desk> =>
  Effect.gen(function* () {
    const { directory, env, secret } = yield* Desk
    const merged = Object.entries({ ...env, ...given.env }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const]
    )
    const whole = Object.fromEntries(merged)
    const ended = yield* isLight(args, given)
      ? InProcess.run(args, { cwd: directory, env: whole })
      : run(args, { ...given, cwd: directory, env: whole })
    for (const text of [ended.out, ended.err]) {
      expect(text.includes("\u001B")).toBe(false)
      expect(text.includes(secret)).toBe(false)
    }
    return ended
  })

/** Puts a file on the desk. */
export const put = (name: string, text: string, mode?: number) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const { directory } = yield* Desk
    yield* files.writeFileString(`${directory}/${name}`, text)
    if (mode !== undefined) yield* files.chmod(`${directory}/${name}`, mode)
  })

/** A spec of windows of these names that begin an hour ago; the same text gives the same payload whenever it is applied. */
export const specOf = (names: ReadonlyArray<string>, hours = 1, retention = 30) =>
  Effect.map(DateTime.now, (now) => {
    const start = DateTime.formatIso(DateTime.subtract(now, { hours }))
    const windows = names.map(
      (name) =>
        `  - name: ${name}\n    topics: [genesys.conversations.call]\n    start: ${start}\n    retention: ${retention}\n`
    )
    return `retention: {"*": 60}\ndefaults: {destination: "${destination}"}\nwindows:\n${windows.join("")}`
  })

export const numbered = (count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, index) => `window-${index + 1}`)

/** Looks every few milliseconds until there is something to be seen. */
export const until = <A, E, R>(look: Effect.Effect<A | undefined, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(look, (seen) => (seen === undefined ? Effect.delay(until(look), "10 millis") : Effect.succeed(seen)))
