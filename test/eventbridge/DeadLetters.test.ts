import { describe, expect, it } from "@effect/vitest"
import { DeadLetters } from "@genesys-replay/eventbridge"

describe("DeadLetters", () => {
  it("are counted by rule, target and reason; a message without a rule is none", () => {
    const letter = { RULE_ARN: "rule", TARGET_ARN: "target", ERROR_CODE: "NO_PERMISSIONS" }
    const before = DeadLetters.add([], [letter, {}, { ...letter, ERROR_CODE: "TIMEOUT" }])
    expect(DeadLetters.add(before, [letter, { RULE_ARN: "another" }])).toEqual([
      { rule: "rule", target: "target", errorCode: "NO_PERMISSIONS", count: 2 },
      { rule: "rule", target: "target", errorCode: "TIMEOUT", count: 1 },
      { rule: "another", target: null, errorCode: null, count: 1 }
    ])
  })

  it("of more pairs than a queue has are not told apart for ever", () => {
    const many = Array.from({ length: 500 }, (_, index) => ({ RULE_ARN: `rule ${index}` }))
    expect(DeadLetters.add([], many)).toHaveLength(DeadLetters.most)
  })
})
