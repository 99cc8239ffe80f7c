/** When an event happened, by what it says itself. Loads nothing, so that threads which read events may use it. */
import * as InstantText from "../value/InstantText.js"
import { type Path, valueAt } from "./EventIdentity.js"

/** Where Genesys writes it: milliseconds since 1970, or ISO 8601 in audits and transcripts. It belongs to the event's identity. */
export const ofBody: Path = ["detail", "eventBody", "eventTime"]
/** When the platform sent the event, some 0.3 s later. */
export const ofDetail: Path = ["detail", "timestamp"]
/** The envelope's own time, in whole seconds. */
export const ofEnvelope: Path = ["time"]

/** An instant in milliseconds since 1970, as a whole number or as ISO 8601 with a zone; undefined for anything else. */
const msOf = (value: unknown): number | undefined => {
  if (typeof value === "string") return InstantText.toMs(value)
  if (typeof value !== "number" || !Number.isInteger(value)) return undefined
  // RFC 8785 knows one zero.
  return value >= InstantText.firstMs && value <= InstantText.lastMs ? value + 0 : undefined
}

/**
 * The event time of a parsed record in milliseconds since 1970: `detail.eventBody.eventTime`, else `detail.timestamp`, else `time`, whichever
 * is an instant first; undefined where none is.
 */
export const of = (record: unknown): number | undefined =>
  msOf(valueAt(record, ofBody)) ?? textMs(valueAt(record, ofDetail)) ?? textMs(valueAt(record, ofEnvelope))

const textMs = (value: unknown): number | undefined => (typeof value === "string" ? InstantText.toMs(value) : undefined)

/** Whether the time stands in the event's body: then all copies of the event have the same. */
export const isInBody = (record: unknown): boolean => msOf(valueAt(record, ofBody)) !== undefined
