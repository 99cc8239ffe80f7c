import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { ReplayPlan } from "@genesys-replay/domain"
import { Effect, Schema } from "effect"
import * as InProcess from "./InProcess.js"
import { type Given, json, run, workplace } from "./Run.js"

const bus = "arn:aws:events:us-east-1:123456789012:event-bus/gen-cx-events"
const flags = ["--topic", "genesys.conversations.message", "--start", "-36h", "--destination", bus]
const yaml = (window: string) => `defaults:\n  destination: ${bus}\nwindows:\n  - name: outage\n${window}`
const good = yaml("    topics: [genesys.conversations.message]\n    start: -1d\n")

const piped = (stdin: NonNullable<Given["stdin"]>, ...args: ReadonlyArray<string>) =>
  Effect.flatMap(workplace({}), ({ directory, env }) => run(args, { cwd: directory, env, stdin })).pipe(
    Effect.scoped,
    Effect.provide(NodeContext.layer)
  )

const planned = (files: Record<string, string | Uint8Array>, ...args: ReadonlyArray<string>) =>
  Effect.flatMap(workplace(files), ({ directory, env }) =>
    InProcess.run(["plan", ...args], { cwd: directory, env })
  ).pipe(Effect.scoped, Effect.provide(NodeContext.layer))

describe("genesys-replay plan", () => {
  it.live("prints the plan of one window as the document of the contract", () =>
    Effect.gen(function* () {
      const { code, err, out } = yield* planned({}, ...flags, "--name", "w", "--retention", "30", "--json")
      const document = json(out)
      expect([code, err]).toEqual([0, ""])
      const plan = yield* Schema.decodeUnknown(ReplayPlan.PlanDraft, { onExcessProperty: "error" })(document)
      expect(plan.windows.map(({ name, provider, retentionDays }) => [name, provider, retentionDays])).toEqual([
        ["w", "genesys", 30]
      ])
      expect(document).toMatchObject({ plannedAt: expect.stringMatching(/Z$/), findings: [] })
    })
  )

  it.live("says it in a table that fits 80 columns", () =>
    Effect.gen(function* () {
      const { code, out } = yield* planned({ "a.yaml": good }, "a.yaml")
      expect(code).toBe(0)
      expect(out).toContain("outage")
      expect(out).toContain("1 stream ready")
      for (const line of out.split("\n").filter((text) => !text.startsWith("into ")))
        expect(line.length).toBeLessThanOrEqual(80)
    })
  )

  it.live("reads YAML, JSON, a byte order mark and CRLF alike", () =>
    Effect.gen(function* () {
      const specs = {
        "a.yaml": good,
        "b.json": JSON.stringify({
          defaults: { destination: bus },
          windows: [{ name: "outage", topics: ["genesys.conversations.message"], start: "-1d" }]
        }),
        "c.yaml": `\uFEFF${good.replaceAll("\n", "\r\n")}`
      }
      for (const name of Object.keys(specs)) {
        const { code, out } = yield* planned(specs, name, "--json")
        expect([name, code]).toEqual([name, 0])
        expect(json(out)).toMatchObject({ windows: [{ name: "outage" }] })
      }
    })
  )

  it.live("takes options before and behind the file", () =>
    Effect.gen(function* () {
      for (const args of [
        ["a.yaml", "--json"],
        ["--json", "a.yaml"]
      ]) {
        const { code, out } = yield* planned({ "a.yaml": good }, ...args)
        expect(code).toBe(0)
        expect(json(out)).toMatchObject({ windows: [{ name: "outage" }] })
      }
    })
  )

  it.live(
    "takes the spec that is piped in, whether - says so or nothing does; a mistake in it is told with its place, as is nothing at all",
    () =>
      Effect.gen(function* () {
        for (const args of [["-"], []]) {
          const { code, out } = yield* piped(good, "plan", ...args, "--json")
          expect(code).toBe(0)
          expect(json(out)).toMatchObject({ windows: [{ name: "outage" }] })
        }
        const dry = yield* piped(good, "apply", "--dry-run", "--provider", "eventbridge")
        expect([dry.code, dry.out]).toEqual([0, expect.stringContaining("1 replay ready")])
        const nothing = yield* piped("", "plan")
        expect([nothing.code, nothing.out]).toEqual([2, ""])
        expect(nothing.err).toContain("neither a spec file nor options, and standard input is empty")
        expect(nothing.err).toContain("next: ")
        const wrong = yield* piped(good.replace("start", "strat"), "plan")
        expect(wrong.code).toBe(2)
        expect(wrong.err).toContain("standard input:6:5: windows[0].strat: unknown key")
      })
  )

  it.live("does not wait for a standard input that never ends where options say what the window is", () =>
    Effect.gen(function* () {
      expect((yield* piped({ open: "" }, "plan", ...flags)).code).toBe(0)
    })
  )

  it.live("says so where it waits for standard input, and can be stopped", () =>
    Effect.gen(function* () {
      const { code, err } = yield* Effect.flatMap(workplace({}), ({ directory, env }) =>
        run(["plan"], {
          cwd: directory,
          env,
          stdin: { open: "" },
          onErr: (text) => (text.includes("standard input") ? "SIGINT" : undefined)
        })
      ).pipe(Effect.scoped, Effect.provide(NodeContext.layer))
      expect([code, err]).toEqual([130, "waiting for a spec on standard input\n"])
    })
  )

  it.live("prints the JSON Schema of spec files", () =>
    Effect.gen(function* () {
      const { code, out } = yield* planned({}, "--schema")
      expect(code).toBe(0)
      expect(json(out)).toMatchObject({
        $schema: expect.stringContaining("json-schema.org"),
        $ref: "#/$defs/SpecDocument"
      })
    })
  )

  it.live("with an error in it: exit code 2, and the findings on standard output", () =>
    Effect.gen(function* () {
      const { code, out } = yield* planned({}, ...flags.with(3, "2020-01-01T00:00:00Z"), "--json")
      expect(code).toBe(2)
      expect(json(out)).toMatchObject({
        windows: [],
        findings: [{ code: "start-beyond-platform-retention" }, { code: "start-beyond-window-retention" }]
      })
    })
  )

  describe("bad input: exit code 2, nothing on standard output, one block that names the place", () => {
    const rows: ReadonlyArray<
      readonly [
        what: string,
        files: Record<string, string | Uint8Array>,
        args: ReadonlyArray<string>,
        said: ReadonlyArray<string>
      ]
    > = [
      [
        "a file and options",
        { "a.yaml": good },
        ["a.yaml", ...flags],
        ["--topic, --start, --destination cannot be combined with the spec file a.yaml"]
      ],
      ["no such file", {}, ["nope.yaml"], ["nope.yaml cannot be read: there is no such file"]],
      ["a directory", {}, ["."], [". cannot be read"]],
      ["an empty file", { "a.yaml": "" }, ["a.yaml"], ["a.yaml:1:1: the file is empty"]],
      ["only comments", { "a.yaml": "# nothing\n" }, ["a.yaml"], ["the file is empty"]],
      ["no UTF-8", { "a.yaml": Uint8Array.from([0xff, 0xfe, 0x00]) }, ["a.yaml"], ["not UTF-8"]],
      ["a YAML error, with line and column", { "a.yaml": "windows:\n  - name: [a\n" }, ["a.yaml"], ["a.yaml:3:1: "]],
      [
        "a key twice",
        { "a.yaml": "provider: genesys\nprovider: genesys\n" },
        ["a.yaml"],
        ["a.yaml:2:1: Map keys must be unique"]
      ],
      ["two documents", { "a.yaml": `${good}---\n${good}` }, ["a.yaml"], ["a.yaml:7:1: "]],
      [
        "an unknown key, with the nearest known one",
        { "a.yaml": yaml("    topisc: [genesys.a.b]\n    start: -1d\n") },
        ["a.yaml"],
        ['a.yaml:5:5: windows[0].topisc: unknown key "topisc". Did you mean topics?']
      ],
      [
        "a topic that is none",
        { "a.yaml": yaml("    start: -1d\n    topics:\n      - genesys.a.b\n      - genesys.a\n") },
        ["a.yaml"],
        ["a.yaml:8:9: windows[0].topics[1]: not a topic"]
      ],
      [
        "a topic twice",
        { "a.yaml": yaml("    start: -1d\n    topics: [genesys.a.b, genesys.a.b]\n") },
        ["a.yaml"],
        ["a.yaml:6:27: windows[0].topics[1]: duplicate topic genesys.a.b"]
      ],
      [
        "the same, in JSON",
        { "a.json": '{"windows": [\n  {"topics": ["genesys.a.b"], "start": "tomorrow"}]}' },
        ["a.json"],
        ['a.json:2:31: windows[0].start: not a time: "tomorrow"']
      ],
      ["an option's value", {}, [...flags, "--retention", "100"], ["--retention 100 is not a retention"]],
      ["a mistyped option", {}, ["--jso"], ["Unknown option --jso"]],
      ["an option that is no number", {}, [...flags, "--retention", "ten"], ["'ten' is not a integer"]]
    ]
    for (const [what, files, args, said] of rows) {
      it.live(what, () =>
        Effect.gen(function* () {
          const { code, err, out } = yield* planned(files, ...args)
          expect([code, out]).toEqual([2, ""])
          for (const text of said) expect(err).toContain(text)
          expect(err).not.toMatch(/^\s+at /m)
        })
      )
    }
  })

  it.live("with --json says its errors as the one document", () =>
    Effect.gen(function* () {
      const { code, err, out } = yield* planned({}, "nope.yaml", "--json")
      expect(code).toBe(2)
      expect(json(out)).toEqual({
        error: { tag: "SpecFileUnreadable", message: expect.stringContaining("nope.yaml"), exitCode: 2 }
      })
      expect(err).toContain("error: the spec file cannot be read")
    })
  )

  it.live("shows a stack trace at debug level only", () =>
    Effect.gen(function* () {
      const { err } = yield* planned({}, "nope.yaml", "--log-level", "debug")
      expect(err).toMatch(/^\s+at /m)
    })
  )

  it.live("plans 10,000 windows", () =>
    Effect.gen(function* () {
      const windows = Array.from(
        { length: 10_000 },
        (_, index) => `  - name: w-${index}\n    topics: [genesys.a.b${index}, genesys.c.d]\n    start: -1d\n`
      )
      const { code, out } = yield* planned(
        { "a.yaml": `defaults:\n  destination: ${bus}\nwindows:\n${windows.join("")}` },
        "a.yaml"
      )
      expect(code).toBe(0)
      expect(out).toContain("10000 streams ready")
      expect(out).toContain("… and 9950 more")
    })
  )
})
