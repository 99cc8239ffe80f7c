/** A process of the bundled command line that a test sends signals to. */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { Deferred, Effect } from "effect"
import type { Ended } from "../cli/Run.js"

const bin = fileURLToPath(new URL("../../apps/cli/bin/genesys-replay.js", import.meta.url))

/** Starts it; it dies with the scope. */
export const start = (args: ReadonlyArray<string>, env: Record<string, string>) =>
  Effect.gen(function* () {
    const ended = yield* Deferred.make<Ended>()
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const made = spawn(process.execPath, [bin, ...args], {
          env: { PATH: process.env["PATH"], LANG: "C.UTF-8", ...env },
          stdio: ["ignore", "pipe", "pipe"]
        })
        const texts = { out: "", err: "" }
        for (const stream of ["out", "err"] as const) {
          made[`std${stream}`].setEncoding("utf8").on("data", (text: string) => {
            texts[stream] += text
          })
        }
        made.on("close", (code) => Deferred.unsafeDone(ended, Effect.succeed({ code, ...texts })))
        return made
      }),
      (made) => Effect.sync(() => made.kill("SIGKILL"))
    )
    return {
      /** How it ended, once it has. */
      ended: Deferred.await(ended),
      signal: (name: NodeJS.Signals) => Effect.sync(() => child.kill(name))
    }
  })
