import { existsSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { Desk, desk, destination } from "./Desk.js"
import { run, script } from "./Run.js"

const colours = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`)

/** Applies a window in a terminal. */
const shown = (env: Record<string, string>, ...more: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const { directory, env: own } = yield* Desk
    const args = ["--topic", "genesys.conversations.call", "--start", "-1h", "--destination", destination]
    return yield* run(["apply", ...args, "--name", "calls", "--wait", ...more], {
      cwd: directory,
      env: { ...own, TERM: "xterm-256color", ...env },
      terminal: true
    })
  }).pipe(Effect.provide(desk()))

// util-linux's; where there is none, nobody can pretend to be a terminal.
describe.skipIf(process.platform !== "linux" || !existsSync(script)).concurrent("In a terminal", () => {
  it.live("there are colours, and a line that moves, which is gone at the end", () =>
    Effect.gen(function* () {
      const { code, out } = yield* shown({})
      expect(code).toBe(0)
      expect(out).toMatch(colours)
      expect(out).toContain("100%")
      expect(out.lastIndexOf("\u001B[?25h")).toBeGreaterThan(out.lastIndexOf("\u001B[?25l"))
      expect(out.lastIndexOf("\u001B[2K")).toBeGreaterThan(out.lastIndexOf("100%"))
    })
  )

  it.live("a warning is a line of its own, in words", () =>
    Effect.gen(function* () {
      const { code, out } = yield* shown(
        { NO_COLOR: "1", GENESYS_REPLAY_WEBHOOK_SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" },
        ...["--webhook", "http://127.0.0.1:9/replays"]
      )
      expect(code).toBe(0)
      expect(out).toContain("\r\u001B[2Kwarning: the sink webhook http://127.0.0.1:9 #")
      expect(out).not.toContain("level=")
    })
  )

  it.live("NO_COLOR leaves the colours out; the line still moves", () =>
    Effect.gen(function* () {
      const { code, out } = yield* shown({ NO_COLOR: "1" })
      expect(code).toBe(0)
      expect(out).not.toMatch(colours)
      expect(out).toContain("1 created")
    })
  )

  it.live("a terminal that is dumb gets plain lines", () =>
    Effect.gen(function* () {
      const { code, out } = yield* shown({ TERM: "dumb" })
      expect(code).toBe(0)
      expect(out).not.toContain("\u001B")
      expect(out).toContain("1 created")
    })
  )
})
