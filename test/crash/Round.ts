/**
 * One round: windows are applied by a process that is killed, and gone on with by others that are killed as well, until one ends
 * by itself. Then everything must be as if nothing had happened.
 */
import { expect } from "@effect/vitest"
import { ReplayPipeline } from "@genesys-replay/pipeline"
import { Sandbox } from "@genesys-replay/sandbox"
import { Array as Arrays, Effect, Option, Random, Ref } from "effect"
import type { Figures } from "./Figures.js"
import type * as Gateway from "./Gateway.js"
import * as Kept from "./Kept.js"
import * as Kill from "./Kill.js"
import * as Site from "./Site.js"
import { expectUndisturbed } from "./Undisturbed.js"

/** Plays the round with this seed; its number keeps it apart from the others. */
export const play = (number: number, seed: string) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.Sandbox
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
    const site = yield* Site.make({ names, bus, reached })
    const apply = [
      "apply",
      site.spec,
      ...(wait ? ["--wait"] : []),
      ...(captured ? ["--captured", sandbox.deliveries(bus)] : []),
      ...(webhook ? ["--webhook", site.gateway.webhook] : []),
      "--json"
    ]

    let processes = 0
    const kills: Array<string> = []
    const context = `round ${number} of seed ${seed}`

    /** Runs a command, and kills it when its time has come; answers whether it ended by itself. */
    const attempt = (args: ReadonlyArray<string>, kill: Option.Option<Kill.Kill>) =>
      Effect.gen(function* () {
        processes += 1
        const process = yield* site.start(args)
        const strike = Effect.zipRight(process.signal("SIGKILL"), Effect.asVoid(process.ended))
        yield* Ref.set(
          armed,
          Option.map(kill, (one) => ({ kill: one, seen: 0, strike }))
        )
        if (Option.isSome(kill)) {
          yield* Effect.forkScoped(Effect.zipRight(Kill.due(kill.value, `${site.database}-wal`), strike))
        }
        const ended = yield* process.ended
        yield* Ref.set(armed, Option.none())
        yield* site.expectNoSecret(ended)
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
    if ((yield* Kept.read(site.url)).windows.length === 0) {
      expect(yield* site.made).toEqual(names.map(() => 0))
      yield* attempt(apply, Option.none())
    }

    const { messages, windows } = yield* expectUndisturbed(site, { wait, captured, webhook, context })
    return {
      windows: windows.length,
      outcomes: windows.map((window) => ReplayPipeline.resultOf(window).outcome),
      kills,
      processes,
      deliveries: site.gateway.deliveries().length,
      events: messages.length
    } satisfies Figures
  }).pipe(Effect.scoped, Effect.withRandom(Random.make(`${seed}/${number}`)))
