import { describe, expect, it } from "@effect/vitest"
import { ProviderName } from "@genesys-replay/domain"
import { Schema } from "effect"

describe("the provider of replays whose ids are given", () => {
  it("is EventBridge where all of them are ARNs", () => {
    const arn = "arn:aws:events:us-east-1:123456789012:replay/outage"
    expect(ProviderName.ofReplayIds([arn, `${arn}-2`])).toBe("eventbridge")
    expect(ProviderName.ofReplayIds([arn, "a400b81f-366b-4dc7-9c03-bf760f6f702a"])).toBe("genesys")
    expect(ProviderName.ofReplayIds(["outage"])).toBe("genesys")
    expect(ProviderName.ofReplayIds([])).toBe("genesys")
  })
})

describe("the name of a provider", () => {
  it("is any text but an empty one; two ship", () => {
    const isName = Schema.is(ProviderName.ProviderName)
    expect(["genesys", "eventbridge", "folder", ""].map((name) => isName(name))).toEqual([true, true, true, false])
    expect(ProviderName.shipped).toEqual(["genesys", "eventbridge"])
  })
})
