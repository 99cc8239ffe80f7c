import { execFileSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { FileSystem } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck, Schema } from "effect"
import * as BashLine from "../../apps/cli/src/completions/BashLine.js"
import { CommandTree } from "../../apps/cli/src/completions/CommandTree.js"
import * as Completion from "../../apps/cli/src/completions/Completion.js"
import { type Shell, shells } from "../../apps/cli/src/completions/Shell.js"
import * as ShellScript from "../../apps/cli/src/completions/ShellScript.js"
import { Desk, desk, put, specOf, type } from "./Desk.js"
import { json, run } from "./Run.js"
import { describeWith } from "./SharedLayer.js"

const dist = fileURLToPath(new URL("../../apps/cli/dist", import.meta.url))
const program = fileURLToPath(new URL("../../apps/cli/bin/genesys-replay.js", import.meta.url))

/** The commands that are completed, as they were bundled. */
const tree = Schema.decodeUnknownSync(Schema.parseJson(CommandTree))(readFileSync(`${dist}/completions.json`, "utf8"))

/** What is offered at the end of a line: words, and what else may stand there. */
const at = (line: string): ReadonlyArray<string> => {
  const { before, current, expected, words } = Completion.at(tree, BashLine.read(line).words)
  const offered = words.map(({ word }) => before + word).filter((word) => word.startsWith(before + current))
  return [...offered, ...expected]
}

describe("At the end of a line", () => {
  const lines: ReadonlyArray<readonly [line: string, offered: ReadonlyArray<string>]> = [
    ["ru", ["runner", "runs"]],
    ["runs ", ["cancel", "list", "show"]],
    ["runs show ", ["RUN"]],
    ["runs cancel RUN ", ["WINDOW"]],
    ["runs cancel RUN one ", ["WINDOW"]],
    ["status one ", ["ID"]],
    ["sync retry ", ["MESSAGE"]],
    ["list --name ", ["WINDOW"]],
    ["list --name=", ["WINDOW"]],
    ["list --na", ["--name"]],
    ["list --name outage --na", []],
    ["plan --topic one --top", ["--topic"]],
    ["plan --provider ", ["genesys", "eventbridge"]],
    ["plan --provider=ge", ["--provider=genesys"]],
    ["plan --check ", ["SPEC"]],
    ["plan a.yaml ", []],
    ["verify one two ", ["FILE"]],
    ["verify --expect ", ["FILE", "ID"]],
    ["verify -- --aga", ["FILE"]],
    ["sandbox --data ", ["DIRECTORY"]],
    ["capture --until ", ["REPLAY"]],
    ["--log-level debug heal a.yaml --window ", ["WINDOW"]],
    ["completions ", ["bash", "zsh", "fish"]],
    ["plan --start ", ["TIME"]],
    ["nothing of the kind ", []],
    ["plan --no-such-option=", []]
  ]
  for (const [line, offered] of lines) {
    it(`"${line}" goes on with ${offered.join(", ") || "nothing"}`, () => {
      const found = at(line)
      // What has no more arguments goes on with options.
      expect(line === "plan a.yaml " ? found.filter((word) => !word.startsWith("--")) : found).toEqual(offered)
    })
  }

  it("every command that has no commands offers --help, and what each option is for", () => {
    const all = (one: CommandTree): ReadonlyArray<CommandTree> => [one, ...one.commands.flatMap(all)]
    const commands = all(tree).filter(({ commands }) => commands.length === 0)
    expect(commands.length).toBeGreaterThan(20)
    for (const { about, name, options } of commands) {
      expect([name, options.some(({ names }) => names.includes("--help"))]).toEqual([name, true])
      expect([name, [about, ...options.map((option) => option.about)].filter((text) => text === "")]).toEqual([
        name,
        []
      ])
    }
  })
})

describe("A line of bash", () => {
  const word = FastCheck.string({ unit: "grapheme", minLength: 1 }).filter((text) => !text.includes("\n"))
  const quotes: ReadonlyArray<(text: string) => string> = [
    BashLine.escaped,
    (text) => `'${text.replaceAll("'", "'\\''")}'`,
    (text) => `"${text.replaceAll(/[\\$`"]/g, "\\$&")}"`
  ]
  const quoted = FastCheck.tuple(word, FastCheck.constantFrom(...quotes))

  it("has the words that were written, however they are quoted", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.array(quoted, { minLength: 1 }), (words) => {
        const line = words.map(([text, quote]) => quote(text)).join(" ")
        expect(BashLine.read(line)).toEqual({ words: words.map(([text]) => text), isQuoted: false })
      })
    )
  })

  it("says where a quote is open, and what of a word readline keeps", () => {
    expect(BashLine.read("list --name 'outage t")).toEqual({ words: ["list", "--name", "outage t"], isQuoted: true })
    expect(BashLine.read("list ").words).toEqual(["list", ""])
    expect(BashLine.kept("arn:aws:events", " :=")).toBe("arn:aws:".length)
    expect(BashLine.kept("--name=out", " :=")).toBe("--name=".length)
    expect(BashLine.kept("arn:aws:events", " =")).toBe(0)
  })
})

describe("The answer to a shell", () => {
  it("does not wait for the command line to load", () => {
    const read = (file: string) => readFileSync(`${dist}/${file}`, "utf8")
    const loaded = (file: string, before: ReadonlySet<string> = new Set()): ReadonlySet<string> => {
      const next = [...read(file).matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)].map(([, name = ""]) => name)
      return next.reduce<ReadonlySet<string>>(
        (all, name) => (all.has(name) ? all : loaded(name, all)),
        new Set([...before, file])
      )
    }
    const size = (prefix: string) =>
      [...loaded(readdirSync(dist).find((file) => file.startsWith(prefix)) ?? "")].reduce(
        (sum, file) => sum + read(file).length,
        0
      )
    expect(size("complete-") / size("Process-")).toBeLessThan(0.5)
  })

  it.live("is nothing, and no error, whatever it is asked", () =>
    Effect.gen(function* () {
      for (const words of [[], ["tcsh", "runs"], ["bash"], ["fish"]]) {
        const { code, err } = yield* run(["__complete", ...words])
        expect([words, code, err]).toEqual([words, 0, ""])
      }
    })
  )
})

describe("completions", () => {
  it.live("prints the script of a shell, and with --json what it completes", () =>
    Effect.gen(function* () {
      const { code, out } = yield* type(["completions", "bash"])
      expect([code, out]).toEqual([0, ShellScript.scripts.bash])
      const document = json((yield* type(["completions", "zsh", "--json"])).out)
      expect(document).toEqual({ shell: "zsh", script: ShellScript.scripts.zsh, commands: tree })
      const unknown = yield* type(["completions", "tcsh"])
      expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining("bash, zsh, fish")])
    }).pipe(Effect.provide(desk()))
  )
})

/** Asks the script of a shell, in that shell, for the end of each line; the answers, with the lines between them. */
const asking: Readonly<Record<Shell, string>> = {
  bash: `ask() {
    COMP_LINE=$1 COMP_POINT=\${#1}
    read -ra COMP_WORDS <<< "$1"
    [[ $1 == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
    _genesys_replay genesys-replay
    printf '%s\\n' "== $1" "\${COMPREPLY[@]}"
  }`,
  // Stands in for what zsh has only while it completes.
  zsh: `compset() { :; }
  _files() { print -rl -- \${PREFIX}*(N); }
  _describe() { local word; for word in "\${(@P)@[-1]}"; do [[ $word == $PREFIX* ]] && print -r -- "\${word%%:*}"; done; }
  compdef() { :; }
  ask() {
    words=("\${(@s: :)1}") CURRENT=\${#words} PREFIX=\${words[-1]}
    print -r -- "== $1"
    _genesys_replay
  }`,
  fish: `function ask
    echo "== $argv"
    complete -C "$argv" | string replace -r '\\t.*' ''
    true
  end`
}

const options: Readonly<Record<Shell, ReadonlyArray<string>>> = {
  bash: ["--norc", "-c"],
  zsh: ["-f", "-c"],
  fish: ["--no-config", "-c"]
}

const isThere = (shell: Shell): boolean =>
  ["/bin", "/usr/bin", "/usr/local/bin"].some((at) => existsSync(`${at}/${shell}`))

describeWith(desk(), "In a shell, with windows in the state", ({ effect }) => {
  const lines = [
    "genesys-replay run",
    "genesys-replay list --name outage-",
    "genesys-replay heal two.yaml --window ",
    "genesys-replay verify two"
  ]
  const offered = ["runner", "runs", "outage-monday", "outage-tuesday", "outage-monday", "outage-tuesday", "two.yaml"]

  const windows = Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const { directory } = yield* Desk
    if (yield* files.exists(`${directory}/bin`)) return
    yield* files.makeDirectory(`${directory}/bin`)
    yield* files.symlink(program, `${directory}/bin/genesys-replay`)
    yield* put("two.yaml", yield* specOf(["outage-monday", "outage-tuesday"]))
    yield* type(["apply", "two.yaml", "--detach"])
  })

  for (const shell of shells) {
    const rule = `${shell} completes commands, names out of the state and of a spec, and files`
    if (!isThere(shell)) it.skip(rule)
    else
      effect(rule, () =>
        Effect.gen(function* () {
          yield* windows
          const { directory, env } = yield* Desk
          yield* put(
            "ask",
            [ShellScript.scripts[shell], asking[shell], ...lines.map((one) => `ask '${one}'`)].join("\n")
          )
          const said = execFileSync(shell, [...options[shell], ". ./ask"], {
            cwd: directory,
            env: { ...env, PATH: `${directory}/bin:/usr/local/bin:/usr/bin:/bin`, LANG: "C.UTF-8" },
            encoding: "utf8"
          })
          const answers = said.split(/^== .*$/m).flatMap((part) => part.trim().split("\n").sort())
          expect(answers.filter((answer) => answer !== "")).toEqual(offered)
        })
      )
  }
})
