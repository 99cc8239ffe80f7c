import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { FileSystem } from "@effect/platform"
import { Effect } from "effect"
import * as Documents from "./Documents.js"

const bin = fileURLToPath(new URL("../../apps/cli/bin/genesys-replay.js", import.meta.url))

/** What gives a run a terminal. */
export const script = "/usr/bin/script"

/** How a run ended, and what it wrote. */
export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** What a run is given. */
export interface Given {
  readonly env?: Record<string, string>
  /**
   * What standard input holds: nothing unless told; `closed` is a standard input that is not there at all, `directory` one that
   * can be opened and not read, `open` one that goes on after this text, and `signal` is sent when that was read.
   */
  readonly stdin?:
    | string
    | { readonly closed: true }
    | { readonly directory: true }
    | { readonly open: string; readonly signal?: NodeJS.Signals }
  readonly cwd?: string
  /** In a terminal, by script(1): both streams are then `out`. */
  readonly terminal?: boolean
  /** Through bash, which replaces `"$@"` in this by the command: `"$@" > /dev/full`. */
  readonly shell?: string
  /** Called with all of standard output so far; what it answers is sent as a signal. `head` closes it at once, as head(1) would. */
  readonly onOut?: ((text: string) => NodeJS.Signals | undefined) | "head"
  /** Sends this signal when that is aborted. */
  readonly stop?: { readonly at: AbortSignal; readonly signal: NodeJS.Signals }
  /** Called with all of standard error so far; what it answers is sent as a signal. `head` closes it at once. */
  readonly onErr?: ((text: string) => NodeJS.Signals | undefined) | "head"
}

const start = (args: ReadonlyArray<string>, given: Given): Effect.Effect<Ended> =>
  Effect.async<Ended>((resume) => {
    const input = given.stdin ?? ""
    const redirection = typeof input !== "object" || "open" in input ? undefined : "closed" in input ? "<&-" : "</"
    const shell = redirection === undefined ? given.shell : `exec "$@" ${redirection}`
    const plain = [process.execPath, bin, ...args]
    const quoted = plain.map((word) => `'${word}'`).join(" ")
    const [program = process.execPath, ...words] =
      shell !== undefined
        ? ["/bin/bash", "-c", shell, "bash", ...plain]
        : given.terminal === true
          ? [script, "-qec", quoted, "/dev/null"]
          : plain
    const child = spawn(program, words, {
      cwd: given.cwd,
      env: { PATH: process.env["PATH"], LANG: "C.UTF-8", HOME: "/nonexistent", ...given.env },
      stdio: ["pipe", "pipe", "pipe"]
    })
    let out = ""
    let err = ""
    let signalled = false
    // Once: a second Ctrl-C would be somebody losing patience.
    const send = (signal: NodeJS.Signals | undefined) => {
      if (signal === undefined || signalled) return
      signalled = true
      child.kill(signal)
    }
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text
      if (given.onOut === "head") child.stdout.destroy()
      else send(given.onOut?.(out))
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err += text
      if (given.onErr === "head") child.stderr.destroy()
      else send(given.onErr?.(err))
    })
    given.stop?.at.addEventListener("abort", () => send(given.stop?.signal))
    child.stdin.on("error", () => {})
    if (typeof input === "object" && "open" in input) child.stdin.write(input.open, () => send(input.signal))
    else child.stdin.end(typeof input === "string" ? input : "")
    // As a shell tells it.
    child.on("close", (code, signal) => resume(Effect.succeed({ code: signal === "SIGINT" ? 130 : code, out, err })))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

/**
 * Runs the bundled command line as its user would, and looks whether what it prints with `--json` is of its schema. Nothing of this
 * process's environment reaches it but the path.
 */
export const run = (args: ReadonlyArray<string>, given: Given = {}): Effect.Effect<Ended> =>
  Effect.tap(start(args, given), ({ out }) => Documents.check(args, out))

/** A directory of its own for a test, with these files in it; `env` makes it home and state directory. */
export const workplace = (files: Record<string, string | Uint8Array> = {}) =>
  Effect.gen(function* () {
    const system = yield* FileSystem.FileSystem
    const directory = yield* system.makeTempDirectoryScoped({ prefix: "genesys-replay-cli-test-" })
    for (const [name, content] of Object.entries(files)) {
      yield* typeof content === "string"
        ? system.writeFileString(`${directory}/${name}`, content)
        : system.writeFile(`${directory}/${name}`, content)
    }
    return { directory, env: { HOME: directory, XDG_STATE_HOME: `${directory}/state` } }
  })

/** The JSON document that is all of `text`. */
export const json = (text: string): unknown => JSON.parse(text)
