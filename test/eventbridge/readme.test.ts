import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { PayloadHash, ReplayPlan, ReplaySpec } from "@genesys-replay/domain"
import { DateTime, Effect, Schema } from "effect"
import { parse } from "yaml"

import { StubEventBridge } from "./StubEventBridge.js"

const own = readFileSync(new URL("../../packages/eventbridge/README.md", import.meta.url), "utf8")
const section = own.slice(own.indexOf("## In your AWS account"))
const block = (language: string) => new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(section)?.[1] ?? ""

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

  it.effect("shows a spec that can be planned years later: the archive may keep events for ever", () =>
    Effect.gen(function* () {
      const spec = yield* ReplaySpec.decode(parse(block("yaml")))
      const plan = ReplayPlan.draft(spec, DateTime.unsafeMake("2026-11-23T08:00:00Z"), PayloadHash.hash)
      expect(plan.findings).toEqual([])
      expect(plan.windows).toHaveLength(1)
    })
  )
})
