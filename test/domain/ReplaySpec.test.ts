import { describe, expect, it } from "@effect/vitest"
import { ReplaySpec } from "@genesys-replay/domain"
import { Effect, Either, FastCheck as fc } from "effect"
import { bus, oneWindow } from "./Planning.js"

const issues = (document: unknown) =>
  Effect.map(Effect.flip(ReplaySpec.decode(document)), (invalid) =>
    invalid.issues.map(({ message, path }) => [path, message])
  )

describe("ReplaySpec", () => {
  it.effect("fills the defaults in, a window's own settings first", () =>
    Effect.gen(function* () {
      const spec = yield* ReplaySpec.decode({
        defaults: { destination: bus, description: "all", roleArn: "arn:aws:iam::123456789012:role/deliver" },
        windows: [
          { topics: ["genesys.x.y"], start: "-1d" },
          { topics: ["genesys.x.y"], start: "-1d", destination: `${bus}-2`, description: "mine", roleArn: "" }
        ]
      })
      expect(spec.provider).toBe("genesys")
      expect(spec.windows.map((window) => [window.destination.bus, window.description, window.roleArn])).toEqual([
        ["gen-cx-events", "all", "arn:aws:iam::123456789012:role/deliver"],
        ["gen-cx-events-2", "mine", ""]
      ])
    })
  )

  const rows: ReadonlyArray<readonly [rule: string, document: unknown, path: string, message: string]> = [
    ["is an object", null, "", "expected keys and values, found null"],
    ["has windows", {}, "windows", "is missing"],
    ["has at least one window", { windows: [] }, "windows[0]", "is missing"],
    [
      "an unknown key is named with the nearest known one",
      oneWindow({ topisc: [] }),
      "windows[0].topisc",
      'unknown key "topisc". Did you mean topics?'
    ],
    [
      "an unknown key at the root",
      oneWindow({}, { window: [] }),
      "window",
      'unknown key "window". Did you mean windows?'
    ],
    [
      "an unknown key without a near one lists what is known",
      oneWindow({}, { zzzzzzz: 1 }),
      "zzzzzzz",
      "Known here: $schema, provider, retention, defaults, windows"
    ],
    [
      "an unknown key in the defaults",
      { ...oneWindow({}), defaults: { destination: bus, rolearn: "" } },
      "defaults.rolearn",
      "Did you mean roleArn?"
    ],
    [
      "a topic has a namespace and a type",
      oneWindow({ topics: ["genesys.message"] }),
      "windows[0].topics[0]",
      "not a topic"
    ],
    [
      "a topic is in lower case",
      oneWindow({ topics: ["genesys.Conversations.message"] }),
      "windows[0].topics[0]",
      "lower case"
    ],
    ["there is at least one topic", oneWindow({ topics: [] }), "windows[0].topics[0]", "is missing"],
    [
      "no topic stands twice",
      oneWindow({ topics: ["genesys.a.b", "genesys.c.d", "genesys.a.b"] }),
      "windows[0].topics[2]",
      "duplicate topic genesys.a.b"
    ],
    [
      "a start has a zone",
      oneWindow({ start: "2024-01-15T08:00:00" }),
      "windows[0].start",
      "Write ISO 8601 with a zone"
    ],
    ["a start is a date that exists", oneWindow({ start: "2024-02-30T08:00:00Z" }), "windows[0].start", "not a time"],
    ["an age points backwards", oneWindow({ start: "36h" }), "windows[0].start", "not a time"],
    ["a retention is whole", oneWindow({ retention: 1.5 }), "windows[0].retention", "whole days from 1 to 90"],
    ["a retention is at least a day", oneWindow({ retention: 0 }), "windows[0].retention", "whole days from 1 to 90"],
    [
      "a retention is at most the platform's",
      oneWindow({ retention: 91 }),
      "windows[0].retention",
      "the platform's maximum"
    ],
    [
      "a matrix has retentions",
      oneWindow({}, { retention: { "*": 100 } }),
      'retention["*"]',
      "whole days from 1 to 90"
    ],
    [
      "a matrix has patterns",
      oneWindow({}, { retention: { "genesys.**": 10 } }),
      'retention["genesys.**"]',
      "not a topic pattern"
    ],
    [
      "a destination is an event bus",
      oneWindow({ destination: "arn:aws:sqs:us-east-1:123456789012:q" }),
      "windows[0].destination",
      "not an event bus ARN"
    ],
    [
      "a default destination is an event bus",
      { ...oneWindow({}), defaults: { destination: "bus" } },
      "defaults.destination",
      "not an event bus ARN"
    ],
    [
      "there is a destination",
      { windows: [{ topics: ["genesys.a.b"], start: "-1d" }] },
      "windows[0].destination",
      "defaults name none"
    ],
    ["a name is short", oneWindow({ name: "n".repeat(129) }), "windows[0].name", "1 to 128"],
    ["a name has no line breaks", oneWindow({ name: "a\nb" }), "windows[0].name", "not a window name"],
    ["a role is a role", oneWindow({ roleArn: "arn:aws:iam::1:user/x" }), "windows[0].roleArn", "not a role ARN"],
    ["a provider is one of two", oneWindow({}, { provider: "kafka" }), "provider", "genesys"]
  ]
  for (const [rule, document, path, message] of rows) {
    it.effect(rule, () =>
      Effect.gen(function* () {
        const found = yield* issues(document)
        expect(found).toEqual([[path, expect.stringContaining(message)]])
      })
    )
  }

  it.effect("names every issue, not only the first", () =>
    Effect.gen(function* () {
      const found = yield* issues({
        defaults: { destination: bus },
        windows: [
          { topics: ["nope"], start: "yesterday" },
          { topics: ["genesys.a.b"], start: "-1d", retention: 400, ende: "-1h" }
        ]
      })
      expect(found.map(([path]) => path).sort()).toEqual([
        "windows[0].start",
        "windows[0].topics[0]",
        "windows[1].ende",
        "windows[1].retention"
      ])
    })
  )

  it.effect("leaves keys of the first level that begin with x- to who writes them, and no other ones", () =>
    Effect.gen(function* () {
      expect((yield* ReplaySpec.decode({ ...oneWindow({}), "x-topics": ["any"], "x-": null })).windows).toHaveLength(1)
      expect(yield* issues({ ...oneWindow({ "x-mine": 1 }), X_: 1 })).toEqual([
        ["X_", expect.stringContaining("unknown key")],
        ['windows[0]["x-mine"]', expect.stringContaining("unknown key")]
      ])
      expect(JSON.stringify(ReplaySpec.jsonSchema())).toContain('"patternProperties":{"^x-":{}}')
    })
  )

  it("says what is wrong in plain words, whatever stands in place of a value", async () => {
    const rules = ["arn:aws:events:us-east-1:123456789012:rule/gen-cx-events/to-queue"]
    const role = "arn:aws:iam::123456789012:role/deliver"
    const window = {
      end: "-1h",
      retention: 7,
      region: "us-east-1",
      roleArn: role,
      description: "x",
      prove: "records",
      archive: "cx",
      rules,
      partial: true
    }
    const whole: unknown = { ...oneWindow(window), $schema: "x", provider: "genesys", retention: { "*": 7 } }
    const places = (value: unknown): ReadonlyArray<ReadonlyArray<string>> => [
      [],
      ...(typeof value === "object" && value !== null
        ? Object.entries(value).flatMap(([key, below]) => places(below).map((path) => [key, ...path]))
        : [])
    ]
    const replaced = (value: unknown, [key, ...rest]: ReadonlyArray<string>, by: unknown): unknown => {
      if (key === undefined) return by
      if (Array.isArray(value))
        return value.map((item, index) => (String(index) === key ? replaced(item, rest, by) : item))
      return Object.fromEntries(
        Object.entries(Object(value)).map(([name, below]) => [name, name === key ? replaced(below, rest, by) : below])
      )
    }
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places(whole)), fc.jsonValue({ maxDepth: 2 }), async (place, by) => {
        const result = await Effect.runPromise(Effect.either(ReplaySpec.decode(replaced(whole, place, by))))
        if (Either.isRight(result)) return
        for (const { message } of result.left.issues) {
          // What was written is quoted; the words around it are ours.
          expect(message.replaceAll(/"(?:[^"\\]|\\.)*"?/g, "")).not.toMatch(
            /readonly|Brand<|Expected |actual |Text\b|undefined|\{ /
          )
        }
      }),
      { numRuns: 1_000 }
    )
  })

  it("has a JSON Schema that names its keys and their rules", () => {
    const schema = JSON.stringify(ReplaySpec.jsonSchema())
    for (const key of ["provider", "retention", "defaults", "windows", "topics", "start", "destination"]) {
      expect(schema).toContain(`"${key}"`)
    }
    expect(schema).toContain('"additionalProperties":false')
    expect(schema).toContain('"maximum":90')
  })
})
