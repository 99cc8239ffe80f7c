import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"

const text = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8")

describe("The README", () => {
  it("shows the composing program as it is compiled and run", () => {
    expect(text("../../README.md")).toContain(`\`\`\`ts\n${text("compose.ts").trimEnd()}\n\`\`\``)
  })

  it("names the same least privilege as the package that needs it", () => {
    const policy = (readme: string) => /```json\n(\{\n {2}"Version"[\s\S]*?)\n```/.exec(readme)?.[1]
    const ours = policy(text("../../README.md"))
    expect(ours).toContain("events:StartReplay")
    expect(ours).toBe(policy(text("../../packages/eventbridge/README.md")))
  })

  it("shows that program in at most 30 lines", () => {
    expect(text("compose.ts").trimEnd().split("\n").length).toBeLessThanOrEqual(30)
  })
})
