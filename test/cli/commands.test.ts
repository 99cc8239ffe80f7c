/** What holds for every command. */
import { readFileSync } from "node:fs"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import * as DisplayText from "@genesys-replay/eventlog/DisplayText"
import { Effect } from "effect"
import { desk, destination, put, type } from "./Desk.js"
import * as InProcess from "./InProcess.js"
import { json, run, workplace } from "./Run.js"

const { version } = JSON.parse(readFileSync(new URL("../../apps/cli/package.json", import.meta.url), "utf8"))

const manual = readFileSync(new URL("../../apps/cli/README.md", import.meta.url), "utf8")

const escape = "\u001B"

const typed = (...args: ReadonlyArray<string>) =>
  Effect.flatMap(workplace(), ({ directory, env }) => InProcess.run(args, { cwd: directory, env })).pipe(
    Effect.scoped,
    Effect.provide(NodeContext.layer)
  )

describe.concurrent("genesys-replay", () => {
  it.live("--version prints the version of the package and nothing else", () =>
    Effect.gen(function* () {
      const { code, err, out } = yield* run(["--version"])
      expect([code, out, err]).toEqual([0, `${version}\n`, ""])
    })
  )

  const ofEveryCommand = [
    "--json",
    "--json-schema",
    "--completions",
    "--log-level",
    "--log-format",
    "--wizard",
    "--version"
  ]
  const commands = [
    [],
    ["plan"],
    ["apply"],
    ["resume"],
    ["runs"],
    ["runs", "list"],
    ["runs", "show"],
    ["runs", "cancel"],
    ["runner"],
    ["list"],
    ["status"],
    ["cancel"],
    ["verify"],
    ["reconcile"],
    ["resend"],
    ["heal"],
    ["audit"],
    ["audit", "list"],
    ["audit", "verify"],
    ["audit", "export"],
    ["sync"],
    ["sync", "list"],
    ["sync", "retry"],
    ["capture"],
    ["doctor"],
    ["sandbox"],
    ["demo"],
    ["completions"]
  ]
  for (const command of commands) {
    it.live(
      `${[...command, "--help"].join(" ")} shows how it is typed, by example, in 80 columns, and what the manual says`,
      () =>
        Effect.gen(function* () {
          const { code, err, out } = yield* typed(...command, "--help")
          expect([code, err]).toEqual([0, ""])
          // What a person wants comes first, and of the library's own options only those that help.
          expect(out).toMatch(/^[A-Z][a-z]+ [^$]*\n\nUSAGE\n\n\$ genesys-replay /)
          expect(out).not.toMatch(/--wizard|--completions/)
          const unfolded = out.replaceAll(/ \\\n {4}(?=\S)/g, " ").replaceAll(/\n {4}(?=# )/g, "    ")
          const examples = unfolded.split("\n").filter((line) => /^ *(?:\$ .*#|.*: +genesys-replay )/.test(line))
          expect(examples.length).toBeGreaterThan(0)
          expect(examples.join("\n")).toContain(["genesys-replay", ...command].join(" "))
          expect(out.includes(escape)).toBe(false)
          expect(out.split("\n").filter((line) => DisplayText.width(line) > 80)).toEqual([])
          // Every option stands in the row that the manual has for the command.
          const rows = manual.split("\n").filter((line) => new RegExp(`^\\| \`${command.join(" ")}\\b`).test(line))
          expect(rows).not.toEqual([])
          const options = out.slice(out.indexOf("\nOPTIONS")).match(/^--[a-z0-9-]+/gm) ?? []
          expect(options).toContain("--log-level")
          const missing = options.filter((name) => !new RegExp(`[ \`]${name}[ \`]`).test(rows.join("")))
          expect(missing.filter((name) => !ofEveryCommand.includes(name))).toEqual([])
        })
    )
  }

  const misunderstood: ReadonlyArray<readonly [args: ReadonlyArray<string>, said: string]> = [
    [["rpelay"], "use one of 'plan', 'apply'"],
    [["list", "--jsn"], "--jsn"],
    [["status"], "<ID>"],
    [["list", "--provider", "azure"], "genesys, eventbridge"],
    [["audit", "list", "--limit", "few"], "few"]
  ]
  for (const [args, said] of misunderstood) {
    it.live(`does not understand ${args.join(" ")}: exit code 2, one block that says why and what to type`, () =>
      Effect.gen(function* () {
        const { code, err, out } = yield* typed(...args)
        expect([code, out]).toEqual([2, ""])
        const [what, why, next, ...rest] = err.split("\n")
        expect(what).toBe("error: the command line is not understood")
        expect(why).toContain(said)
        expect(next).toMatch(/^next: genesys-replay /)
        expect(rest).toEqual([""])
      })
    )
  }

  it.live("--log-level may stand anywhere", () =>
    Effect.gen(function* () {
      for (const args of [
        ["--log-level", "debug", "audit", "list", "--until", "never"],
        ["audit", "list", "--until", "never", "--log-level", "debug"],
        ["audit", "--log-level=debug", "list", "--until", "never"]
      ]) {
        const { code, err } = yield* typed(...args)
        expect([code, err]).toEqual([2, expect.stringContaining('--until "never" is not a time')])
        expect(err).toMatch(/^\s+at /m)
      }
    })
  )

  it.live("a reader that has seen enough, as head has, is no error", () =>
    Effect.gen(function* () {
      const windows = Array.from(
        { length: 3_000 },
        (_, index) => `  - {name: w-${index}, topics: [genesys.a.b], start: -1d}`
      )
      yield* put("a.yaml", `defaults: {destination: "${destination}"}\nwindows:\n${windows.join("\n")}\n`)
      const { code, err } = yield* type(["plan", "a.yaml", "--json"], { onOut: "head" })
      expect([code, err]).toEqual([0, ""])
    }).pipe(Effect.provide(desk()))
  )
})

describe.concurrent("--json", () => {
  const failing: ReadonlyArray<readonly [args: ReadonlyArray<string>, tag: string]> = [
    [["list", "--jsn"], "CommandLineInvalid"],
    [["plan", "a.yaml", "--topic", "genesys.a.b"], "UsageError"],
    [["apply", "nope.yaml"], "SpecFileUnreadable"],
    [["list"], "ConfigurationInvalid"],
    [["status", "ID"], "ConfigurationInvalid"],
    [["cancel", "ID"], "ConfigurationInvalid"],
    [["verify", "--max-missing", "-1"], "UsageError"],
    [["resend", "a.ndjson", "--to", "b.ndjson", "--conversation", ""], "UsageError"],
    [["resend", "a.ndjson", "--to", "b.ndjson", "--topic="], "UsageError"],
    [["resend", "a.ndjson", "--to", "b.ndjson", "--only"], "UsageError"],
    [["audit", "list", "--until", "never"], "UsageError"],
    [["sandbox", "--drop", "2"], "SandboxUnavailable"]
  ]
  for (const [args, tag] of failing) {
    it.live(`${args.join(" ")}: the error is the one document, and a block on standard error`, () =>
      Effect.gen(function* () {
        const { code, err, out } = yield* typed(...args, "--json")
        expect(code).toBe(2)
        expect(json(out)).toEqual({ error: { tag, message: expect.any(String), exitCode: 2 } })
        expect(err).toMatch(/^error: /)
        expect(err).not.toMatch(/^\s+at /m)
      })
    )
  }
})
