/** A record as the parser reads it: an event, or what some events are wrapped in. */
import * as EventEnvelope from "@genesys-replay/domain/EventEnvelope"
import * as EventRecord from "./EventRecord.js"

/** Who takes the events of a record. */
export interface Taker {
  /**
   * Takes a parsed event; why it does not count where it doesn't. `within` is how many events of the record were taken before, `text` gives
   * the event as it is written.
   */
  take(value: unknown, within: number, text: () => string): string | undefined
  /** The record, or something in it, is none. */
  rejected(reason: string): void
  /** The event that was taken last was taken out of this wrapping. */
  unwrapped(wrapping: string): void
}

/** Reads one record. What counts as it is is not looked into; else the events in it are taken, and what stands among them is rejected. */
export const read = (bytes: Uint8Array, taker: Taker): void => {
  const parsed = EventRecord.parseLine(bytes)
  if (parsed === undefined) return
  if (parsed._tag === "Rejected") {
    taker.rejected(parsed.reason)
    return
  }
  const { isTimed, text, value } = parsed
  const before = isTimed ? [EventRecord.timeBefore] : []
  const reason = taker.take(value, 0, () => text)
  if (reason === undefined) {
    if (isTimed) taker.unwrapped(EventEnvelope.wrappingOf(before))
    return
  }
  const inside = EventEnvelope.mayHold(text) ? EventEnvelope.inside(value) : []
  if (inside.length === 0) taker.rejected(reason)
  let within = 0
  for (const one of inside) {
    const wrapping = EventEnvelope.wrappingOf([...before, ...one.path])
    const reason =
      one._tag === "Event" ? taker.take(one.event, within, () => EventEnvelope.textAt(text, one.path)) : one.reason
    if (reason === undefined) {
      within++
      taker.unwrapped(wrapping)
    } else taker.rejected(wrapping === "" ? reason : `${wrapping}: ${reason}`)
  }
}
