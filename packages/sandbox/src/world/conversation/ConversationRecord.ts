/** The record that analytics keeps of a conversation, as it stands at an instant. */
import {
  type Conversation,
  durationOf,
  endOf,
  type Participant,
  type Segment,
  type Session,
  type SessionFlow,
  startOf
} from "./Conversation.js"

/** Which version of a record. */
export interface Version {
  /** What happened later, in epoch milliseconds, is not in it yet. Unless told, everything is in it. */
  readonly asOf?: number
  /**
   * Whether it is still the version that the nightly run has not gone over: without flow outcomes, wrap-ups and the sessions of agents
   * who did not answer.
   */
  readonly isPreliminary?: boolean
}

/** A record. */
export type ConversationRecord = { readonly conversationId: string; readonly [key: string]: unknown }

const iso = (millis: number): string => new Date(millis).toISOString()

const optional = (key: string, value: unknown) => (value === undefined ? {} : { [key]: value })

const flowOf = (flow: SessionFlow, asOf: number) => {
  const outcomes = flow.outcomes.filter(({ until }) => until <= asOf)
  return {
    flowId: flow.flowId,
    flowType: flow.flowType,
    flowVersion: flow.flowVersion,
    exitReason: flow.exitReason,
    ...optional("transferType", flow.transferType),
    ...(outcomes.length === 0
      ? {}
      : {
          outcomes: outcomes.map(({ from, id, until, value }) => ({
            flowOutcomeId: id,
            flowOutcomeValue: value,
            flowOutcomeStartTimestamp: iso(from),
            flowOutcomeEndTimestamp: iso(until)
          }))
        })
  }
}

const segmentOf = ({ conference, disconnectType, from, queueId, segmentType, until, wrapUpCode }: Segment) => ({
  segmentStart: iso(from),
  ...optional("segmentEnd", until === undefined ? undefined : iso(until)),
  segmentType,
  conference: conference === true,
  ...optional("queueId", queueId),
  ...optional("disconnectType", disconnectType),
  ...optional("wrapUpCode", wrapUpCode)
})

const metric = (name: string, value: number, at: number) => ({ name, value, emitDate: iso(at) })

const timed = (session: Session, name: string, type: Segment["segmentType"]) => {
  const ended = endOf(session.segments.filter(({ segmentType }) => segmentType === type))
  return ended === undefined ? [] : [metric(name, durationOf(session, type), ended)]
}

const metricsOf = (purpose: Participant["purpose"], session: Session) => {
  switch (purpose) {
    case "acd":
      return [metric("nOffered", 1, startOf(session)), ...timed(session, "tAcd", "interact")]
    case "agent":
    case "user":
      return [...timed(session, "tTalkComplete", "interact"), ...timed(session, "tAcw", "wrapup")]
    case "customer":
      return [metric("nConnected", 1, startOf(session))]
    default:
      return timed(session, "tIvr", "ivr")
  }
}

/** What of a session is known at an instant: segments that had begun, ended ones as such. */
const known = (session: Session, { asOf = Number.POSITIVE_INFINITY, isPreliminary = false }: Version): Session => ({
  ...session,
  flow: isPreliminary && session.flow !== undefined ? { ...session.flow, outcomes: [] } : session.flow,
  segments: session.segments
    .filter(({ from, segmentType }) => from <= asOf && !(isPreliminary && segmentType === "wrapup"))
    .map((segment) =>
      segment.until === undefined || segment.until <= asOf
        ? segment
        : { ...segment, until: undefined, disconnectType: undefined, wrapUpCode: undefined }
    )
})

const rangInVain = ({ segments }: Session): boolean => segments.every(({ segmentType }) => segmentType === "alert")

const sessionOf = (
  { addresses }: Conversation,
  { purpose }: Participant,
  session: Session,
  { asOf = Number.POSITIVE_INFINITY }: Version
) => ({
  sessionId: session.id,
  mediaType: session.mediaType,
  direction: session.direction,
  provider: session.provider,
  ...optional("peerId", session.peerId),
  ...(purpose === "customer" ? addresses : {}),
  ...optional("outboundCampaignId", session.outbound?.campaignId),
  ...optional("outboundContactListId", session.outbound?.contactListId),
  ...optional("outboundContactId", session.outbound?.contactId),
  ...optional("flow", session.flow === undefined ? undefined : flowOf(session.flow, asOf)),
  segments: session.segments.map(segmentOf),
  metrics: metricsOf(purpose, session)
})

/** The record of a conversation. It has to have begun by then. */
export const make = (conversation: Conversation, version: Version = {}): ConversationRecord => {
  const { asOf = Number.POSITIVE_INFINITY, isPreliminary = false } = version
  const { direction, divisionId, endedAt, id, startedAt } = conversation
  const participants = conversation.participants.flatMap((participant) => {
    const sessions = participant.sessions
      .filter((session) => !(isPreliminary && rangInVain(session)))
      .map((session) => known(session, version))
      .filter(({ segments }) => segments.length > 0)
    return sessions.length === 0
      ? []
      : [
          {
            participantId: participant.id,
            ...optional("participantName", participant.name),
            purpose: participant.purpose,
            ...optional("userId", participant.userId),
            ...optional("externalContactId", participant.externalContactId),
            sessions: sessions.map((session) => sessionOf(conversation, participant, session, version))
          }
        ]
  })
  return {
    conversationId: id,
    conversationStart: iso(startedAt),
    ...optional("conversationEnd", endedAt === undefined || endedAt > asOf ? undefined : iso(endedAt)),
    originatingDirection: direction,
    divisionIds: [divisionId],
    participants
  }
}
