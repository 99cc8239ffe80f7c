import { existsSync, readFileSync } from "node:fs"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { desk, numbered, put, specOf, type } from "./Desk.js"
import { json, run, workplace } from "./Run.js"

// What a device says that is always full.
const full =
  "error: standard output cannot be written\n  the disk is full (ENOSPC). What the command has done stays done\n"

describe.concurrent("Standard output that cannot be written", () => {
  it.scopedLive.skipIf(!existsSync("/dev/full"))("is exit code 2 and a message, whatever the command prints", () =>
    Effect.gen(function* () {
      const { directory: cwd, env } = yield* workplace()
      const commands = [
        ["apply", "--help"],
        ["runs", "list", "--json"],
        ["audit", "export", "--json"],
        ["plan", "none.yaml", "--json"]
      ]
      yield* Effect.forEach(
        commands,
        (command) =>
          Effect.map(run(command, { cwd, env, shell: '"$@" > /dev/full' }), ({ code, err }) => {
            // What went wrong before that is told as always.
            const said = command[0] === "plan" ? "error: the spec file cannot be read" : full
            expect({ command, code, err }).toEqual({ command, code: 2, err: expect.stringContaining(said) })
          }),
        { concurrency: 2 }
      )
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("is told also where a file takes only the beginning", () =>
    Effect.gen(function* () {
      const { directory: cwd, env } = yield* workplace()
      const { code, err } = yield* run(["apply", "--help"], { cwd, env, shell: 'ulimit -f 1 && "$@" > help.txt' })
      expect(readFileSync(`${cwd}/help.txt`).length).toBe(1_024)
      expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining("the file may not grow further (EFBIG)") })
    }).pipe(Effect.provide(NodeContext.layer))
  )
})

describe.concurrent("Who reads no further", () => {
  it.live("of standard error loses nothing: what was begun is finished, and answered", () =>
    Effect.gen(function* () {
      yield* put("replay.yaml", yield* specOf(numbered(12)))
      const { code, err, out } = yield* type(["apply", "replay.yaml", "--wait", "--json"], { onErr: "head" })
      expect(code).toBe(0)
      expect(err.length).toBeGreaterThan(0)
      expect(json(out)).toMatchObject({ summary: { created: 12, failed: 0 } })
    }).pipe(Effect.provide(desk()))
  )

  it.live("of both ends the command quietly, when it has done its work", () =>
    Effect.gen(function* () {
      yield* put("replay.yaml", yield* specOf(numbered(3)))
      const given = { shell: 'set -o pipefail; "$@" 2>&1 | head -n 1' }
      const { code, err, out } = yield* type(["apply", "replay.yaml", "--wait"], given)
      expect({ code, err }).toEqual({ code: 0, err: "" })
      expect(out.split("\n").length).toBe(2)
      const { out: after } = yield* type(["runs", "list", "--json"])
      expect(json(after)).toMatchObject({ runs: [{ windows: 3 }] })
    }).pipe(Effect.provide(desk()))
  )
})
