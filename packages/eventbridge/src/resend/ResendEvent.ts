/** An event that is to be sent again: its envelope as a capture has it, and what is decided by. */
import { createHash } from "node:crypto"
import { EventEnvelope, EventIdentity, EventTime } from "@genesys-replay/domain"
import { Either, Option, Predicate, Schema } from "effect"
import * as CapturedEvent from "../capture/CapturedEvent.js"

/** A record of a capture, and where it stands. */
export const Located = Schema.Struct({
  source: Schema.String,
  /** From 1. */
  line: Schema.Number
})

/** See {@link Located}. */
export interface Located extends Schema.Schema.Type<typeof Located> {}

/** A record as it is written, or why there is none. */
export type Input = Located & ({ readonly text: string } | { readonly reason: string })

/** A record that is no event. */
export const Rejected = Schema.Struct({ ...Located.fields, reason: Schema.String }).annotations({
  identifier: "ResendRejected"
})

/** See {@link Rejected}. */
export interface Rejected extends Schema.Schema.Type<typeof Rejected> {}

/** An event. */
export interface ResendEvent extends Located {
  /** The envelope as it is written, in one line. */
  readonly text: string
  /** The same for every envelope of this event, and for no other event: 32 hex digits, the beginning of SHA-256 over its identity. */
  readonly id: string
  /** The `detail-type`. */
  readonly topic: string
  /** The topic with its ids, where the event says it. */
  readonly topicName: string | undefined
  readonly conversationId: string | undefined
  /** The event time in milliseconds since 1970; undefined where it says none. */
  readonly timeMs: number | undefined
}

/** The key under which a file of refused events says why each of them was refused. */
export const refusedKey = "resend-refused"

// What was added to an envelope when it was captured, or when it was refused: it is not the event's.
const added = [CapturedEvent.attributesKey, refusedKey]

const textAt = (value: unknown, ...path: EventIdentity.Path): string | undefined => {
  const found = EventIdentity.valueAt(value, path)
  return Predicate.isString(found) && found !== "" ? found : undefined
}

const conversationOf = (value: unknown): string | undefined =>
  textAt(value, "detail", "eventBody", "conversationId") ??
  /^v2\.(?:detail\.events\.)?conversations?\.([^.{}*]+)\./.exec(textAt(value, "detail", "topicName") ?? "")?.[1]

const without = (text: string, value: Readonly<Record<string, unknown>>): string => {
  if (!added.some((key) => Object.hasOwn(value, key))) return text
  const kept = [...EventEnvelope.members(text)].filter(([key]) => !added.includes(key))
  return `{${kept.map(([key, member]) => `${JSON.stringify(key)}:${member}`).join(",")}}`
}

const parsed = Option.liftThrowable((text: string): unknown => JSON.parse(text))

// Raw line breaks stand in JSON only between its tokens.
const onOneLine = (json: string): string => (/[\r\n]/.test(json) ? json.replace(/[\r\n]+/g, " ") : json)

/** The id of an event with this identity. */
export const idOf = (identity: EventIdentity.Identified): string =>
  createHash("sha256").update(EventIdentity.textOf(identity), "utf8").digest("hex").slice(0, 32)

/** An event, and its envelope as a value. */
export interface Read {
  readonly event: ResendEvent
  readonly envelope: Readonly<Record<string, unknown>>
}

const noEvent = "no event: an envelope has a source, a detail-type and a detail"

const ofEnvelope = (
  text: string,
  envelope: Readonly<Record<string, unknown>>,
  { line, source }: Located
): Either.Either<Read, Rejected> => {
  const topic = textAt(envelope, "detail-type")
  const identity = EventIdentity.of(envelope)
  if (topic === undefined || identity._tag === "Unidentified") return Either.left({ source, line, reason: noEvent })
  const event: ResendEvent = {
    source,
    line,
    text: onOneLine(without(text, envelope)),
    id: idOf(identity),
    topic,
    topicName: textAt(envelope, "detail", "topicName"),
    conversationId: conversationOf(envelope),
    timeMs: EventTime.of(envelope)
  }
  return Either.right({ event, envelope })
}

/**
 * Reads a record: the event that it is, or those in its wrapping (a notification of SNS, messages of SQS: see `EventEnvelope`),
 * and what stands there and is none, with the reason. Line breaks between the tokens of an envelope become blanks, and what was
 * added to it when it was captured (`message-attributes`) is left out; everything else is byte for byte as it was.
 */
export const read = (input: Input): ReadonlyArray<Either.Either<Read, Rejected>> => {
  const { line, source } = input
  const reject = (reason: string): Either.Either<Read, Rejected> => Either.left({ source, line, reason })
  if ("reason" in input) return [reject(input.reason)]
  const { text } = input
  const value = parsed(text)
  if (Option.isNone(value)) return [reject("not JSON")]
  if (EventEnvelope.isEvent(value.value)) return [ofEnvelope(text, value.value, input)]
  const inside = EventEnvelope.mayHold(text) ? EventEnvelope.inside(value.value) : []
  return inside.length === 0
    ? [reject(noEvent)]
    : inside.map((found) =>
        found._tag === "Event"
          ? ofEnvelope(EventEnvelope.textAt(text, found.path).trim(), found.event, input)
          : reject(found.reason)
      )
}
