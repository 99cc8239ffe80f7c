import { describe, expect, it } from "@effect/vitest"
import { Cause, Exit, FiberId, Option } from "effect"
import * as Failure from "../../apps/cli/src/terminal/Failure.js"

const stopped = Cause.interrupt(FiberId.none)
const bug = Cause.die(new Error("canceling statement due to user request"))

describe("how the process ends", () => {
  it("with the code that the command answers, and without another word", () => {
    expect(Failure.ending(Exit.succeed(3))).toEqual({ code: 3, says: Option.none() })
    expect(Failure.ending(Exit.void)).toEqual({ code: 0, says: Option.none() })
  })

  it("130 at Ctrl-C, also where something goes wrong on the way out, which is said then", () => {
    expect(Failure.ending(Exit.failCause(stopped))).toEqual({ code: 130, says: Option.none() })
    for (const cause of [Cause.parallel(bug, stopped), Cause.sequential(stopped, bug)]) {
      const { code, says } = Failure.ending(Exit.failCause(cause))
      expect(code).toBe(130)
      expect(Option.getOrThrow(says)).toContain("error: while stopping: Error: canceling statement due to user request")
    }
  })

  it("1 for a bug, which is never silent", () => {
    const { code, says } = Failure.ending(Exit.failCause(bug))
    expect(code).toBe(1)
    expect(Option.getOrThrow(says)).toContain("canceling statement")
  })
})
