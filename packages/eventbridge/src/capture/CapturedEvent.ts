/**
 * What one message of a queue becomes: one line of newline-delimited JSON, with the event that `verify` looks for at its top.
 *
 * A rule may deliver the event as it is, or wrapped: by a topic of Amazon SNS (the event is a text under `Message`), by an
 * input transformer (the event is nested, as an object or as JSON in a text), or by both: see `EventEnvelope`. Wrappers are taken off
 * where exactly one event is found inside. What is not recognised stays as it came, so that it is seen and not lost.
 *
 * The attributes of the message are kept beside the event, under `message-attributes` at the top of the line: in a dead-letter
 * queue they say why a delivery failed (ERROR_CODE, RULE_ARN and others), and they are gone when the message is deleted. What
 * makes an event that event is below `detail`, so that the line proves what the event alone would prove.
 */
import { EventEnvelope, EventSelection } from "@genesys-replay/domain"
import { Option } from "effect"

/** One line. */
export interface CapturedEvent {
  /** JSON, without line breaks, in well-formed Unicode. */
  readonly line: string
  /** Whether wrappers were taken off. */
  readonly unwrapped: boolean
}

const parsed = Option.liftThrowable((text: string): unknown => JSON.parse(text))

// The text of the one event inside; none where there is none, or more than one.
const eventIn = (json: string, value: unknown): Option.Option<string> => {
  const [found, another] = EventEnvelope.mayHold(json) ? EventEnvelope.inside(value) : []
  return found?._tag === "Event" && another === undefined
    ? Option.some(EventEnvelope.textAt(json, found.path))
    : Option.none()
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
  const all = EventEnvelope.members(json)
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
    onSome: (value) => {
      const event = Option.getOrElse(eventIn(body, value), () => body)
      return { line: line(event), unwrapped: event !== body }
    }
  })
}

/** Whether the body of a message is an event that is meant, or wraps one; where all are meant, any body is. */
export const isOf = (body: string, selection: EventSelection.EventSelection): boolean =>
  EventSelection.isAll(selection) ||
  (EventEnvelope.mayHold(body) && Option.exists(parsed(body), (value) => EventSelection.includes(selection, value)))
