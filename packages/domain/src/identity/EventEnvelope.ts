/**
 * The envelope that Amazon EventBridge puts around an event, and the wrappings in which such an envelope is delivered and kept: a notification
 * of SNS, a message of SQS, a record of CloudWatch Logs, the output of an input transformer, or several of them in one another. Loads
 * nothing, so that threads which read events may use it.
 *
 * A wrapping is recognised by what is inside, not by its names: an object of which exactly one member holds events, an array of which some
 * elements do, or a text that is JSON and holds some. An envelope is never looked into: what an event says of other events is its own.
 */

/** A step from a value to one inside of it: the member of an object, the element of an array, or, as null, the JSON that a text is. */
export type Step = string | number | null

/** An event in a wrapping. */
export interface WrappedEvent {
  readonly _tag: "Event"
  readonly path: ReadonlyArray<Step>
  readonly event: Readonly<Record<string, unknown>>
}

/** What stands where events stand beside it, and is none. */
export interface NoEvent {
  readonly _tag: "NoEvent"
  readonly path: ReadonlyArray<Step>
  readonly reason: string
}

/** See {@link WrappedEvent} and {@link NoEvent}. */
export type Inside = WrappedEvent | NoEvent

/** More steps than that into a record are not gone: enough for SNS in SQS in Lambda's event in CloudWatch Logs. */
export const deepest = 12

/** The name of this key is part of every event, however often it is wrapped. */
const mark = "detail-type"

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Whether a parsed value is an envelope: `detail-type` and `source` are texts, and `detail` is an object. */
export const isEvent = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isObject(value) && typeof value[mark] === "string" && typeof value["source"] === "string" && isObject(value["detail"])

/** Whether a text may hold events: a quick look before it is parsed. */
export const mayHold = (text: string): boolean => text.includes(mark)

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const look = (value: unknown, path: ReadonlyArray<Step>, left: number): ReadonlyArray<Inside> => {
  if (isEvent(value)) return [{ _tag: "Event", path, event: value }]
  if (left === 0) return []
  if (typeof value === "string") return mayHold(value) ? look(parsed(value), [...path, null], left - 1) : []
  if (Array.isArray(value)) {
    const found = value.map((element, at) => look(element, [...path, at], left - 1))
    return found.every((inside) => inside.length === 0)
      ? []
      : found.flatMap((inside, at) =>
          inside.length > 0 ? inside : [{ _tag: "NoEvent" as const, path: [...path, at], reason: "it holds no event" }]
        )
  }
  if (!isObject(value)) return []
  const [first = [], another] = Object.entries(value)
    .map(([key, member]) => look(member, [...path, key], left - 1))
    .filter((inside) => inside.length > 0)
  return another === undefined
    ? first
    : [
        {
          _tag: "NoEvent",
          path,
          reason: "several of its members hold events: which of them it stands for is not known"
        }
      ]
}

/**
 * The events that a parsed record wraps, in their order, and what stands among them and is none; nothing where the record is an event itself,
 * or holds none.
 */
export const inside = (record: unknown): ReadonlyArray<Inside> => (isEvent(record) ? [] : look(record, [], deepest))

/** The kind of wrapping that a path goes through, the same for all elements of an array: `Messages[].Body`. */
export const wrappingOf = (path: ReadonlyArray<Step>): string =>
  path
    .filter((step) => step !== null)
    .reduce<string>((text, step) => {
      if (typeof step === "number") return `${text}[]`
      return text === "" ? step : `${text}.${step}`
    }, "")

/** What keeps an event as JSON in a text under these names. */
const carriers: ReadonlyMap<string, string> = new Map([
  ["Body", "SQS"],
  ["body", "SQS, as Lambda is given it"],
  ["Message", "SNS"],
  ["message", "CloudWatch Logs"],
  ["@message", "CloudWatch Logs"]
])

/** What services the wrapping is known of, the innermost first; null where none is. */
export const carrierOf = (wrapping: string): string | null => {
  const known = wrapping.split(/\.|\[\]/).flatMap((name) => carriers.get(name) ?? [])
  return known.length === 0 ? null : known.reverse().join(", in ")
}

const endOfText = (json: string, from: number): number => {
  let at = from + 1
  while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1
  return at
}

/** Shows each value of the object or the array that `json` is, as it is written, and its key where it has one. */
const forEachValue = (json: string, show: (value: string, key: string | undefined) => void): void => {
  let depth = 0
  let key: string | undefined
  let from = 0
  let isArray = false
  const found = (to: number): void => {
    const value = json.slice(from, to).trim()
    if (value !== "") show(value, key)
    key = undefined
    from = to + 1
  }
  for (let at = 0; at < json.length; at++) {
    const character = json[at]
    if (character === '"') {
      const end = endOfText(json, at)
      if (depth === 1 && !isArray && key === undefined) key = String(parsed(json.slice(at, end + 1)))
      at = end
    } else if (character === "{" || character === "[") {
      if (depth === 0) isArray = character === "["
      if (depth === 0) from = at + 1
      depth++
    } else if (depth === 1 && character === ":") from = at + 1
    else if (depth === 1 && (character === "," || character === "}" || character === "]")) {
      found(at)
      if (character !== ",") depth--
    } else if (character === "}" || character === "]") depth--
  }
}

/**
 * The members of a JSON object, each value as it is written: a number keeps its digits, which parsing would not promise.
 * `json` has to be a valid object. Of several members with one name the last one counts, as everywhere.
 */
export const members = (json: string): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  forEachValue(json, (value, key) => found.set(key ?? "", value))
  return found
}

const elements = (json: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  forEachValue(json, (value) => found.push(value))
  return found
}

/** What stands at `path` of the valid JSON `json`, as it is written there. The path has to lead somewhere. */
export const textAt = (json: string, path: ReadonlyArray<Step>): string =>
  path.reduce<string>((text, step) => {
    if (step === null) return String(parsed(text))
    return (typeof step === "number" ? elements(text)[step] : members(text).get(step)) ?? ""
  }, json)
