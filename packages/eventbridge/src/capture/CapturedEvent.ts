/**
 * What one message of a queue becomes: one line of newline-delimited JSON, with the event that `verify` looks for at its top.
 *
 * A rule may deliver the event as it is, or wrapped: by a topic of Amazon SNS (the event is a text under `Message`), by an
 * input transformer (the event is nested, as an object or as JSON in a text), or by both. Wrappers are taken off where exactly
 * one event is found inside. What is not recognised stays as it came, so that it is seen and not lost.
 *
 * The attributes of the message are kept beside the event, under `message-attributes` at the top of the line: in a dead-letter
 * queue they say why a delivery failed (ERROR_CODE, RULE_ARN and others), and they are gone when the message is deleted. What
 * makes an event that event is below `detail`, so that the line proves what the event alone would prove.
 */
import { Option, Predicate } from "effect"

/** One line. */
export interface CapturedEvent {
  /** JSON, without line breaks, in well-formed Unicode. */
  readonly line: string
  /** Whether wrappers were taken off. */
  readonly unwrapped: boolean
}

/** More wrappers than that around one event are not looked through. */
export const deepest = 8

const parsed = Option.liftThrowable((text: string): unknown => JSON.parse(text))

// The name of this key is part of every event, however often it is wrapped.
const mark = "detail-type"

const isEvent = (value: unknown): boolean =>
  Predicate.isRecord(value) &&
  typeof value[mark] === "string" &&
  typeof value["source"] === "string" &&
  Predicate.isRecord(value["detail"])

const endOfString = (json: string, from: number): number => {
  let at = from + 1
  while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1
  return at
}

/**
 * The members of a JSON object, each value as it is written: a number keeps its digits, which parsing would not promise.
 * `json` has to be a valid object. Of several members with one name the last one counts, as everywhere.
 */
export const members = (json: string): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  let depth = 0
  let key: string | undefined
  let from = 0
  for (let at = 0; at < json.length; at++) {
    const character = json[at]
    if (character === '"') {
      const end = endOfString(json, at)
      if (depth === 1 && key === undefined) key = String(JSON.parse(json.slice(at, end + 1)))
      at = end
    } else if (character === "{" || character === "[") depth++
    else if (depth === 1 && character === ":") from = at + 1
    else if (depth === 1 && (character === "," || character === "}")) {
      if (key !== undefined) found.set(key, json.slice(from, at).trim())
      key = undefined
      if (character === "}") depth--
    } else if (character === "}" || character === "]") depth--
  }
  return found
}

// The text of the one event inside; none where there is none, or more than one.
const eventIn = (json: string, depth: number): Option.Option<string> => {
  if (!json.includes(mark)) return Option.none()
  return Option.flatMap(parsed(json), (value) => {
    if (isEvent(value)) return Option.some(json)
    if (depth === 0) return Option.none()
    if (typeof value === "string") return eventIn(value, depth - 1)
    if (!Predicate.isRecord(value)) return Option.none()
    const [event, another] = [...members(json).values()].flatMap((member) => Option.toArray(eventIn(member, depth - 1)))
    return another === undefined ? Option.fromNullable(event) : Option.none()
  })
}

// Inside of JSON a raw line break is white space, and half of a surrogate pair can stand only in a string.
const onOneLine = (json: string): string =>
  json
    .trim()
    .replace(/[\r\n]+/g, " ")
    .replace(/\p{Surrogate}/gu, (half) => `\\u${half.charCodeAt(0).toString(16)}`)

/** The key of a message's attributes in its line. */
export const attributesKey = "message-attributes"

/** The attributes of a message, by their names: text as it is, bytes in base64. */
export type Attributes = Readonly<Record<string, string>>

// A line that was captured before, and sent again, has attributes of that time.
const withAttributes = (json: string, attributes: Attributes): string => {
  const own = [attributesKey, JSON.stringify(attributes)] as const
  if (!json.startsWith("{")) return `{"body":${json},"${own[0]}":${own[1]}}`
  const all = members(json)
  if (!all.has(attributesKey)) return `${json.slice(0, -1).trimEnd()}${all.size === 0 ? "" : ","}"${own[0]}":${own[1]}}`
  const kept = [...new Map(all).set(...own)]
  return `{${kept.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(",")}}`
}

/**
 * The line for the body of a message. An event is written as it came, byte for byte, but for line breaks between its tokens;
 * JSON without an event in it likewise; a body that is no JSON becomes a JSON text that holds it. Where the message has
 * attributes they stand at the end of the object; what is no object then stands under `body`.
 */
export const fromBody = (body: string, attributes: Attributes = {}): CapturedEvent => {
  const line = (json: string): string =>
    onOneLine(Object.keys(attributes).length === 0 ? json : withAttributes(json.trim(), attributes))
  return Option.match(parsed(body), {
    onNone: () => ({ line: line(JSON.stringify(body)), unwrapped: false }),
    onSome: () => {
      const event = Option.getOrElse(eventIn(body, deepest), () => body)
      return { line: line(event), unwrapped: event !== body }
    }
  })
}
