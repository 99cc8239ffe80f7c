/**
 * What happened in a session, as its events tell of it. Bodies as the topics' schemas and real events have them.
 */

import type { EventBody } from "../PlatformEvent.js"
import type { SeededRandom } from "../SeededRandom.js"
import {
  type Conversation,
  type DisconnectType,
  durationOf,
  endOf,
  type Participant,
  type Segment,
  type Session,
  startOf
} from "./Conversation.js"

/** Something that happened in a session, before it is an event: when, under which ending of the topic, and what is said of it. */
export interface Happening {
  readonly kind: string
  readonly at: number
  readonly body: EventBody
}

/** A session, and whose it is. */
export interface Scene {
  readonly conversation: Conversation
  readonly participant: Participant
  readonly session: Session
  readonly random: SeededRandom
}

const inCapitals = (type: DisconnectType): string => type.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()

const disconnectOf = (segments: ReadonlyArray<Segment>): EventBody => {
  const type = segments.findLast(({ disconnectType }) => disconnectType !== undefined)?.disconnectType
  return type === undefined ? {} : { disconnectType: inCapitals(type) }
}

const queueOf = ({ segments }: Session): EventBody => {
  const queueId = segments.find((segment) => segment.queueId !== undefined)?.queueId
  return queueId === undefined ? {} : { queueId }
}

const happened = (kind: string, at: number | undefined, body: EventBody): ReadonlyArray<Happening> =>
  at === undefined ? [] : [{ kind, at, body }]

/** Of a customer. */
export const ofCustomer = ({ conversation, participant, session }: Scene): ReadonlyArray<Happening> => {
  const { externalContactId } = participant
  const body = {
    ...(externalContactId === undefined ? {} : { externalContactId }),
    divisionId: conversation.divisionId
  }
  const end = {
    ...body,
    ...disconnectOf(session.segments),
    interactingDurationMs: durationOf(session, "interact", "sharing")
  }
  return [
    ...happened("customer.start", startOf(session), body),
    ...happened("customer.end", endOf(session.segments), end)
  ]
}

const acdOutcomes = new Map<string | undefined, string>([
  ["transfer", "ANSWERED"],
  ["endpoint", "ABANDON"]
])

/** Of a queue. */
export const ofQueue = ({ conversation, session }: Scene): ReadonlyArray<Happening> => {
  const { divisionId, participants } = conversation
  const until = endOf(session.segments)
  const answered = participants.find(
    (one) =>
      one.purpose === "agent" &&
      one.sessions.some(({ segments }) =>
        segments.some(({ from, segmentType }) => segmentType !== "alert" && from === until)
      )
  )
  const isVoicemail = participants.some(
    ({ purpose, sessions }) => purpose === "voicemail" && sessions.some((one) => startOf(one) === until)
  )
  const disconnectType = session.segments.at(-1)?.disconnectType
  const end = {
    ...disconnectOf(session.segments),
    ...queueOf(session),
    divisionId,
    acdOutcome: isVoicemail ? "FLOW_OUT" : (acdOutcomes.get(disconnectType) ?? "UNKNOWN"),
    ...(answered?.userId === undefined ? {} : { answeredUserId: answered.userId }),
    requestedRoutings: ["STANDARD"],
    ...(answered === undefined ? {} : { usedRouting: "STANDARD" }),
    routingPriority: 0,
    connectedDurationMs: durationOf(session, "interact"),
    // In small letters here, in capitals in the events of a flow: so it was seen.
    flowType: "inqueuecall"
  }
  const start = { ...queueOf(session), divisionId, routingPriority: 0, requestedRoutingSkillIds: [] }
  return [...happened("acd.start", startOf(session), start), ...happened("acd.end", until, end)]
}

const ofWrapUp = ({ random, participant, session }: Scene): ReadonlyArray<Happening> => {
  const segment = session.segments.find(({ segmentType }) => segmentType === "wrapup")
  if (segment?.until === undefined || participant.purpose !== "agent") return []
  const wrapUp = {
    ...queueOf(session),
    ...(segment.wrapUpCode === undefined ? {} : { wrapupCode: segment.wrapUpCode }),
    ...(random.chance(0.1) ? { wrapupNotes: random.pick(["called back", "see ticket", 'said "later"'] as const) } : {}),
    wrapupDurationMs: segment.until - segment.from
  }
  return [
    ...happened("acw", segment.until, { userId: participant.userId, ...wrapUp }),
    // Which sessions have it is not known: no record says.
    ...(random.chance(0.3) ? happened("wrapup", segment.until, wrapUp) : [])
  ]
}

/** Of an agent or a user, also of one who only rang. */
export const ofUser = (scene: Scene): ReadonlyArray<Happening> => {
  const { conversation, participant, session } = scene
  const handling = session.segments.filter(({ segmentType }) => segmentType !== "wrapup")
  const body = { userId: participant.userId, ...queueOf(session), divisionId: conversation.divisionId }
  const end = {
    ...body,
    ...disconnectOf(handling),
    interactingDurationMs: durationOf(session, "interact"),
    heldDurationMs: durationOf(session, "hold"),
    alertingDurationMs: durationOf(session, "alert"),
    contactingDurationMs: durationOf(session, "contacting"),
    dialingDurationMs: durationOf(session, "dialing"),
    callbackDurationMs: 0
  }
  return [
    ...happened("user.start", startOf(session), body),
    ...happened("user.end", endOf(handling), end),
    ...ofWrapUp(scene)
  ]
}

/** Of a flow, where the session went through one. */
export const ofFlow = ({ conversation, session }: Scene): ReadonlyArray<Happening> => {
  const { flow } = session
  if (flow === undefined) return []
  const flowType = flow.flowType.toUpperCase()
  const { flowId, flowVersion } = flow
  const { divisionId } = conversation
  const end = {
    flowType,
    flowId,
    divisionId,
    flowVersion,
    ...disconnectOf(session.segments),
    connectedDurationMs: durationOf(session, "ivr", "system", "interact"),
    exitReason: flow.exitReason,
    ...(flow.transferType === undefined ? {} : { transferType: flow.transferType })
  }
  return [
    ...happened("flow.start", startOf(session), { flowType, flowId, divisionId, flowVersion }),
    ...flow.outcomes.flatMap(({ from, id, reportedAt, until, value }) =>
      happened("flow.outcome", reportedAt, {
        flowType,
        flowId,
        flowVersion,
        divisionId,
        flowOutcomeId: id,
        flowOutcomeStartTime: from,
        flowOutcomeEndTime: until,
        flowOutcomeValue: value,
        flowMilestones: [{ milestoneId: flow.milestoneId, milestoneTime: from }]
      })
    ),
    ...happened("flow.end", endOf(session.segments), end)
  ]
}

/** Of voicemail, where somebody left one. */
export const ofVoicemail = ({ conversation, participant, session }: Scene): ReadonlyArray<Happening> =>
  session.segments
    .filter(({ segmentType }) => segmentType === "voicemail")
    .flatMap((segment) => {
      const body = {
        ...(participant.userId === undefined ? {} : { userId: participant.userId }),
        ...queueOf(session),
        divisionId: conversation.divisionId
      }
      return [
        ...happened("voicemail.start", segment.from, body),
        ...happened("voicemail.end", segment.until, {
          ...body,
          ...disconnectOf([segment]),
          voicemailDurationMs: (segment.until ?? segment.from) - segment.from
        })
      ]
    })

/** Of a campaign, where the session belongs to one. */
export const ofOutbound = ({ conversation, session }: Scene): ReadonlyArray<Happening> =>
  session.outbound === undefined
    ? []
    : happened("outbound", startOf(session), {
        outboundCampaignId: session.outbound.campaignId,
        outboundContactListId: session.outbound.contactListId,
        outboundContactId: session.outbound.contactId,
        divisionId: conversation.divisionId
      })
