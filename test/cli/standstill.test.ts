import { FileSystem } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { ReplayPipeline, State, SyncOutbox, SyncSink } from "@genesys-replay/pipeline"
import { InMemoryProvider } from "@genesys-replay/pipeline/testing"
import { Deferred, Effect, Fiber, Layer, Queue, Ref, TestClock } from "effect"
import * as Standstill from "../../apps/cli/src/runs/Standstill.js"
import { type Output, Screen } from "../../apps/cli/src/terminal/Screen.js"
import { numbered, withEngine } from "../pipeline/Surroundings.js"

describe("a runner that does not get on", () => {
  it.effect("says every five minutes how long nothing has changed, and what it waits for", () =>
    Effect.gen(function* () {
      const said = yield* Ref.make<ReadonlyArray<string>>([])
      const write = (text: string) => Ref.update(said, (all) => [...all, text])
      const output: Output = { write, isTerminal: false, colour: false, width: () => 80 }
      const gate = yield* Deferred.make<void>()
      const waiting = yield* Queue.unbounded<void>()
      const surroundings = SyncOutbox.SyncOutbox.layer().pipe(
        Layer.provideMerge(State.layerMemory),
        Layer.provideMerge(
          InMemoryProvider.layer({
            before: () => Effect.zipRight(Queue.offer(waiting, undefined), Deferred.await(gate))
          })
        ),
        Layer.provideMerge(Layer.merge(SyncSink.SyncSinks.layerNone, FileSystem.layerNoop({}))),
        Layer.merge(Layer.succeed(Screen, { out: output, err: output, unicode: true }))
      )
      yield* Effect.gen(function* () {
        yield* Effect.fork(Standstill.tell)
        yield* TestClock.adjust("30 minutes")
        expect(yield* Ref.get(said)).toEqual([])

        const applying = yield* Effect.fork(withEngine(ReplayPipeline.apply(numbered(2))))
        // Both are with the provider: until then the engine is built, which a test clock does not wait for.
        yield* Queue.takeN(waiting, 2)
        yield* TestClock.adjust("9 minutes")
        expect(yield* Ref.get(said)).toEqual([
          expect.stringMatching(/^no window has changed for 5 min: 2 open, \S+\/w1 is submitting\n$/)
        ])
        yield* TestClock.adjust("5 minutes")
        expect((yield* Ref.get(said)).map((line) => line.match(/\d+ min/)?.[0])).toEqual(["5 min", "10 min"])

        yield* Deferred.succeed(gate, undefined)
        yield* Fiber.join(applying)
        yield* TestClock.adjust("20 minutes")
        expect(yield* Ref.get(said)).toHaveLength(2)
      }).pipe(Effect.provide(surroundings))
    })
  )
})
