import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, FastCheck as fc } from "effect"

import * as SpecFile from "../../apps/cli/src/spec/SpecFile.js"

const bus = "arn:aws:events:us-east-1:123456789012:event-bus/gen-cx-events"
const spec = `# yaml-language-server: $schema=./replay-spec.schema.json
provider: eventbridge
retention: {"genesys.conversations.*": 60, "*": 7}
x-topics: &topics
  - genesys.conversations.message
  - genesys.conversations.call
x-window: &window
  topics: *topics
  start: -2d
  end: -1d
  rules: ["arn:aws:events:us-east-1:123456789012:rule/gen-cx-events/to-queue"]
defaults:
  destination: ${bus}
windows:
  - <<: *window
    name: first
  - name: second
    <<: [*window, {partial: true}]
    start: -3d
    description: "it's \\"quoted\\""
`

const read = (text: string) => Effect.either(SpecFile.parse("a.yaml", text))
const said = (text: string) =>
  Effect.map(Effect.flip(SpecFile.parse("a.yaml", text)), ({ message }) => message.split("\n"))
const windowOf = (lines: string) => `defaults: {destination: "${bus}"}\nwindows:\n  - topics: [genesys.a.b]\n${lines}`

/** What only somebody who knows the libraries, or TypeScript, would understand. */
const internals =
  /readonly|Brand<|YAML\.|\bExpected |\bactual |TimePointText|InstantText|EventBusArnText|undefined|\[object|ReferenceError|Alias |implicit|scalar|\bflow (?:map|seq)|directives-end/

describe("a spec file", () => {
  it.effect("takes merge keys, aliases, and x- keys for what they repeat; a window's own keys win", () =>
    Effect.gen(function* () {
      const { windows } = yield* SpecFile.parse("a.yaml", spec)
      const short = windows.map(({ end, name, partial, start, topics }) => ({ end, name, partial, start, topics }))
      expect(short).toMatchObject([
        { name: "first", start: { text: "-2d" }, end: { text: "-1d" }, topics: { length: 2 } },
        { name: "second", start: { text: "-3d" }, partial: true, topics: { length: 2 } }
      ])
    })
  )

  it.effect("may repeat one anchor in ten thousand windows", () =>
    Effect.gen(function* () {
      const windows = Array.from({ length: 10_000 }, (_, index) => `  - {<<: *window, name: w-${index}}`)
      const [before = ""] = spec.split("windows:")
      expect((yield* SpecFile.parse("a.yaml", `${before}windows:\n${windows.join("\n")}\n`)).windows).toHaveLength(
        10_000
      )
    })
  )

  it.effect("of a few lines that stand for billions of values is refused at once", () =>
    Effect.gen(function* () {
      const levels = Array.from({ length: 12 }, (_, index) =>
        index === 0
          ? `x-0: &a0 [${"1,".repeat(9)}1]`
          : `x-${index}: &a${index} [${`*a${index - 1},`.repeat(9)}*a${index - 1}]`
      )
      expect(yield* said(`${levels.join("\n")}\nwindows: *a11\n`)).toEqual([
        expect.stringContaining("with all aliases (*name) written out the spec has more than 1000000 values")
      ])
      const merges = Array.from({ length: 60 }, (_, index) =>
        index === 0 ? "x-0: &a0 {k: 1}" : `x-${index}: &a${index} {<<: [*a${index - 1}, *a${index - 1}]}`
      )
      expect(yield* said(`${merges.join("\n")}\nwindows: [*a59]\n`)).toHaveLength(1)
      expect((yield* said(`windows: ${"[".repeat(50_000)}`)).length).toBeGreaterThan(0)
    })
  )

  it.effect("has its mistakes told where they are written, also behind an anchor", () =>
    Effect.gen(function* () {
      expect(yield* said(spec.replace("start: -2d", "start: yesterday"))).toEqual([
        expect.stringMatching(/^a\.yaml:9:3: windows\[0\]\.start: not a time: "yesterday"/)
      ])
      expect(yield* said(spec.replace("  - genesys.conversations.call", "  - genesys"))).toEqual([
        expect.stringMatching(/^a\.yaml:6:5: windows\[0\]\.topics\[1\]: not a topic/),
        expect.stringMatching(/^a\.yaml:6:5: windows\[1\]\.topics\[1\]: not a topic/)
      ])
      expect(yield* said(spec.replace("x-topics", "topics"))).toEqual([
        expect.stringContaining('a.yaml:4:1: topics: unknown key "topics". Known here: ')
      ])
    })
  )

  const rows: ReadonlyArray<readonly [what: string, text: string, said: string]> = [
    [
      "a topic that is no list",
      windowOf("    start: -1d\n").replace("[genesys.a.b]", "genesys.a.b"),
      ':3:5: windows[0].topics: expected a list, found "genesys.a.b". Write it as a list: [genesys.a.b]'
    ],
    [
      "no topic",
      windowOf("    start: -1d\n").replace("[genesys.a.b]", ""),
      ":3:5: windows[0].topics: expected a list, found null"
    ],
    ["a number for a time", windowOf("    start: 20240115\n"), ":4:5: windows[0].start: expected ISO 8601 with a zone"],
    [
      "a number for a name",
      windowOf("    start: -1d\n    name: 2024\n"),
      ':5:5: windows[0].name: expected 1 to 128 of A-Za-z0-9._- and blanks, found the number 2024. Write it in quotes: "2024"'
    ],
    [
      "a date with a directive of YAML 1.1",
      `%YAML 1.1\n---\n${windowOf("    start: 2024-01-15\n")}`,
      ':6:5: windows[0].start: not a time: "2024-01-15"'
    ],
    [
      "two documents",
      `${windowOf("    start: -1d\n")}---\n${windowOf("    start: -1d\n")}`,
      ":5:1: a second document begins here (---), and a spec is a single one"
    ],
    [
      "an alias of nothing",
      windowOf("    start: *then\n"),
      ":4:12: *then stands for an anchor &then, and there is none before it"
    ],
    ["an alias of itself", "windows: &a [*a]\n", ":1:14: *a stands within its own anchor &a"],
    [
      "a merge of what has no keys",
      windowOf("    start: &then -1d\n    <<: *then\n"),
      ":5:5: << takes over the keys of another place"
    ],
    ["an open quote", windowOf('    start: "-1d\n'), 'the closing " is missing'],
    [
      "a topic with braces between brackets",
      windowOf("    rules: [v2.users.{id}.presence, a]\n    start: -1d\n"),
      'between [ and ] a topic with {…} stands in quotes: "v2.users.{id}.presence"'
    ],
    ["an open bracket", windowOf("    rules: [a\n    start: -1d\n"), "the closing ] is missing"],
    ["a tab", windowOf("\tstart: -1d\n"), "a tab stands where blanks must"],
    ["a colon in a text", windowOf("    start: -1d\n    name: a: b\n"), "a second key on one line"],
    ["a key without a colon", "windows\n  - a: b\n", "a key"],
    ["a map for a key", "windows:\n  - {name: a}: b\n", "a key is a text"],
    ["a tag", "windows: !!python/object:os.system {}\n", "windows: expected a list"]
  ]
  for (const [what, text, words] of rows) {
    it.effect(`says in plain words what is wrong: ${what}`, () =>
      Effect.gen(function* () {
        const messages = yield* said(text)
        expect(messages.join("\n")).toContain(words)
        for (const message of messages) expect(message).not.toMatch(internals)
      })
    )
  }

  it("says so of whatever is put into it", async () => {
    const inserted = fc.constantFrom(
      ..."[]{}:,-&*!|>'\"%@`#?\n\t ",
      "  ",
      ": ",
      "\n- ",
      "<<",
      "null",
      "5",
      "true",
      "---\n",
      "&a ",
      "*a",
      "!!int "
    )
    const mutation = fc.record({ at: fc.nat(spec.length), cut: fc.nat(12), text: inserted })
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
        const text = mutations.reduce(
          (before, { at, cut, text }) => before.slice(0, at) + text + before.slice(at + cut),
          spec
        )
        const result = await Effect.runPromise(read(text))
        if (Either.isLeft(result)) {
          for (const { message } of result.left.problems) expect(message).not.toMatch(internals)
        }
      }),
      { numRuns: 1_000 }
    )
  })
})
