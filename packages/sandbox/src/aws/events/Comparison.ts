/** What a leaf of an event pattern may ask of a value: a value as it is, or one of the comparison operators. */
import { Data, Either, Predicate } from "effect"
import * as IpRange from "./IpRange.js"
import * as Wildcard from "./Wildcard.js"

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

/** What reading a part of a pattern gives. */
export type Checked<A> = Either.Either<A, InvalidPattern>

/** Refuses a part of a pattern. */
export const invalid = (reason: string) => Either.left(new InvalidPattern({ reason }))

/** Whether a value is a JSON object. */
export const isObject = (value: unknown): value is JsonObject => Predicate.isRecord(value)

/** Whether a value is a leaf. */
export const isPrimitive = (value: unknown): value is Primitive =>
  value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean"

/** One thing that a value may be. */
export interface Comparison {
  /** Whether it asks for there being no value. */
  readonly absent: boolean
  readonly test: (value: Primitive) => boolean
}

const present = (test: Comparison["test"]): Comparison => ({ absent: false, test })

const onText = (test: (value: string) => boolean): Comparison =>
  present((value) => typeof value === "string" && test(value))

const folded = (text: string): string => text.toLowerCase()

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
        Either.mapBoth(Wildcard.parse(pattern), {
          onLeft: (reason) => new InvalidPattern({ reason }),
          onRight: (parts) => (text: string) => Wildcard.matches(parts, text)
        })
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

const anythingBut = (value: unknown): Checked<Comparison> => {
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

const relations: ReadonlyMap<unknown, (value: number, bound: number) => boolean> = new Map([
  ["=", (value: number, bound: number) => value === bound],
  [">", (value: number, bound: number) => value > bound],
  [">=", (value: number, bound: number) => value >= bound],
  ["<", (value: number, bound: number) => value < bound],
  ["<=", (value: number, bound: number) => value <= bound]
])

const greatest = 5e9

const numeric = (value: unknown): Checked<Comparison> => {
  if (!Array.isArray(value) || value.length === 0) return invalid("Invalid member in numeric match: must be an array")
  if (value.length !== 2 && value.length !== 4) return invalid("Too many or too few elements in numeric expression")
  const [operator, bound, second, upper]: ReadonlyArray<unknown> = value
  const bounded = (one: unknown): one is number => typeof one === "number" && Math.abs(one) <= greatest
  const first = relations.get(operator)
  if (first === undefined) return invalid(`Unrecognized numeric range operator: ${operator}`)
  if (!bounded(bound)) return invalid("Value must be between -5.0E9 and 5.0E9, inclusive")
  if (value.length === 2) {
    return Either.right(present((candidate) => typeof candidate === "number" && first(candidate, bound)))
  }
  const next = String(second).startsWith("<") ? relations.get(second) : undefined
  if (next === undefined || !String(operator).startsWith(">")) return invalid(`Bad numeric range operator: ${second}`)
  if (!bounded(upper)) return invalid("Value must be between -5.0E9 and 5.0E9, inclusive")
  if (bound >= upper) return invalid("Bottom must be less than top")
  return Either.right(
    present((candidate) => typeof candidate === "number" && first(candidate, bound) && next(candidate, upper))
  )
}

const cidr = (value: unknown): Checked<Comparison> => {
  const contains = typeof value === "string" ? IpRange.parse(value) : undefined
  return contains === undefined ? invalid("Malformed CIDR, one '/' required") : Either.right(onText(contains))
}

/** Reads what a value may be. */
export const parse = (value: unknown): Checked<Comparison> => {
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

/** The operators. */
export const operators: ReadonlySet<string> = new Set(["exists", "anything-but", "numeric", "cidr", ...textTests])
