/**
 * Tests over one layer, in real time. `layer` of @effect/vitest does the same, but changes `it` for all files that the same worker runs
 * later: their tests would have no test clock.
 */
import { afterAll, describe, it } from "@effect/vitest"
import { Effect, type Layer, ManagedRuntime, type Scope } from "effect"

/** Adds a test. */
export interface Tests<R> {
  readonly effect: <A, E>(name: string, body: () => Effect.Effect<A, E, R | Scope.Scope>, timeout?: number) => void
}

/** The tests of `add`, over `layer`, which is built once for all of them. */
export const describeWith = <R, E>(layer: Layer.Layer<R, E>, name: string, add: (tests: Tests<R>) => void): void => {
  describe(name, () => {
    const runtime = ManagedRuntime.make(layer)
    afterAll(() => runtime.dispose())
    add({
      effect: (title, body, timeout) =>
        it.live(
          title,
          () => Effect.flatMap(runtime.runtimeEffect, (built) => Effect.provide(Effect.scoped(body()), built)),
          timeout
        )
    })
  })
}
