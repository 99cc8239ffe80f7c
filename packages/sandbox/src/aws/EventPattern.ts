/**
 * Event patterns: which events a rule sends on, which an archive keeps.
 *
 * A pattern has the form of the events that it matches. Its leaves are lists of what a value may be; an event's value
 * that is itself a list matches when one of its elements does. Pure.
 * Source: AWS, "Event pattern syntax" and "Comparison operators in event patterns".
 */
import { Data, Either, Predicate } from "effect"

/** A leaf of an event. */
export type Primitive = string | number | boolean | null

/** A JSON object. */
export type JsonObject = { readonly [key: string]: unknown }

/** The pattern cannot be used. `reason` is what AWS says behind "Event pattern is not valid. Reason: ". */
export class InvalidPattern extends Data.TaggedError("InvalidPattern")<{ readonly reason: string }> {
  override get message(): string {
    return `Event pattern is not valid. Reason: ${this.reason}`
  }
}

/** A pattern that can be used. */
export interface EventPattern {
  /** As it was written. */
  readonly text: string
  /** Whether an event matches, the whole envelope of it. */
  readonly matches: (event: JsonObject) => boolean
}

/** One thing that a value may be. */
interface Matcher {
  /** Whether it asks for there being no value. */
  readonly absent: boolean
  readonly test: (value: Primitive) => boolean
}

type Node = (event: JsonObject) => boolean

type Checked<A> = Either.Either<A, InvalidPattern>

const invalid = (reason: string) => Either.left(new InvalidPattern({ reason }))

const isObject = (value: unknown): value is JsonObject => Predicate.isRecord(value)

const isPrimitive = (value: unknown): value is Primitive =>
  value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean"

/** The leaf values at a place: objects and empty lists are no values, lists are their elements. */
const leavesOf = (value: unknown): ReadonlyArray<Primitive> => {
  if (Array.isArray(value)) return value.flatMap(leavesOf)
  return isPrimitive(value) ? [value] : []
}

const objectsOf = (value: unknown): ReadonlyArray<JsonObject> => {
  if (Array.isArray(value)) return value.flatMap(objectsOf)
  return isObject(value) ? [value] : []
}

const own = (event: JsonObject, key: string): unknown => (Object.hasOwn(event, key) ? event[key] : undefined)

const present = (test: Matcher["test"]): Matcher => ({ absent: false, test })

const onText = (test: (value: string) => boolean): Matcher =>
  present((value) => typeof value === "string" && test(value))

const folded = (text: string): string => text.toLowerCase()

/** The texts between the stars of a wildcard; `\*` is a star, `\\` a backslash. */
const wildcardParts = (pattern: string): Checked<ReadonlyArray<string>> => {
  const parts: Array<string> = []
  let part = ""
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at)
    if (char === "\\") {
      const escaped = pattern.charAt(++at)
      if (escaped !== "*" && escaped !== "\\") return invalid(`Invalid escape character at pos ${at - 1}`)
      part += escaped
    } else if (char === "*") {
      if (pattern.charAt(at + 1) === "*") return invalid(`Consecutive wildcard characters at pos ${at}`)
      parts.push(part)
      part = ""
    } else part += char
  }
  return Either.right([...parts, part])
}

/** Whether the parts stand in the text in their order, the first at its beginning, the last at its end. */
const wildcardMatches = (parts: ReadonlyArray<string>, text: string): boolean => {
  const [first = "", ...rest] = parts
  const last = rest.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false
  const end = text.length - last.length
  let at = first.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found < 0 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}

const textOf = (name: string, value: unknown): Checked<string> =>
  typeof value === "string" ? Either.right(value) : invalid(`${name} match pattern must be a string`)

const ignoringCase = "equals-ignore-case"

/** `"text"` or `{"equals-ignore-case": "text"}`: the end of a value, whole or folded. */
const edge = (name: "prefix" | "suffix", value: unknown): Checked<(text: string) => boolean> => {
  const fits = (text: string, wanted: string) => (name === "prefix" ? text.startsWith(wanted) : text.endsWith(wanted))
  if (isObject(value)) {
    const [key, ...others] = Object.keys(value)
    if (key !== ignoringCase || others.length > 0) return invalid(`Unsupported anything in ${name} match pattern`)
    return Either.map(textOf(`${name} ${ignoringCase}`, value[key]), (wanted) => {
      const fold = folded(wanted)
      return (text: string) => fits(folded(text), fold)
    })
  }
  return Either.map(textOf(name, value), (wanted) => (text: string) => fits(text, wanted))
}

/** The comparisons of texts that also stand inside `anything-but`. */
const textTest = (name: string, value: unknown): Checked<(text: string) => boolean> => {
  switch (name) {
    case "prefix":
    case "suffix":
      return edge(name, value)
    case "wildcard":
      return Either.flatMap(textOf(name, value), (pattern) =>
        Either.map(wildcardParts(pattern), (parts) => (text: string) => wildcardMatches(parts, text))
      )
    default:
      return Either.map(textOf(name, value), (wanted) => {
        const fold = folded(wanted)
        return (text: string) => folded(text) === fold
      })
  }
}

const textTests = ["prefix", "suffix", "wildcard", ignoringCase]

const listed = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [value])

const anythingBut = (value: unknown): Checked<Matcher> => {
  if (isObject(value)) {
    const [name = "", ...others] = Object.keys(value)
    if (others.length > 0) return invalid("Only one key allowed in match expression")
    if (!textTests.includes(name)) return invalid(`Unsupported anything-but pattern: ${name}`)
    const wanted = listed(value[name])
    if (wanted.length === 0) return invalid("Empty arrays are not allowed")
    return Either.map(Either.all(wanted.map((one) => textTest(name, one))), (tests) =>
      onText((text) => !tests.some((test) => test(text)))
    )
  }
  const wanted = listed(value)
  if (wanted.length === 0) return invalid("Empty arrays are not allowed")
  const kinds = new Set(wanted.map((one) => typeof one))
  if (!wanted.every(isPrimitive) || (Array.isArray(value) && (kinds.size > 1 || kinds.has("boolean")))) {
    return invalid("Inside anything but list, either all values are number or string, mixed type is not supported")
  }
  return Either.right(present((candidate) => !wanted.includes(candidate)))
}

const comparisons: { readonly [operator: string]: (value: number, bound: number) => boolean } = {
  "=": (value, bound) => value === bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound
}

const greatest = 5e9

const numeric = (value: unknown): Checked<Matcher> => {
  if (!Array.isArray(value) || value.length === 0) return invalid("Invalid member in numeric match: must be an array")
  if (value.length !== 2 && value.length !== 4) return invalid("Too many or too few elements in numeric expression")
  const [operator, bound, second, upper]: ReadonlyArray<unknown> = value
  const bounded = (one: unknown): one is number => typeof one === "number" && Math.abs(one) <= greatest
  const first = typeof operator === "string" ? comparisons[operator] : undefined
  if (first === undefined) return invalid(`Unrecognized numeric range operator: ${operator}`)
  if (!bounded(bound)) return invalid("Value must be between -5.0E9 and 5.0E9, inclusive")
  if (value.length === 2) {
    return Either.right(present((candidate) => typeof candidate === "number" && first(candidate, bound)))
  }
  const next = typeof second === "string" && second.startsWith("<") ? comparisons[second] : undefined
  if (next === undefined || !String(operator).startsWith(">")) return invalid(`Bad numeric range operator: ${second}`)
  if (!bounded(upper)) return invalid("Value must be between -5.0E9 and 5.0E9, inclusive")
  if (bound >= upper) return invalid("Bottom must be less than top")
  return Either.right(
    present((candidate) => typeof candidate === "number" && first(candidate, bound) && next(candidate, upper))
  )
}

interface Address {
  readonly bits: 32 | 128
  readonly value: bigint
}

const ipv4 = (text: string): bigint | undefined => {
  const parts = text.split(".")
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined
  return parts.reduce((all, part) => all * 256n + BigInt(part), 0n)
}

const ipv6 = (text: string): bigint | undefined => {
  const [head = "", tail, ...more] = text.split("::")
  if (more.length > 0) return undefined
  const groups = (side: string | undefined) => (side === undefined || side === "" ? [] : side.split(":"))
  const front = groups(head)
  const back = groups(tail)
  const left = 8 - front.length - back.length
  if (tail === undefined ? left !== 0 : left < 1) return undefined
  const all = [...front, ...Array.from({ length: left }, () => "0"), ...back]
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return all.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n)
}

const addressOf = (text: string): Address | undefined => {
  const four = ipv4(text)
  if (four !== undefined) return { bits: 32, value: four }
  const six = ipv6(text)
  return six === undefined ? undefined : { bits: 128, value: six }
}

const cidr = (value: unknown): Checked<Matcher> => {
  const [text = "", length = "", ...more] = typeof value === "string" ? value.split("/") : []
  const network = addressOf(text)
  const bits = Number(length)
  if (network === undefined || more.length > 0 || !/^\d{1,3}$/.test(length) || bits > network.bits) {
    return invalid(`Malformed CIDR, one '/' required`)
  }
  const shift = BigInt(network.bits - bits)
  return Either.right(
    onText((candidate) => {
      const address = addressOf(candidate)
      return address?.bits === network.bits && address.value >> shift === network.value >> shift
    })
  )
}

const matcherOf = (value: unknown): Checked<Matcher> => {
  if (isPrimitive(value)) return Either.right(present((candidate) => candidate === value))
  if (!isObject(value)) return invalid("Match value must be String, number, true, false, or null")
  const [name = "", ...others] = Object.keys(value)
  if (others.length > 0) return invalid("Only one key allowed in match expression")
  const operand = value[name]
  switch (name) {
    case "exists":
      if (typeof operand !== "boolean") return invalid("exists match pattern must be either true or false.")
      return Either.right({ absent: !operand, test: () => operand })
    case "anything-but":
      return anythingBut(operand)
    case "numeric":
      return numeric(operand)
    case "cidr":
      return cidr(operand)
    case "prefix":
    case "suffix":
    case "wildcard":
    case ignoringCase:
      return Either.map(textTest(name, operand), onText)
    default:
      return invalid(`Unrecognized match type ${name}`)
  }
}

const leafOf = (key: string, values: ReadonlyArray<unknown>): Checked<Node> => {
  if (values.length === 0) return invalid("Empty arrays are not allowed")
  return Either.map(Either.all(values.map(matcherOf)), (matchers) => (event) => {
    const leaves = leavesOf(own(event, key))
    return matchers.some(({ absent, test }) => (absent ? leaves.length === 0 : leaves.some(test)))
  })
}

const reserved = new Set(["exists", "anything-but", "numeric", "cidr", ...textTests])

/** `$or` is what it says only over at least two objects that are no match expressions; else it is a field's name. */
const isAlternatives = (key: string, value: unknown): value is ReadonlyArray<JsonObject> =>
  key === "$or" &&
  Array.isArray(value) &&
  value.length >= 2 &&
  value.every((one) => isObject(one) && !Object.keys(one).some((name) => reserved.has(name)))

const fieldOf = (key: string, value: unknown): Checked<Node> => {
  if (isAlternatives(key, value)) {
    return Either.map(Either.all(value.map(nodeOf)), (nodes) => (event) => nodes.some((node) => node(event)))
  }
  if (Array.isArray(value)) return leafOf(key, value)
  if (!isObject(value)) return invalid(`"${key}" must be an object or an array`)
  return Either.map(nodeOf(value), (node) => (event) => {
    const objects = objectsOf(own(event, key))
    // Below what is not there, nothing is there: a pattern that asks for absence can still match.
    return objects.length === 0 ? node({}) : objects.some(node)
  })
}

const nodeOf = (pattern: JsonObject): Checked<Node> => {
  const fields = Object.entries(pattern)
  if (fields.length === 0) return invalid("Empty objects are not allowed")
  return Either.map(
    Either.all(fields.map(([key, value]) => fieldOf(key, value))),
    (nodes) => (event) => nodes.every((node) => node(event))
  )
}

const longest = 4_096

const parseJson = (text: string): Checked<unknown> =>
  Either.try({
    try: (): unknown => JSON.parse(text),
    catch: () => new InvalidPattern({ reason: "Filter is not valid JSON" })
  })

/** Reads a pattern. AWS allows 4,096 characters. */
export const parse = (text: string): Checked<EventPattern> => {
  if (text.length > longest) return invalid(`Event pattern must not exceed ${longest} characters`)
  return Either.flatMap(parseJson(text), (pattern) =>
    isObject(pattern)
      ? Either.map(nodeOf(pattern), (matches): EventPattern => ({ text, matches }))
      : invalid("Filter is not an object")
  )
}
