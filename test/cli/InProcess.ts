/**
 * The command line in this process: all of it but the process itself, in a tenth of the time. For commands that read no standard
 * input, start nothing and ask no AWS; everything else is `Run`'s.
 */
import { join } from "node:path"
import { format } from "node:util"
import { NodeContext } from "@effect/platform-node"
import { ConfigProvider, Console, Effect, Layer } from "effect"
import * as Program from "../../apps/cli/src/Program.js"
import * as Failure from "../../apps/cli/src/terminal/Failure.js"
import { type Output, Screen } from "../../apps/cli/src/terminal/Screen.js"
import * as Documents from "./Documents.js"
import type { Ended } from "./Run.js"

const isFile = /^[\w.-]+\.(?:ya?ml|json|ndjson|html|csv|db)$/

/** Where it runs. */
export interface Given {
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
}

/** Runs it, and looks whether what it prints with `--json` is of its schema. Files in `cwd` are named by their whole path, which is shortened again in what is said of them. */
export const run = (args: ReadonlyArray<string>, { cwd, env }: Given): Effect.Effect<Ended> =>
  Effect.gen(function* () {
    const said = { out: "", err: "" }
    const output = (stream: keyof typeof said): Output => ({
      write: (text) =>
        Effect.sync(() => {
          said[stream] += text
        }),
      isTerminal: false,
      colour: false,
      width: () => 80
    })
    const screen = Layer.succeed(Screen, { out: output("out"), err: output("err"), unicode: true })
    const logged = (...values: ReadonlyArray<unknown>) => {
      said.err += `${format(...values)}\n`
    }
    const quiet = yield* Console.consoleWith(Effect.succeed)
    const console: Console.Console = {
      ...quiet,
      error: (...values) => Effect.sync(() => logged(...values)),
      unsafe: { ...quiet.unsafe, error: logged }
    }
    const words = args.map((word) => (isFile.test(word) ? join(cwd, word) : word))
    const exit = yield* Program.run([process.execPath, "genesys-replay", ...words]).pipe(
      Effect.withConsole(console),
      Effect.provide(Layer.merge(screen, NodeContext.layer)),
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries({ LANG: "C.UTF-8", ...env })))),
      Effect.exit
    )
    yield* Documents.check(args, said.out)
    const short = (text: string) => text.replaceAll(`${cwd}/`, "")
    return { code: Failure.codeOf(exit), out: short(said.out), err: short(said.err) }
  })
