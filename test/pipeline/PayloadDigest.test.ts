import { createHash } from "node:crypto"
import { describe, expect, it } from "@effect/vitest"
import { PayloadHash, PlannedWindow } from "@genesys-replay/domain"
import { CanonicalJson, PayloadDigest } from "@genesys-replay/pipeline"
import { Effect } from "effect"
import { windowOf } from "./Windows.js"

// Written by hand from RFC 8785: keys sorted at every level, no blanks.
const canonical =
  '{"description":"Automated EventBridge replay window configuration",' +
  '"destination":{"eventBridgeConfig":{"arn":"arn:aws:events:us-east-1:123456789012:event-bus/gen-cx-events",' +
  '"region":"us-east-1","roleArn":""},"type":"eventbridge"},"enabled":true,' +
  '"filters":{"topics":["genesys.conversations.message","genesys.conversations.call"]},' +
  '"name":"outage","replayConfig":{"enabled":true,"sequenceIndexTrigger":"automatic",' +
  '"startDate":"2024-01-15T08:00:00Z"},"retentionDays":60}'

describe("PayloadDigest", () => {
  it("writes numbers, strings and literals as the sample of RFC 8785 section 3.2.2 does", () => {
    const sample: unknown = JSON.parse(
      String.raw`{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`
    )
    expect(CanonicalJson.of(sample)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`
    )
  })

  it("sorts keys by UTF-16 code units, as the sample of RFC 8785 section 3.2.3 does", () => {
    const sample = { "€": "E", "\r": "C", "\ufb33": "H", "1": "O", "😀": "S", "\u0080": "P", ö: "L" }
    expect(Object.values(JSON.parse(CanonicalJson.of(sample))).length).toBe(7)
    expect([...CanonicalJson.of(sample).matchAll(/"([ECHOSPL])"/g)].map(([, value]) => value)).toEqual([
      "C",
      "O",
      "P",
      "L",
      "E",
      "S",
      "H"
    ])
  })

  it("refuses what is no JSON", () => {
    expect(() => CanonicalJson.of(undefined)).toThrow("no canonical form")
    expect(() => CanonicalJson.of({ a: Number.NaN })).toThrow("NaN")
  })

  it("is the first 16 hex digits of SHA-256 over the canonical payload", () => {
    const payload = PlannedWindow.payloadOf(windowOf("outage"))
    expect(CanonicalJson.of(payload)).toBe(canonical)
    expect(PayloadDigest.hash(payload)).toBe(createHash("sha256").update(canonical).digest("hex").slice(0, 16))
    expect(PayloadDigest.hash(payload)).toBe("74302cd5170f8e43")
  })

  it.effect("is the same whatever the order of the keys, and another for another payload", () =>
    Effect.gen(function* () {
      const { hash } = yield* PayloadHash.PayloadHasher
      const payload = PlannedWindow.payloadOf(windowOf("outage"))
      const reversed = Object.fromEntries(Object.entries(payload).reverse())
      expect(hash(reversed)).toBe(hash(payload))
      expect(hash({ ...payload, enabled: false })).not.toBe(hash(payload))
    }).pipe(Effect.provide(PayloadDigest.layer))
  )
})
