/** A process of the bundled command line that a test sends signals to. */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { Deferred, Effect } from "effect"
import type { Ended } from "../cli/Run.js"

const bin = fileURLToPath(new URL("../../apps/cli/bin/genesys-replay.js", import.meta.url))

/** How it is started, where that matters. */
export interface Surroundings {
  readonly cwd?: string
  /** As whom: the number of a user and of a group. */
  readonly as?: { readonly uid: number; readonly gid: number }
  /** The largest file that it may write, in KiB; a write beyond that fails. */
  readonly largestFile?: number
}

/** A process that was started. */
export type Process = Effect.Effect.Success<ReturnType<typeof start>>

/** Starts it; it dies with the scope. */
export const start = (args: ReadonlyArray<string>, env: Record<string, string>, around: Surroundings = {}) =>
  Effect.gen(function* () {
    const ended = yield* Deferred.make<Ended & { readonly signal: NodeJS.Signals | null }>()
    const texts = { out: "", err: "" }
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const plain = [process.execPath, bin, ...args]
        const [program = process.execPath, ...words] =
          around.largestFile === undefined
            ? plain
            : ["/bin/bash", "-c", `ulimit -f ${around.largestFile} && exec "$@"`, "bash", ...plain]
        const made = spawn(program, words, {
          env: { PATH: process.env["PATH"], LANG: "C.UTF-8", ...env },
          stdio: ["ignore", "pipe", "pipe"],
          ...(around.cwd === undefined ? {} : { cwd: around.cwd }),
          ...around.as
        })
        for (const stream of ["out", "err"] as const) {
          made[`std${stream}`].setEncoding("utf8").on("data", (text: string) => {
            texts[stream] += text
          })
        }
        made.on("close", (code, signal) => Deferred.unsafeDone(ended, Effect.succeed({ code, signal, ...texts })))
        return made
      }),
      (made) => Effect.sync(() => made.kill("SIGKILL"))
    )
    return {
      /** How it ended, once it has. */
      ended: Deferred.await(ended),
      /** Waits for what it is to bring about. A process that ends before that fails the test with what it has said. */
      until: <A, E, R>(reached: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
        Effect.raceFirst(
          reached,
          Effect.flatMap(Deferred.await(ended), ({ code, err }) =>
            Effect.dieMessage(`the process has ended with ${code}:\n${err}`)
          )
        ),
      /** What it has said so far. */
      said: Effect.sync(() => ({ ...texts })),
      signal: (name: NodeJS.Signals) => Effect.sync(() => child.kill(name))
    }
  })

/** Starts it, and waits until it has ended. */
export const run = (args: ReadonlyArray<string>, env: Record<string, string>, around?: Surroundings) =>
  Effect.scoped(Effect.flatMap(start(args, env, around), ({ ended }) => ended))
