/**
 * What a good day taught: of which classes of sessions which events always come. The table of expected events is derived, and an
 * organization may do things in its own way; what always came on a day known to be good may be demanded on others.
 */
import { Schema } from "effect"
import { Count } from "../value/Count.js"
import { Instant } from "../value/Instant.js"
import { type ConversationTopic, names } from "./ConversationTopic.js"
import { type ExpectedEvent, isCalibratable, type NotJudged } from "./ExpectedEvents.js"
import * as SessionClass from "./SessionClass.js"

/** How often an event came of those that the table makes one expect. */
export const TopicShare = Schema.Struct({
  topic: Schema.Literal(...names).annotations({ identifier: "ConversationTopic" }),
  expected: Count,
  came: Count
}).annotations({ identifier: "TopicShare" })

/** See {@link TopicShare}. */
export interface TopicShare extends Schema.Schema.Type<typeof TopicShare> {}

/** A class of sessions, and what came of them. */
export const CalibratedClass = Schema.Struct({
  class: Schema.Struct({
    purpose: Schema.String,
    mediaType: Schema.String,
    segmentTypes: Schema.Array(Schema.String)
  }).annotations({ identifier: "SessionClass" }),
  sessions: Count,
  topics: Schema.Array(TopicShare)
}).annotations({ identifier: "CalibratedClass" })

/** See {@link CalibratedClass}. */
export interface CalibratedClass extends Schema.Schema.Type<typeof CalibratedClass> {}

/** The document that is kept. */
export const Calibration = Schema.Struct({
  /** Of the document's form. */
  version: Schema.Literal(1),
  /** When the good day was. */
  window: Schema.Struct({ start: Instant, end: Instant }),
  classes: Schema.Array(CalibratedClass)
}).annotations({ identifier: "Calibration" })

/** See {@link Calibration}. */
export interface Calibration extends Schema.Schema.Type<typeof Calibration> {}

/** What calibration says of an event of a class. */
export type Standing = "always" | "not always" | "not seen"

/** Whether every one that was expected came. */
const isAlways = ({ came, expected }: TopicShare): boolean => expected > 0 && came >= expected

/** Looks up what a calibration says. Without one, null. */
export const standings = (
  calibration: Calibration | null
): ((classKey: string, topic: ConversationTopic) => Standing | null) => {
  if (calibration === null) return () => null
  const classes = new Map(
    calibration.classes.map((one) => [
      SessionClass.key(one.class),
      new Map(one.topics.map((share) => [share.topic, isAlways(share) ? ("always" as const) : ("not always" as const)]))
    ])
  )
  return (classKey, topic) => classes.get(classKey)?.get(topic) ?? "not seen"
}

/**
 * Why an expected event is not judged, its class considered; null where it is. Without calibration that is what the table says. With it,
 * only what always came is judged, also where the table alone would not.
 */
export const notJudged = (expected: ExpectedEvent["notJudged"], standing: Standing | null): NotJudged | null => {
  if (standing === null || (expected !== null && !isCalibratable(expected))) return expected
  if (standing === "always") return null
  return standing === "not always"
    ? "its class of sessions does not always have it"
    : "its class of sessions was not seen when calibrating"
}

/** The events that a calibration keeps from being judged: they came of some sessions of the class and not of all. */
export const notAlways = (
  calibration: Calibration
): ReadonlyArray<{ readonly class: SessionClass.SessionClass; readonly share: TopicShare }> =>
  calibration.classes.flatMap((one) =>
    one.topics.filter((share) => !isAlways(share)).map((share) => ({ class: one.class, share }))
  )
