/**
 * A conversation as it really was. Both sides are made from it: the events that the platform sent, and the record that analytics
 * keeps. Instants are epoch milliseconds.
 */

/** What a session carries. */
export type MediaType = "voice" | "chat" | "message" | "email" | "cobrowse" | "screenshare"

/** Who began. */
export type Direction = "inbound" | "outbound"

/** What a participant is in a conversation, of the purposes that analytics knows. */
export type Purpose =
  | "acd"
  | "agent"
  | "botflow"
  | "customer"
  | "external"
  | "ivr"
  | "outbound"
  | "user"
  | "voicemail"
  | "workflow"

/** What happens in a segment, of the types that analytics knows. */
export type SegmentType =
  | "alert"
  | "barging"
  | "coaching"
  | "contacting"
  | "dialing"
  | "hold"
  | "interact"
  | "ivr"
  | "monitoring"
  | "parked"
  | "screenmonitoring"
  | "sharing"
  | "system"
  | "voicemail"
  | "wrapup"

/** How a session ended, as records write it; events write it in capitals. */
export type DisconnectType = "client" | "endpoint" | "noAnswerTransfer" | "peer" | "system" | "timeout" | "transfer"

/** A part of a session. */
export interface Segment {
  readonly segmentType: SegmentType
  readonly from: number
  /** None where it never ended. */
  readonly until: number | undefined
  readonly queueId?: string | undefined
  readonly disconnectType?: DisconnectType | undefined
  readonly wrapUpCode?: string | undefined
  readonly conference?: boolean | undefined
}

/** What a flow reported. */
export interface Outcome {
  readonly id: string
  readonly value: "SUCCESS" | "FAILURE"
  readonly from: number
  readonly until: number
  /** When the platform says so: some time after its end. */
  readonly reportedAt: number
}

/** A flow that a session went through. */
export interface SessionFlow {
  readonly flowId: string
  readonly flowType: string
  readonly flowVersion: string
  readonly exitReason: "TRANSFER" | "DISCONNECT"
  readonly transferType?: "ACD" | undefined
  readonly milestoneId: string
  readonly outcomes: ReadonlyArray<Outcome>
}

/** What an outbound session belongs to. */
export interface OutboundContact {
  readonly campaignId: string
  readonly contactListId: string
  readonly contactId: string
}

/** A participant's part on one medium. */
export interface Session {
  readonly id: string
  readonly mediaType: MediaType
  readonly direction: Direction
  readonly provider: string
  readonly peerId?: string | undefined
  readonly flow?: SessionFlow | undefined
  readonly outbound?: OutboundContact | undefined
  /** In order of time, one at least. */
  readonly segments: ReadonlyArray<Segment>
}

/** Who took part. */
export interface Participant {
  readonly id: string
  readonly purpose: Purpose
  readonly name?: string | undefined
  readonly userId?: string | undefined
  readonly externalContactId?: string | undefined
  readonly sessions: ReadonlyArray<Session>
}

/** Where it came from and to. */
export interface Addresses {
  readonly ani?: string
  readonly dnis?: string
  readonly addressFrom?: string
  readonly addressTo?: string
  readonly subject?: string
  readonly messageType?: string
}

/** A conversation. */
export interface Conversation {
  readonly id: string
  readonly startedAt: number
  /** None where it never ended. */
  readonly endedAt: number | undefined
  readonly direction: Direction
  readonly divisionId: string
  readonly addresses: Addresses
  readonly participants: ReadonlyArray<Participant>
}

/** When a session began. */
export const startOf = ({ segments }: Pick<Session, "segments">): number => segments[0]?.from ?? Number.NaN

/** When the last of some segments ended; none where one of them never did, or where there are none. */
export const endOf = (segments: ReadonlyArray<Segment>): number | undefined =>
  segments.reduce<number | undefined>(
    (latest, { until }) => (latest === undefined || until === undefined ? undefined : Math.max(latest, until)),
    segments.length === 0 ? undefined : Number.NEGATIVE_INFINITY
  )

/** How long the segments of some types lasted together, in milliseconds. */
export const durationOf = ({ segments }: Session, ...types: ReadonlyArray<SegmentType>): number =>
  segments.reduce(
    (sum, { from, segmentType, until }) => (types.includes(segmentType) ? sum + (until ?? from) - from : sum),
    0
  )
