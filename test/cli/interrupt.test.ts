import { execFileSync } from "node:child_process"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { run, workplace } from "./Run.js"

// More than a pipe holds: what is written has been read, for the most part.
const beginning = "# the beginning of a spec\n".repeat(40_000)

describe.concurrent("The first Ctrl-C or SIGTERM", () => {
  it.scopedLive("ends a command that reads standard input", () =>
    Effect.gen(function* () {
      const { directory: cwd, env } = yield* workplace()
      for (const signal of ["SIGINT", "SIGTERM"] as const) {
        const { code, out } = yield* run(["plan", "-"], { cwd, env, stdin: { open: beginning, signal } })
        expect({ signal, code, out }).toEqual({ signal, code: 130, out: "" })
      }
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("ends one that waits for who writes into a FIFO, in a thread that never comes back", () =>
    Effect.gen(function* () {
      const { directory: cwd, env } = yield* workplace()
      execFileSync("mkfifo", ["-m", "644", `${cwd}/secret`])
      const { code, out } = yield* run(["list"], {
        cwd,
        env: { ...env, GENESYS_CLIENT_ID: "id", GENESYS_CLIENT_SECRET_FILE: "secret" },
        onErr: (text) => (text.includes("holds a secret") ? "SIGINT" : undefined)
      })
      expect({ code, out }).toEqual({ code: 130, out: "" })
    }).pipe(Effect.provide(NodeContext.layer))
  )
})
