import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { ReplaySpec } from "@genesys-replay/domain"
import { Effect, Schema } from "effect"
import { parse } from "yaml"

import { StubEventBridge } from "./StubEventBridge.js"

const text = readFileSync(new URL("../../packages/eventbridge/README.md", import.meta.url), "utf8")
const block = (language: string) => new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(text)?.[1] ?? ""

const Policy = Schema.parseJson(
  Schema.Struct({
    Statement: Schema.Array(
      Schema.Struct({
        Sid: Schema.String,
        Effect: Schema.Literal("Allow"),
        Action: Schema.Union(Schema.String, Schema.Array(Schema.String)),
        Resource: Schema.Union(Schema.String, Schema.Array(Schema.String))
      })
    )
  })
)

describe("the section for AWS accounts", () => {
  it.effect("allows the actions that the provider uses, and no others", () =>
    Effect.gen(function* () {
      const { Statement } = yield* Schema.decodeUnknown(Policy)(block("json"))
      const allowed = Statement.flatMap(({ Action }) => Action).filter((action) => action.startsWith("events:"))
      const used = Object.keys(new StubEventBridge().client).map(
        (name) => `events:${name.charAt(0).toUpperCase()}${name.slice(1)}`
      )
      expect([...allowed].sort()).toEqual([...used].sort())
    })
  )

  it.effect("shows a spec that is one", () =>
    Effect.gen(function* () {
      const spec = yield* ReplaySpec.decode(parse(block("yaml")))
      expect(spec).toMatchObject({ provider: "eventbridge", windows: [{ archive: "gen-cx", partial: true }] })
    })
  )
})
