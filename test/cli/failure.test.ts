import { SqlError } from "@effect/sql/SqlError"
import { describe, expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, FiberId } from "effect"
import * as Failure from "../../apps/cli/src/terminal/Failure.js"
import { type Output, Screen } from "../../apps/cli/src/terminal/Screen.js"

const stopped = Cause.interrupt(FiberId.none)
const bug = Cause.die(new Error("canceling statement due to user request"))

/** The code of a process that ends like this, and what it says last. */
const ending = (exit: Exit.Exit<unknown>) =>
  Effect.gen(function* () {
    let said = ""
    const write = (text: string) =>
      Effect.sync(() => {
        said += text
      })
    const output: Output = { write, isTerminal: false, colour: false, width: () => 80 }
    yield* Effect.provideService(Failure.tellLast(exit), Screen, { out: output, err: output, unicode: true })
    return { code: Failure.codeOf(exit), said }
  })

describe("how the process ends", () => {
  it.effect("with the code that the command answers, and without another word", () =>
    Effect.gen(function* () {
      expect(yield* ending(Exit.succeed(3))).toEqual({ code: 3, said: "" })
      expect(yield* ending(Exit.void)).toEqual({ code: 0, said: "" })
    })
  )

  it.effect("130 at Ctrl-C, also where something goes wrong on the way out, which is said then", () =>
    Effect.gen(function* () {
      expect(yield* ending(Exit.failCause(stopped))).toEqual({ code: 130, said: "" })
      for (const cause of [Cause.parallel(bug, stopped), Cause.sequential(stopped, bug)]) {
        const { code, said } = yield* ending(Exit.failCause(cause))
        expect(code).toBe(130)
        expect(said).toContain("error: while stopping: Error: canceling statement due to user request")
      }
    })
  )

  it.effect("5 or 2 where a database has refused, told in its own words and never as a bug", () =>
    Effect.gen(function* () {
      const refused = (code: string, message: string) =>
        ending(
          Exit.die(
            new SqlError({ message: "Failed to execute statement", cause: Object.assign(new Error(message), { code }) })
          )
        )
      const moment = yield* refused("57014", "canceling statement due to user request")
      expect(moment.code).toBe(5)
      expect(moment.said).toContain("a statement was cancelled on the server (SQLSTATE 57014)")
      const unusable = yield* refused("42P01", 'relation "run_window" does not exist')
      expect(unusable.code).toBe(2)
      expect(unusable.said).toContain('the server says "relation "run_window" does not exist" (SQLSTATE 42P01)')
      expect(moment.said + unusable.said).not.toContain("Failed to execute statement")
    })
  )

  it.effect("1 for a bug, which is never silent", () =>
    Effect.gen(function* () {
      const { code, said } = yield* ending(Exit.failCause(bug))
      expect(code).toBe(1)
      expect(said).toContain("canceling statement")
    })
  )
})
