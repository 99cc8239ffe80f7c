/** Standard input, where a spec is piped in. */
import { isatty } from "node:tty"
import { NodeStream } from "@effect/platform-node"
import { Chunk, Effect, Ref, Stream } from "effect"
import { say } from "../terminal/Screen.js"

/** Whether nobody but a person at the keyboard could write to it. */
export const isTerminal: Effect.Effect<boolean> = Effect.sync(() => isatty(0))

/** How long it may be silent before a word is said of the waiting. */
const silence = "2 seconds"

/** All of it, up to its end. Says what is waited for where nothing comes. */
export const bytes = Effect.gen(function* () {
  const begun = yield* Ref.make(false)
  const notice = Ref.get(begun).pipe(
    Effect.flatMap((came) => (came ? Effect.void : say("waiting for a spec on standard input")))
  )
  yield* Effect.forkScoped(Effect.delay(notice, silence))
  const chunks = yield* NodeStream.stdin.pipe(
    Stream.tap(() => Ref.set(begun, true)),
    Stream.runCollect
  )
  return Buffer.concat(Chunk.toReadonlyArray(chunks))
}).pipe(Effect.scoped)
