import { createHash } from "node:crypto"
import { describe, expect, it } from "@effect/vitest"
import { PayloadHash } from "@genesys-replay/domain"
import { SampleWindow } from "@genesys-replay/domain/testing"
import { Effect, FastCheck as fc } from "effect"
import * as Sha256 from "../../packages/domain/src/value/Sha256.js"

// Written by hand from RFC 8785: keys sorted at every level, no blanks.
const canonical =
  '{"description":"Automated EventBridge replay window configuration",' +
  '"destination":{"eventBridgeConfig":{"arn":"arn:aws:events:us-east-1:123456789012:event-bus/gen-cx-events",' +
  '"region":"us-east-1","roleArn":""},"type":"eventbridge"},"enabled":true,' +
  '"filters":{"topics":["genesys.conversations.message","genesys.conversations.call"]},' +
  '"name":"outage","replayConfig":{"enabled":true,"sequenceIndexTrigger":"automatic",' +
  '"startDate":"2024-01-15T08:00:00Z"},"retentionDays":60}'

const sha256 = (text: string) => createHash("sha256").update(text, "utf8").digest("hex")

describe("The hash of a payload", () => {
  const payload = SampleWindow.payload("outage")

  it("is the first 16 hex digits of SHA-256 over the canonical payload", () => {
    expect(PayloadHash.hash(payload)).toBe(sha256(canonical).slice(0, 16))
    expect(PayloadHash.hash(payload)).toBe("74302cd5170f8e43")
  })

  it("is the same whatever the order of the keys, and another for another payload", () => {
    const reversed = Object.fromEntries(Object.entries(payload).reverse())
    expect(PayloadHash.hash(reversed)).toBe(PayloadHash.hash(payload))
    expect(PayloadHash.hash({ ...payload, enabled: false })).not.toBe(PayloadHash.hash(payload))
  })

  it.effect("is what plans are made with, unless a layer brings another", () =>
    Effect.gen(function* () {
      expect((yield* PayloadHash.PayloadHasher).hash).toBe(PayloadHash.hash)
      const other = PayloadHash.PayloadHasher.layerOf(() => PayloadHash.PayloadHash.make("0000000000000000"))
      const { hash } = yield* Effect.provide(PayloadHash.PayloadHasher, other)
      expect(hash(payload)).toBe("0000000000000000")
    })
  )
})

describe("SHA-256", () => {
  it("is that of the samples of FIPS 180", () => {
    expect(Sha256.hex("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    expect(Sha256.hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    expect(Sha256.hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")).toBe(
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    )
  })

  it("is that of the platform, for every text and around every length of a block", () => {
    for (let length = 0; length < 200; length++) expect(Sha256.hex("x".repeat(length))).toBe(sha256("x".repeat(length)))
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 500 }), (text) => {
        expect(Sha256.hex(text)).toBe(sha256(text))
      }),
      { numRuns: 300 }
    )
  })
})
