/**
 * One round: windows are applied by a process that is killed, and gone on with by others that are killed as well, until one ends
 * by itself. Then everything must be as if nothing had happened.
 */
import { FileSystem } from "@effect/platform"
import { expect } from "@effect/vitest"
import { ReplayPipeline, type RunWindow } from "@genesys-replay/pipeline"
import { Sandbox } from "@genesys-replay/sandbox"
import { Array as Arrays, Effect, HashMap, Option, Random, Redacted, Ref } from "effect"
import { workplace } from "../cli/Run.js"
import { type Figures, tally } from "./Figures.js"
import * as Gateway from "./Gateway.js"
import * as Kept from "./Kept.js"
import * as Kill from "./Kill.js"
import * as Process from "./Process.js"
import * as Spec from "./Spec.js"

const webhookSecret = "whsec_dGhlIHNlY3JldCBvZiB0aGUgY3Jhc2ggdGVzdA=="

// How often each step of a window may and must be in the trail.
const stepsOf = (entries: Kept.Kept["entries"], { run, window }: RunWindow.RunWindow) =>
  tally(
    entries
      .filter((entry) => entry.window === window.name && entry.detail["run"] === run)
      .map(({ action }) => (/^(?:create|adopt|confirm)_/.test(action) ? "accepted" : action))
  )

/** Plays the round with this seed; its number keeps it apart from the others. */
export const play = (number: number, seed: string) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.Sandbox
    const files = yield* FileSystem.FileSystem
    const bus = `crash-${number}`
    const names = Arrays.makeBy(yield* Random.nextIntBetween(2, 6), (index) => `round-${number}-window-${index + 1}`)
    const webhook = yield* Random.nextBoolean
    const captured = yield* Random.nextBoolean
    const wait = captured || (yield* Random.nextBoolean)

    const armed = yield* Ref.make(
      Option.none<{ readonly kill: Kill.Kill; readonly seen: number; readonly strike: Effect.Effect<void> }>()
    )
    // The process is dead before anything else happens to the request.
    const reached = (moment: Gateway.Moment): Effect.Effect<Gateway.Fate> =>
      Effect.gen(function* () {
        const now = yield* Ref.get(armed)
        if (Option.isNone(now) || now.value.kill.at !== "moment" || now.value.kill.moment !== moment) return "on"
        const seen = now.value.seen + 1
        yield* Ref.set(armed, Option.some({ ...now.value, seen }))
        if (seen !== now.value.kill.count) return "on"
        yield* now.value.strike
        return now.value.kill.fate
      })
    const gateway = yield* Gateway.make({ sandbox: sandbox.url, secret: webhookSecret, reached })

    const { directory } = yield* workplace({ "replay.yaml": yield* Spec.of(names, bus) })
    const database = `${directory}/state.db`
    const env = {
      HOME: directory,
      GENESYS_REPLAY_DATABASE_URL: `file:${database}`,
      GENESYS_ENV_URL: gateway.url,
      GENESYS_LOGIN_URL: gateway.url,
      GENESYS_CLIENT_ID: sandbox.clientId,
      GENESYS_CLIENT_SECRET: Redacted.value(sandbox.clientSecret),
      GENESYS_REPLAY_WEBHOOK_SECRET: webhookSecret
    }
    const apply = [
      "apply",
      `${directory}/replay.yaml`,
      ...(wait ? ["--wait"] : []),
      ...(captured ? ["--captured", sandbox.deliveries(bus)] : []),
      ...(webhook ? ["--webhook", gateway.webhook] : []),
      "--json"
    ]

    /** Nobody who reads what the process said, or the files that it left, learns a secret. */
    const discreet = (said: { readonly out: string; readonly err: string }) =>
      Effect.gen(function* () {
        const places = yield* Effect.forEach(
          (yield* files.readDirectory(directory)).filter((name) => name !== "replay.yaml"),
          (name) => Effect.map(files.readFile(`${directory}/${name}`), (bytes) => Buffer.from(bytes).toString("latin1"))
        )
        const never = [Redacted.value(sandbox.clientSecret), webhookSecret.slice("whsec_".length), ...gateway.secrets()]
        for (const text of [said.out, said.err, ...places]) {
          for (const secret of never) expect(text.includes(secret)).toBe(false)
        }
      })

    let processes = 0
    const kills: Array<string> = []
    const context = `round ${number} of seed ${seed}`

    /** Runs a command, and kills it when its time has come; answers whether it ended by itself. */
    const attempt = (args: ReadonlyArray<string>, kill: Option.Option<Kill.Kill>) =>
      Effect.gen(function* () {
        processes += 1
        const process = yield* Process.start(args, env, { cwd: directory })
        const strike = Effect.zipRight(process.signal("SIGKILL"), Effect.asVoid(process.ended))
        yield* Ref.set(
          armed,
          Option.map(kill, (one) => ({ kill: one, seen: 0, strike }))
        )
        if (Option.isSome(kill)) {
          yield* Effect.forkScoped(Effect.zipRight(Kill.due(kill.value, `${database}-wal`), strike))
        }
        const ended = yield* process.ended
        yield* Ref.set(armed, Option.none())
        yield* discreet(ended)
        if (ended.signal === null) {
          expect([ended.code, ended.err, context], ended.out).toEqual([0, expect.anything(), context])
          return true
        }
        expect(ended.signal).toBe("SIGKILL")
        kills.push(Option.match(kill, { onNone: () => "", onSome: Kill.nameOf }))
        return false
      }).pipe(Effect.scoped)

    const draw = Kill.draw(names.length, webhook)
    let last = yield* attempt(apply, Option.some(yield* draw))
    for (const kill of Arrays.makeBy(yield* Random.nextIntBetween(0, 3), () => draw)) {
      const again = yield* Random.nextIntBetween(0, 4)
      last = yield* attempt(again === 0 ? apply : ["resume", "--json"], Option.some(yield* kill))
    }
    if (!last) yield* attempt(["resume", "--json"], Option.none())

    // Killed before anything was written down, nothing was sent either.
    const url = `file:${database}`
    const made = Effect.map(sandbox.submissions, (all) =>
      names.map((name) => Option.match(HashMap.get(all, name), { onNone: () => 0, onSome: ({ created }) => created }))
    )
    if ((yield* Kept.read(url)).windows.length === 0) {
      expect(yield* made).toEqual(names.map(() => 0))
      yield* attempt(apply, Option.none())
    }

    const { entries, messages, verdict, windows } = yield* Kept.read(url)
    expect(yield* made, context).toEqual(names.map(() => 1))
    expect(new Set(windows.map(({ window }) => window.name)), context).toEqual(new Set(names))
    for (const window of windows) {
      expect([window.state, window.result?.error, context]).toEqual(["finished", null, context])
      const { outcome } = ReplayPipeline.resultOf(window)
      const first = window.run === windows.find((one) => one.window.name === window.window.name)?.run
      // Applied once more while the first is finished: it stands already, and a second try cannot tell of itself.
      expect(first ? ["created", "adopted"] : ["unchanged", "adopted"], context).toContain(outcome)
      expect(stepsOf(entries, window), context).toMatchObject({ plan_replay_config: 1, accepted: 1 })
    }
    expect(verdict._tag, context).toBe("Intact")

    const taken = new Map(Object.entries(Arrays.groupBy(gateway.deliveries(), ({ id }) => id)))
    const events = windows.length * (captured ? 2 : 1)
    expect(
      messages.filter(({ state }) => state !== "delivered"),
      context
    ).toEqual([])
    expect(new Set(messages.map(({ id }) => id)).size, context).toBe(webhook ? events : 0)
    expect(new Set(taken.keys()), context).toEqual(new Set(messages.map(({ id }) => id)))
    for (const copies of taken.values()) expect(new Set(copies.map(({ body }) => body)).size, context).toBe(1)
    expect(gateway.forged()).toBe(0)

    return {
      windows: windows.length,
      outcomes: windows.map((window) => ReplayPipeline.resultOf(window).outcome),
      kills,
      processes,
      deliveries: gateway.deliveries().length,
      events: messages.length
    } satisfies Figures
  }).pipe(Effect.scoped, Effect.withRandom(Random.make(`${seed}/${number}`)))
