/** What one line of a log says: the event's group, index and time, or why it cannot be counted. */
import * as RecordField from "./RecordField.js"

/** An event that counts. */
export interface Observed {
  readonly _tag: "Observed"
  /** The `replay-name`, or what stands at the path that events are grouped by; null for live events. */
  readonly group: string | null
  /** From 0 to 2^53 − 1. */
  readonly index: number
  /** `detail.timestamp`, else the envelope's `time`, as written; undefined where neither is a text. */
  readonly time: string | undefined
}

/** A record that cannot be counted. */
export interface Rejected {
  readonly _tag: "Rejected"
  readonly reason: string
}

/** See {@link Observed} and {@link Rejected}. */
export type EventRecord = Observed | Rejected

/** Where in a record things stand. */
export interface Layout {
  readonly index: RecordField.FieldPath
  /** Null where all events are one group. */
  readonly group: RecordField.FieldPath | null
}

/** The envelope of Amazon EventBridge around an event of Genesys Cloud. */
export const envelope: Layout = { index: ["detail", "sequenceIndex"], group: ["replay-name"] }

/** Where an event says when it happened. */
export const eventTime: RecordField.FieldPath = ["detail", "timestamp"]
/** Where the envelope says it, for events that don't. */
export const envelopeTime: RecordField.FieldPath = ["time"]

const rejected = (reason: string): Rejected => ({ _tag: "Rejected", reason })

// `ignoreBOM` keeps a mark in the text: JSON refuses it everywhere but at the start of a record.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

const decoded = (line: Uint8Array): string | undefined => {
  try {
    return utf8.decode(line)
  } catch {
    return undefined
  }
}

/** A byte order mark begins a file, and so it stands around records where files were strung together. */
const mark = "\ufeff"

const spaces = ` \t\r\n${mark}`

const withoutMarks = (text: string): string => {
  if (!text.includes(mark)) return text
  let from = 0
  let to = text.length
  while (from < to && spaces.includes(text.charAt(from))) from++
  while (to > from && spaces.includes(text.charAt(to - 1))) to--
  return text.slice(from, to)
}

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a

/** At most so much of a value is quoted in a reason. */
const quoteLength = 40

const quoted = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "undefined"
  return text.length <= quoteLength ? text : `${text.slice(0, quoteLength)}...`
}

const kind = (value: unknown): string =>
  value === null
    ? "null"
    : Array.isArray(value)
      ? "an array"
      : typeof value === "object"
        ? "an object"
        : `a ${typeof value}`

/**
 * A text stands for itself, any other value for its JSON, so that 7 and "7" are one group. Nothing there, or null: a live event.
 */
export const groupOf = (value: unknown, path: RecordField.FieldPath | null): string | null => {
  const name = path === null ? undefined : RecordField.get(value, path)
  return name === undefined || name === null ? null : typeof name === "string" ? name : JSON.stringify(name)
}

const timeOf = (value: unknown): string | undefined => {
  const own = RecordField.get(value, eventTime)
  if (typeof own === "string") return own
  const envelopes = RecordField.get(value, envelopeTime)
  return typeof envelopes === "string" ? envelopes : undefined
}

/** Why a parsed record that is no JSON object cannot be counted; undefined where it is one. */
export const noObject = (value: unknown): Rejected | undefined =>
  typeof value !== "object" || value === null || Array.isArray(value)
    ? rejected(`no JSON object but ${kind(value)}: ${quoted(value)}`)
    : undefined

/** Why an event that has no index cannot be counted. */
export const nothingAt = ({ index }: Layout): string => `nothing at ${RecordField.format(index)}`

/**
 * Reads a parsed record. An index is a JSON number whose value is a whole number from 0 to 2^53 − 1, however it is written:
 * `1.0` and `1e3` are indices, the text `"1"` is none.
 */
export const fromValue = (value: unknown, layout: Layout = envelope): EventRecord => {
  const nothing = noObject(value)
  if (nothing !== undefined) return nothing
  const index = RecordField.get(value, layout.index)
  const path = RecordField.format(layout.index)
  if (index === undefined) return rejected(nothingAt(layout))
  if (typeof index !== "number") return rejected(`${path} is no number but ${kind(index)}: ${quoted(index)}`)
  if (!Number.isSafeInteger(index) || index < 0) {
    return rejected(`${path} is no whole number from 0 to 2^53 - 1: ${index}`)
  }
  return { _tag: "Observed", group: groupOf(value, layout.group), index, time: timeOf(value) }
}

/** What a line holds, as a value. */
export interface Parsed {
  readonly _tag: "Parsed"
  readonly value: unknown
  /** The value as it is written. */
  readonly text: string
  /** Whether a time stood before it. */
  readonly isTimed: boolean
}

/** What a time before a record is called among its wrappings. */
export const timeBefore = "<time>"

/** How CloudWatch Logs writes a message into a file: behind its time, and perhaps the name of its stream. */
const timed = /^\d{4}-\d\d-\d\dT[\d:.,]+(?:Z|[+-][\d:]+)?[ \t]+(?:[^\s{]+[ \t]+)?(?=\{)/

/**
 * Reads one line as strict JSON in UTF-8, the last of duplicate keys winning. Undefined for a blank line, which is nothing; so is a byte
 * order mark in front of the record, or behind it. A time in front of an object is told, and not part of it.
 */
export const parseLine = (line: Uint8Array): Parsed | Rejected | undefined => {
  if (line.every(isSpace)) return undefined
  const text = decoded(line)
  if (text === undefined) return rejected("not UTF-8")
  const record = withoutMarks(text)
  if (record === "") return undefined
  const prefix = timed.exec(record)?.[0] ?? ""
  const json = record.slice(prefix.length)
  try {
    return { _tag: "Parsed", value: JSON.parse(json), text: json, isTimed: prefix !== "" }
  } catch (error) {
    return rejected(`not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Reads one line, as {@link parseLine} does, for its event; none that it wraps. */
export const fromLine = (line: Uint8Array, layout: Layout = envelope): EventRecord | undefined => {
  const parsed = parseLine(line)
  return parsed === undefined || parsed._tag === "Rejected" ? parsed : fromValue(parsed.value, layout)
}
