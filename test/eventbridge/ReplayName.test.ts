import { describe, expect, it } from "@effect/vitest"
import { ReplayArn, ReplayName } from "@genesys-replay/eventbridge"
import { FastCheck as fc, Option } from "effect"

const window = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._ -]{0,126}[A-Za-z0-9]$/)

describe("the ReplayName of a window", () => {
  it("is the window's own where AWS takes it", () => {
    expect(ReplayName.of("eventbridge-replay-20240115080000")).toBe("eventbridge-replay-20240115080000")
    expect(ReplayName.of("x".repeat(64))).toBe("x".repeat(64))
  })

  it("is shortened, with a hash that tells long names apart", () => {
    const [left, right] = [`${"x".repeat(100)}a`, `${"x".repeat(100)}b`].map(ReplayName.of)
    expect(left).toMatch(/^x{51}-[0-9a-f]{12}$/)
    expect(left).not.toBe(right)
  })

  it("has no other characters than AWS's, and tells names apart that differ only in those", () => {
    expect(ReplayName.of("outage of monday")).toMatch(/^outage-of-monday-[0-9a-f]{12}$/)
    expect(ReplayName.of("outage of monday")).not.toBe(ReplayName.of("outage-of-monday"))
    expect(ReplayName.of("outage of monday")).not.toBe(ReplayName.of("outage-of monday"))
  })

  it("whatever the window's is: one that AWS takes, the same each time", () => {
    fc.assert(
      fc.property(window, (name) => {
        const short = ReplayName.of(name)
        expect(ReplayName.isName(short)).toBe(true)
        expect(ReplayName.of(name)).toBe(short)
        expect(ReplayName.of(short)).toBe(short)
      })
    )
  })
})

describe("the id of a replay", () => {
  it("is its ARN, which tells region and name", () => {
    const id = ReplayArn.ofArchive("arn:aws-cn:events:cn-north-1:123456789012:archive/cx", "outage")
    expect(id).toBe("arn:aws-cn:events:cn-north-1:123456789012:replay/outage")
    expect(ReplayArn.parse(id)).toEqual(Option.some({ region: Option.some("cn-north-1"), name: "outage" }))
  })

  it("may be the name alone", () => {
    expect(ReplayArn.parse("outage")).toEqual(Option.some({ region: Option.none(), name: "outage" }))
  })

  it("is nothing else", () => {
    for (const id of ["out age", "a/b", "x".repeat(65), "arn:aws:events:us-east-1:123456789012:archive/cx", "ä"]) {
      expect(ReplayArn.parse(id)).toEqual(Option.none())
    }
  })
})
