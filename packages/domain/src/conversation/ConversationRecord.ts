/**
 * What analytics keeps of a conversation, as far as it tells which events must have come: who took part, in which sessions, in which
 * segments.
 *
 * Read tolerantly: unknown keys are passed over, what is absent is absent, ends may be open. A date that is no date is a finding, and the
 * segment that has it is marked. Loads nothing, so that threads which read records may use it. Source: `GET /api/v2/analytics/conversations/details/jobs/{id}/results` and the query beside it.
 */
import * as InstantText from "../value/InstantText.js"

/** A stretch of a session. Times in milliseconds since 1970; null where the record has none, as the end of one that goes on. */
export interface Segment {
  readonly startMs: number | null
  readonly endMs: number | null
  /** In lower case: `interact`, `wrapup`. */
  readonly segmentType: string
  readonly isConference: boolean
  /** Whether one of its dates is no date, so that its times are not known. */
  readonly hasUnreadableDate: boolean
}

/** An outcome that a flow came to. */
export interface FlowOutcome {
  readonly flowOutcomeId: string | null
  readonly endMs: number | null
  readonly hasUnreadableDate: boolean
}

/** A session of a participant. */
export interface Session {
  /** Null where the record has none. */
  readonly sessionId: string | null
  /** In lower case: `voice`, `message`. */
  readonly mediaType: string
  /** Whether it was dialled by a campaign. */
  readonly isOutbound: boolean
  /** Null where it was in no flow. */
  readonly outcomes: ReadonlyArray<FlowOutcome> | null
  readonly segments: ReadonlyArray<Segment>
}

/** Somebody, or something, that took part. */
export interface Participant {
  readonly participantId: string | null
  /** In lower case: `customer`, `acd`, `agent`. */
  readonly purpose: string
  readonly sessions: ReadonlyArray<Session>
}

/** Something in a record that cannot be read, and where it stands. The record counts all the same. */
export interface Finding {
  readonly conversationId: string
  /** `participants[0].sessions[1].segments[0].segmentEnd` */
  readonly path: string
  readonly message: string
}

/** See above. */
export interface ConversationRecord {
  readonly conversationId: string
  readonly startMs: number | null
  readonly endMs: number | null
  readonly participants: ReadonlyArray<Participant>
  readonly findings: ReadonlyArray<Finding>
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null)

const word = (value: unknown): string => (typeof value === "string" ? value.toLowerCase() : "")

/** A date as it was read: absent, unreadable, or milliseconds. */
type DateRead = number | null | "unreadable"

const known = (read: DateRead): number | null => (read === "unreadable" ? null : read)

/** Reads one record and notes what is odd in it. */
class RecordReader {
  readonly findings: Array<Finding> = []

  constructor(private readonly conversationId: string) {}

  note(path: string, message: string): void {
    this.findings.push({ conversationId: this.conversationId, path, message })
  }

  date(value: unknown, path: () => string): DateRead {
    if (value === undefined || value === null) return null
    const at = typeof value === "string" ? InstantText.toMs(value) : undefined
    if (at !== undefined) return at
    this.note(path(), `not a date: ${JSON.stringify(value)?.slice(0, 40)}`)
    return "unreadable"
  }

  /** The objects in a list; what is none is a finding. A list that is not there is empty. */
  list<A>(value: unknown, path: () => string, read: (fields: Fields, path: () => string) => A): ReadonlyArray<A> {
    if (value === undefined || value === null) return []
    if (!Array.isArray(value)) {
      this.note(path(), "not a list")
      return []
    }
    const found: Array<A> = []
    for (let index = 0; index < value.length; index++) {
      const entry: unknown = value[index]
      const place = () => `${path()}[${index}]`
      if (isFields(entry)) found.push(read(entry, place))
      else this.note(place(), "not an object")
    }
    return found
  }

  segment = (fields: Fields, path: () => string): Segment => {
    const start = this.date(fields["segmentStart"], () => `${path()}.segmentStart`)
    const end = this.date(fields["segmentEnd"], () => `${path()}.segmentEnd`)
    return {
      startMs: known(start),
      endMs: known(end),
      segmentType: word(fields["segmentType"]),
      isConference: fields["conference"] === true,
      hasUnreadableDate: start === "unreadable" || end === "unreadable"
    }
  }

  outcome = (fields: Fields, path: () => string): FlowOutcome => {
    const end = this.date(fields["flowOutcomeEndTimestamp"], () => `${path()}.flowOutcomeEndTimestamp`)
    return {
      flowOutcomeId: text(fields["flowOutcomeId"]),
      endMs: known(end),
      hasUnreadableDate: end === "unreadable"
    }
  }

  session = (fields: Fields, path: () => string): Session => {
    const flow = fields["flow"]
    return {
      sessionId: text(fields["sessionId"]),
      mediaType: word(fields["mediaType"]),
      isOutbound: text(fields["outboundCampaignId"]) !== null || text(fields["outboundContactId"]) !== null,
      outcomes: isFields(flow) ? this.list(flow["outcomes"], () => `${path()}.flow.outcomes`, this.outcome) : null,
      segments: this.list(fields["segments"], () => `${path()}.segments`, this.segment)
    }
  }

  participant = (fields: Fields, path: () => string): Participant => ({
    participantId: text(fields["participantId"]),
    purpose: word(fields["purpose"]),
    sessions: this.list(fields["sessions"], () => `${path()}.sessions`, this.session)
  })
}

/** A record, or why there is none. */
export type Reading =
  | { readonly _tag: "Record"; readonly record: ConversationRecord }
  | { readonly _tag: "Unreadable"; readonly reason: string }

const unreadable = (reason: string): Reading => ({ _tag: "Unreadable", reason: `no conversation record: ${reason}` })

/** Reads a parsed record, or says why it is none: no object, or without a `conversationId`. */
export const read = (value: unknown): Reading => {
  if (!isFields(value)) return unreadable("not a JSON object")
  const conversationId = text(value["conversationId"])
  if (conversationId === null) return unreadable("nothing at conversationId")
  const reader = new RecordReader(conversationId)
  const record = {
    conversationId,
    startMs: known(reader.date(value["conversationStart"], () => "conversationStart")),
    endMs: known(reader.date(value["conversationEnd"], () => "conversationEnd")),
    participants: reader.list(value["participants"], () => "participants", reader.participant),
    findings: reader.findings
  }
  return { _tag: "Record", record }
}

const latestOf = (so: number, at: number | null): number => (at !== null && at > so ? at : so)

/**
 * The latest instant that a record knows of, in milliseconds since 1970; −∞ where it knows none. Of two versions of a conversation the one
 * that knows of more is the later one.
 */
export const latestMs = ({ endMs, participants, startMs }: ConversationRecord): number => {
  let latest = latestOf(latestOf(Number.NEGATIVE_INFINITY, startMs), endMs)
  for (const { sessions } of participants)
    for (const { segments } of sessions)
      for (const segment of segments) latest = latestOf(latestOf(latest, segment.startMs), segment.endMs)
  return latest
}
