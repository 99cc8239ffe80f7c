import { describe, expect, it } from "@effect/vitest"
import { EventPattern } from "@genesys-replay/sandbox"
import { Either, FastCheck as fc } from "effect"

const pattern = (document: unknown) => Either.getOrThrow(EventPattern.parse(JSON.stringify(document)))

const detail = (condition: unknown, value: unknown) =>
  pattern({ detail: { x: condition } }).matches({ detail: { x: value } })

const absent = (condition: unknown) => pattern({ detail: { x: condition } }).matches({ detail: {} })

const refusal = (document: unknown) =>
  Either.match(EventPattern.parse(typeof document === "string" ? document : JSON.stringify(document)), {
    onLeft: (error) => error.message,
    onRight: () => "accepted"
  })

describe("An event pattern", () => {
  it("matches values that are in its lists, and nothing that it does not name", () => {
    const genesys = pattern({
      source: [{ prefix: "aws.partner/genesys.com/" }],
      "detail-type": ["v2.users.{id}.presence", "v2.users.{id}.activity"]
    })
    const event = (source: string, type: string) => ({ source, "detail-type": type, detail: { more: true } })
    expect(genesys.matches(event("aws.partner/genesys.com/cloud/o/s", "v2.users.{id}.activity"))).toBe(true)
    expect(genesys.matches(event("aws.partner/genesys.com/cloud/o/s", "v2.users.{id}.calls"))).toBe(false)
    expect(genesys.matches(event("aws.s3", "v2.users.{id}.activity"))).toBe(false)
    expect(genesys.matches({})).toBe(false)
  })

  it("tells texts, numbers, booleans and null apart", () => {
    for (const value of ["1", 1, true, null, "true", "null", false, 0, ""]) {
      for (const other of ["1", 1, true, null, "true", "null", false, 0, ""]) {
        expect(detail([value], other)).toBe(value === other)
      }
    }
  })

  it.each([
    [{ prefix: "ab" }, ["ab", "abc"], ["a", "Abc", "cab", 1, null]],
    [{ prefix: { "equals-ignore-case": "aB" } }, ["ab", "ABc"], ["a", "cab"]],
    [{ suffix: "ab" }, ["ab", "cab"], ["abc", "caB", 1]],
    [{ suffix: { "equals-ignore-case": "aB" } }, ["cab", "CAB"], ["abc"]],
    [{ "equals-ignore-case": "aB" }, ["ab", "AB"], ["abc", 1]],
    [{ wildcard: "a*b*c" }, ["abc", "a-b-c", "abbc", "abcabc"], ["ab", "acb", "xabc", "abcx"]],
    [{ wildcard: "*" }, ["", "a"], [1, null, true]],
    [{ wildcard: "a\\*\\\\" }, ["a*\\"], ["ab\\", "a*"]],
    [{ wildcard: "aa*a" }, ["aaa", "aaaa"], ["aa"]],
    [{ "anything-but": "a" }, ["b", 1, null], ["a"]],
    [{ "anything-but": ["a", "b"] }, ["c", "ab"], ["a", "b"]],
    [{ "anything-but": [1, 2] }, [3, "1"], [1, 2]],
    [{ "anything-but": { prefix: "a" } }, ["b"], ["a", "ab"]],
    [{ "anything-but": { suffix: ["a", "b"] } }, ["ac"], ["ca", "cb"]],
    [{ "anything-but": { wildcard: ["*a*", "b*"] } }, ["cb"], ["xax", "bx"]],
    [{ "anything-but": { "equals-ignore-case": ["A", "b"] } }, ["c"], ["a", "B"]],
    [{ exists: true }, ["", 0, null, false], []],
    [{ exists: false }, [{ y: 1 }, []], ["", 0, null]],
    [{ numeric: ["=", 1] }, [1], [2, "1"]],
    [{ numeric: [">", 0, "<=", 5] }, [0.5, 5], [0, 5.1]],
    [{ numeric: [">=", 0] }, [0, 1e9], [-1]],
    [{ cidr: "10.0.0.0/24" }, ["10.0.0.0", "10.0.0.255"], ["10.0.1.0", "10.0.0.256", "10.0.0", "::1"]],
    [{ cidr: "2001:db8::/32" }, ["2001:db8::1", "2001:DB8:ffff::"], ["2001:db9::", "10.0.0.1", "2001:db8:::"]]
  ])("%j", (comparison, matching, others) => {
    for (const value of matching) expect([value, detail([comparison], value)]).toEqual([value, true])
    for (const value of others) expect([value, detail([comparison], value)]).toEqual([value, false])
  })

  it("asks for absence of leaves: an object, an empty list and nothing at all are absent", () => {
    expect(absent([{ exists: false }])).toBe(true)
    expect(absent([{ exists: true }])).toBe(false)
    expect(absent([{ "anything-but": "a" }])).toBe(false)
    expect(absent(["a", { exists: false }])).toBe(true)
    expect(pattern({ "replay-name": [{ exists: false }] }).matches({ detail: {} })).toBe(true)
    expect(pattern({ "replay-name": [{ exists: false }] }).matches({ "replay-name": "r" })).toBe(false)
    expect(pattern({ detail: { a: { b: [{ exists: false }] } } }).matches({ detail: {} })).toBe(true)
  })

  it("matches a list by one of its elements, and holds the fields of one object together", () => {
    expect(detail(["b"], ["a", "b"])).toBe(true)
    expect(detail([{ numeric: [">", 1] }], [0, 2])).toBe(true)
    expect(detail(["c"], ["a", "b"])).toBe(false)
    const together = pattern({ participants: { purpose: ["agent"], state: ["connected"] } })
    const participant = (purpose: string, state: string) => ({ purpose, state })
    expect(
      together.matches({ participants: [participant("customer", "connected"), participant("agent", "connected")] })
    ).toBe(true)
    expect(
      together.matches({ participants: [participant("customer", "connected"), participant("agent", "alerting")] })
    ).toBe(false)
  })

  it("offers alternatives, beside what has to be there in any case", () => {
    const either = pattern({ source: ["s"], $or: [{ detail: { a: [1] } }, { detail: { b: [2] } }] })
    expect(either.matches({ source: "s", detail: { a: 1 } })).toBe(true)
    expect(either.matches({ source: "s", detail: { b: 2 } })).toBe(true)
    expect(either.matches({ source: "s", detail: { a: 2 } })).toBe(false)
    expect(either.matches({ source: "t", detail: { a: 1 } })).toBe(false)
    expect(pattern({ $or: ["a"] }).matches({ $or: "a" })).toBe(true)
  })

  it("knows nothing of what objects have by nature", () => {
    expect(detail([{ exists: false }], undefined)).toBe(true)
    expect(pattern({ constructor: [{ exists: true }] }).matches({})).toBe(false)
    expect(pattern({ toString: { name: [{ exists: true }] } }).matches({})).toBe(false)
  })

  it.each([
    ["[1]", "Filter is not an object"],
    ["{", "Filter is not valid JSON"],
    ["null", "Filter is not an object"],
    [{}, "Empty objects are not allowed"],
    [{ detail: {} }, "Empty objects are not allowed"],
    [{ source: "a" }, '"source" must be an object or an array'],
    [{ source: [] }, "Empty arrays are not allowed"],
    [{ source: [["a"]] }, "Match value must be String, number, true, false, or null"],
    [{ source: [{ begins: "a" }] }, "Unrecognized match type begins"],
    [{ source: [{ prefix: "a", suffix: "b" }] }, "Only one key allowed in match expression"],
    [{ source: [{ prefix: 1 }] }, "prefix match pattern must be a string"],
    [{ source: [{ exists: "yes" }] }, "exists match pattern must be either true or false."],
    [{ source: [{ wildcard: "a**b" }] }, "Consecutive wildcard characters at pos 1"],
    [{ source: [{ wildcard: "a\\b" }] }, "Invalid escape character at pos 1"],
    [{ source: [{ "anything-but": [] }] }, "Empty arrays are not allowed"],
    [
      { source: [{ "anything-but": ["a", 1] }] },
      "Inside anything but list, either all values are number or string, mixed type is not supported"
    ],
    [{ source: [{ "anything-but": { numeric: ["=", 1] } }] }, "Unsupported anything-but pattern: numeric"],
    [{ source: [{ numeric: ["=="] }] }, "Too many or too few elements in numeric expression"],
    [{ source: [{ numeric: ["constructor", 1] }] }, "Unrecognized numeric range operator: constructor"],
    [{ source: [{ numeric: [">", "1"] }] }, "Value must be between -5.0E9 and 5.0E9, inclusive"],
    [{ source: [{ numeric: [">", 2, "<", 1] }] }, "Bottom must be less than top"],
    [{ source: [{ numeric: [">", 2, ">", 3] }] }, "Bad numeric range operator: >"],
    [{ source: [{ cidr: "10.0.0.0/33" }] }, "Malformed CIDR, one '/' required"]
  ])("%j is refused", (document, reason) => {
    expect(refusal(document)).toBe(`Event pattern is not valid. Reason: ${reason}`)
  })
})

describe("An event pattern of more than 4,096 characters", () => {
  it("is refused", () => {
    expect(refusal({ source: ["a".repeat(4_096)] })).toContain("must not exceed 4096 characters")
  })
})

// The naive matcher: an event with lists is every event in which each list is one of its elements, and a pattern
// matches when it matches one of those. Nothing is compiled, nothing is shared with the code under test.

type Json = string | number | boolean | null | { readonly [key: string]: Json } | ReadonlyArray<Json> | undefined

const isRecord = (value: unknown): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const readings = (value: Json): ReadonlyArray<Json> => {
  if (Array.isArray(value)) return value.length === 0 ? [undefined] : value.flatMap(readings)
  if (!isRecord(value)) return [value]
  return Object.entries(value).reduce<ReadonlyArray<{ readonly [key: string]: Json }>>(
    (all, [key, field]) => all.flatMap((so) => readings(field).map((one) => ({ ...so, [key]: one }))),
    [{}]
  )
}

const naiveText = (name: string, wanted: string, text: string): boolean => {
  switch (name) {
    case "prefix":
      return text.slice(0, wanted.length) === wanted
    case "suffix":
      return wanted === "" || text.slice(-wanted.length) === wanted
    case "wildcard":
      return new RegExp(`^${wanted.replace(/[*]/g, "[^]*")}$`).test(text)
    default:
      return text.toUpperCase() === wanted.toUpperCase()
  }
}

const naiveNumber = (operator: unknown, bound: number, value: number): boolean =>
  (String(operator).includes("=") && value === bound) ||
  (String(operator).includes(">") && value > bound) ||
  (String(operator).includes("<") && value < bound)

const naiveLeaf = (condition: Json, value: Json): boolean => {
  const isThere = value !== undefined && !isRecord(value)
  if (!isRecord(condition)) return isThere && condition === value
  const [name = "", operand] = Object.entries(condition)[0] ?? []
  if (name === "exists") return isThere === operand
  if (!isThere) return false
  if (name === "anything-but") {
    const unwanted = isRecord(operand)
      ? Object.entries(operand).flatMap(([key, texts]) => [texts].flat().map((text): Json => ({ [key]: text ?? null })))
      : [operand].flat()
    const isText = isRecord(operand)
    return (!isText || typeof value === "string") && !unwanted.some((one) => naiveLeaf(one ?? null, value))
  }
  if (name === "numeric") {
    if (typeof value !== "number" || !Array.isArray(operand)) return false
    const [operator, bound, second, upper] = operand
    return (
      naiveNumber(operator, Number(bound), value) && (second === undefined || naiveNumber(second, Number(upper), value))
    )
  }
  return typeof value === "string" && naiveText(name, String(operand), value)
}

const naive = (wanted: { readonly [key: string]: Json }, event: Json): boolean =>
  Object.entries(wanted).every(([key, condition]) => {
    const value = isRecord(event) ? event[key] : undefined
    if (key === "$or" && Array.isArray(condition)) return condition.some((one) => isRecord(one) && naive(one, event))
    if (isRecord(condition)) return naive(condition, value)
    return Array.isArray(condition) && condition.some((one) => naiveLeaf(one, value))
  })

const naively = (wanted: { readonly [key: string]: Json }, event: Json): boolean =>
  readings(event).some((reading) => naive(wanted, reading))

const text = fc.constantFrom("", "a", "b", "ab", "ba", "aab", "A", "aB")
const number = fc.integer({ min: -2, max: 3 })
const primitive = fc.oneof(text, number, fc.boolean(), fc.constant(null))

const few = <A>(one: fc.Arbitrary<A>) => fc.array(one, { minLength: 1, maxLength: 3 })

const wildcard = fc.constantFrom("*", "a*", "*b", "a*b", "*a*", "a", "", "*a*b")

const operator = fc.constantFrom("=", ">", ">=", "<", "<=")

const textual = fc.oneof(
  text.map((prefix) => ({ prefix })),
  text.map((suffix) => ({ suffix })),
  wildcard.map((one) => ({ wildcard: one })),
  text.map((one) => ({ "equals-ignore-case": one }))
)

const condition: fc.Arbitrary<Json> = fc.oneof(
  { weight: 3, arbitrary: primitive },
  textual,
  fc.boolean().map((exists) => ({ exists })),
  fc.tuple(operator, number).map((numeric) => ({ numeric })),
  fc.tuple(number, fc.integer({ min: 1, max: 3 })).map(([low, more]) => ({ numeric: [">=", low, "<", low + more] })),
  fc.oneof(primitive, few(text), few(number), textual).map((one) => ({ "anything-but": one })),
  few(text).map((prefix) => ({ "anything-but": { prefix } })),
  few(wildcard).map((one) => ({ "anything-but": { wildcard: one } }))
)

const leaf = fc.array(condition, { minLength: 1, maxLength: 4 })

const someOf = (
  keys: ReadonlyArray<string>,
  value: fc.Arbitrary<Json>
): fc.Arbitrary<{ readonly [key: string]: Json }> =>
  fc.dictionary(fc.constantFrom(...keys), value, {
    minKeys: 1,
    maxKeys: keys.length,
    noNullPrototype: true,
    size: "xsmall"
  })

const patterns = fc
  .tuple(
    someOf(["a", "b"], fc.oneof(leaf, someOf(["a", "b"], leaf))),
    fc.option(fc.array(someOf(["c", "d"], leaf), { minLength: 2, maxLength: 3 }), { nil: undefined })
  )
  .map(([fields, $or]) => ($or === undefined ? fields : { ...fields, $or }))

const innerValue = fc.oneof(primitive, fc.array(primitive, { minLength: 1, maxLength: 3 }))
const inner: fc.Arbitrary<Json> = fc.record({ a: innerValue, b: innerValue }, { requiredKeys: ["a"] })

const eventValue: fc.Arbitrary<Json> = fc.oneof(
  { weight: 2, arbitrary: primitive },
  fc.array(primitive, { maxLength: 3 }),
  inner,
  fc.array(inner, { maxLength: 2 })
)

const eventsOf = fc.record({ a: eventValue, b: eventValue, c: eventValue, d: eventValue }, { requiredKeys: ["a", "b"] })

describe("Event patterns and events of any form", () => {
  it("match as a naive matcher says", () => {
    fc.assert(
      fc.property(patterns, eventsOf, (wanted, event) => {
        expect(pattern(wanted).matches(event)).toBe(naively(wanted, event))
      }),
      { numRuns: 5_000 }
    )
  })

  it("do match now and then, and now and then they do not", () => {
    const outcomes = fc
      .sample(fc.tuple(patterns, eventsOf), { numRuns: 500, seed: 1 })
      .map(([wanted, event]) => pattern(wanted).matches(event))
    expect(outcomes.filter((matches) => matches).length).toBeGreaterThan(25)
    expect(outcomes.filter((matches) => !matches).length).toBeGreaterThan(25)
  })

  it("keep their text, whatever they are", () => {
    fc.assert(
      fc.property(patterns, (wanted) => {
        const written = JSON.stringify(wanted, null, 1)
        expect(Either.getOrThrow(EventPattern.parse(written)).text).toBe(written)
      })
    )
  })

  it("are read or refused, never thrown at", () => {
    fc.assert(
      fc.property(fc.json(), (written) => {
        expect(Either.isEither(EventPattern.parse(written))).toBe(true)
      })
    )
  })
})
