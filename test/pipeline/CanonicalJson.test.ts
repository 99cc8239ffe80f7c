import { describe, expect, it } from "@effect/vitest"
import { CanonicalJson } from "@genesys-replay/pipeline"

describe("CanonicalJson", () => {
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
})
