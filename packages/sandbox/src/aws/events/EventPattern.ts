/**
 * Event patterns: which events a rule sends on, which an archive keeps.
 *
 * A pattern has the form of the events that it matches. Its leaves are lists of what a value may be; an event's value
 * that is itself a list matches when one of its elements does. Pure.
 * Source: AWS, "Event pattern syntax" and "Comparison operators in event patterns".
 */
import { Either } from "effect"
import * as Comparison from "./Comparison.js"
import {
  type Checked,
  InvalidPattern,
  invalid,
  isObject,
  isPrimitive,
  type JsonObject,
  type Primitive
} from "./Comparison.js"

/** A pattern that can be used. */
export interface EventPattern {
  /** As it was written. */
  readonly text: string
  /** Whether an event matches, the whole envelope of it. */
  readonly matches: (event: JsonObject) => boolean
}

type Node = (event: JsonObject) => boolean

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

const leafOf = (key: string, values: ReadonlyArray<unknown>): Checked<Node> => {
  if (values.length === 0) return invalid("Empty arrays are not allowed")
  return Either.map(Either.all(values.map(Comparison.parse)), (matchers) => (event) => {
    const leaves = leavesOf(own(event, key))
    return matchers.some(({ absent, test }) => (absent ? leaves.length === 0 : leaves.some(test)))
  })
}

/** `$or` is what it says only over at least two objects that are no match expressions; else it is a field's name. */
const isAlternatives = (key: string, value: unknown): value is ReadonlyArray<JsonObject> =>
  key === "$or" &&
  Array.isArray(value) &&
  value.length >= 2 &&
  value.every((one) => isObject(one) && !Object.keys(one).some((name) => Comparison.operators.has(name)))

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
