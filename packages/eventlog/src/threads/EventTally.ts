/** The events of a capture as entries of a few numbers each, and what is to be looked at of them. Loads no Effect. */
import * as EventSelection from "@genesys-replay/domain/EventSelection"
import * as TopicMatch from "@genesys-replay/domain/TopicMatch"
import * as EnvelopeTime from "../scan/EnvelopeTime.js"
import { type IdentityEntry, type IdentityLayout, IdentityScanner, type IdentitySink } from "../scan/IdentityScanner.js"
import type { Rejection } from "../scan/LogTally.js"
import { Wrappings } from "../scan/Wrappings.js"
import * as EventEntries from "./EventEntries.js"

/** Which events are looked at. */
export interface EventOptions {
  readonly layout: IdentityLayout
  /** Event times from here on; minus infinity for all. In milliseconds since 1970. */
  readonly startMs: number
  /** Event times before this; infinity for all. */
  readonly endMs: number
  /**
   * Patterns over topics; empty for all. An event is looked at where its `detail-type` is one that a pattern stands for, or else its
   * `detail.topicName`: a pattern may name an id.
   */
  readonly topics: ReadonlyArray<string>
  /** Ids of conversations; empty for all. See `EventSelection`. */
  readonly conversations: ReadonlyArray<string>
  /** Whether entries have the time of the envelope, where there is one: see `EnvelopeTime`. The window goes by the event time all the same. */
  readonly byEnvelope: boolean
  readonly maxRejected: number
}

/** Where in a source events stand: its byte and the lines before it, for every so many events. */
export const eventsPerMark = 64
/** How many numbers a mark is: see {@link EventsRead}. */
export const markSize = 3

/** What was found in a part of a source, or in some of it. */
export interface EventsRead {
  /** See {@link EventEntries}. */
  readonly events: EventEntries.Entries
  /** `detail-type` of each group of the entries. */
  readonly groups: ReadonlyArray<string | null>
  /** Byte and line of the first of every {@link eventsPerMark} events, and how many events of its record came before it. Empty where the source can only be read from its beginning. */
  readonly marks: Float64Array<ArrayBuffer>
  readonly rejectedCount: number
  /** Events that were taken out of wrappings, of each kind. */
  readonly wrappings: ReadonlyArray<readonly [string, number]>
  readonly rejections: ReadonlyArray<Rejection>
  /** Events that have another topic, conversation or time than what is looked at. */
  readonly passedOver: number
}

// What is known of the topic of a group: nothing yet, that it is looked at, or that the names of its events decide.
const unknown = 0
const wanted = 1
const byName = 2

const backslash = 0x5c

/** Makes entries of the events that its scanner finds. */
export class EventTally implements IdentitySink {
  readonly scanner: IdentityScanner
  /** How many events there were so far in the source, from which each has its number. */
  count = 0
  private readonly topics: Array<number> = []
  private readonly hasWindow: boolean
  private readonly conversations: ReadonlyArray<Buffer>
  private entries = new EventEntries.Builder()
  private marks: Array<number> = []
  private rejections: Array<Rejection> = []
  private rejectedCount = 0
  private wrappings = new Wrappings()
  private passedOver = 0

  constructor(private readonly options: EventOptions) {
    this.scanner = new IdentityScanner(options.layout, this)
    this.conversations = options.conversations.map((id) => Buffer.from(id))
    this.hasWindow = options.startMs !== Number.NEGATIVE_INFINITY || options.endMs !== Number.POSITIVE_INFINITY
  }

  /** See {@link IdentitySink}. */
  identified(entry: IdentityEntry, line: number, byte: number, within: number): void {
    const number = this.count++
    if (number % eventsPerMark === 0) this.marks.push(byte, line - 1, within)
    if (
      (this.options.topics.length > 0 && !this.isWanted(entry)) ||
      (this.conversations.length > 0 && !this.isOfConversations(entry))
    ) {
      this.passedOver++
      return
    }
    const { timeMs } = entry
    let isOutside = false
    if (this.hasWindow) {
      if (Number.isNaN(timeMs)) {
        this.rejected(line, byte, "no event time, and only events of some time are looked at")
        return
      }
      isOutside = timeMs < this.options.startMs || timeMs >= this.options.endMs
      if (isOutside) {
        this.passedOver++
        // Where the time belongs to the identity, no copy of the event is inside. Else one may be, and must not be taken for another.
        if (entry.isTimeInBody && this.options.layout.key === undefined) return
      }
    }
    const ms = this.options.byEnvelope ? (EnvelopeTime.of(entry.bytes()) ?? timeMs) : timeMs
    this.entries.add(entry.hash, ms, number, entry.group, isOutside)
  }

  /** See {@link IdentitySink}. */
  rejected(line: number, byte: number | undefined, reason: string): void {
    this.rejectedCount++
    if (this.rejections.length < this.options.maxRejected) this.rejections.push({ line, byte, reason })
  }

  /** See {@link IdentitySink}. */
  unwrapped(wrapping: string): void {
    this.wrappings.add(wrapping)
  }

  /** Events that wait to be taken. */
  get held(): number {
    return this.entries.count
  }

  /** Whether records were rejected since the last time. */
  get hasRejections(): boolean {
    return this.rejectedCount > 0
  }

  /** What was found since the last time. */
  take(): EventsRead {
    const { marks, passedOver, rejectedCount, rejections } = this
    const wrappings = this.wrappings.entries()
    this.wrappings = new Wrappings()
    const events = this.entries.take()
    this.marks = []
    this.rejections = []
    this.rejectedCount = 0
    this.passedOver = 0
    return {
      events,
      groups: [...this.scanner.names],
      marks: Float64Array.from(marks),
      rejectedCount,
      wrappings,
      rejections,
      passedOver
    }
  }

  /** Another source begins: its events are numbered anew. */
  restart(): void {
    this.count = 0
  }

  private isWanted(entry: IdentityEntry): boolean {
    const known = this.topics[entry.group] ?? unknown
    if ((known === unknown ? this.decide(entry.group) : known) === wanted) return true
    const name = entry.topicName()
    return name !== undefined && this.isMatched(name)
  }

  private isOfConversations(entry: IdentityEntry): boolean {
    const { buffer, byteLength, byteOffset } = entry.bytes()
    const bytes = Buffer.from(buffer, byteOffset, byteLength)
    // Without an escape in it, an event that says an id has its letters somewhere; nearly all events have neither, and are not parsed.
    if (!bytes.includes(backslash) && !this.conversations.some((id) => bytes.includes(id))) return false
    return EventSelection.isOfConversation(this.options.conversations, JSON.parse(bytes.toString()))
  }

  private decide(group: number): number {
    const name = this.scanner.names[group] ?? null
    const topic = name !== null && this.isMatched(name) ? wanted : byName
    this.topics[group] = topic
    return topic
  }

  private isMatched(topic: string): boolean {
    return this.options.topics.some((pattern) => TopicMatch.matches(pattern, topic))
  }
}
