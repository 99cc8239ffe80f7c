/**
 * The events `v2.detail.events.conversation.{id}.…` of a conversation: sixteen topics, their bodies as the topics' schemas and real
 * events have them.
 */

import { Dice } from "../Dice.js"
import type { Organization } from "../Organization.js"
import * as PlatformEvent from "../PlatformEvent.js"
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

type Body = PlatformEvent.EventBody

/** Something that happened in a session, before it is an event: when, under which ending of the topic, and what is said of it. */
interface Happening {
  readonly kind: string
  readonly at: number
  readonly body: Body
}

interface Scene {
  readonly conversation: Conversation
  readonly participant: Participant
  readonly session: Session
  readonly dice: Dice
}

const inCapitals = (type: DisconnectType): string => type.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()

const disconnectOf = (segments: ReadonlyArray<Segment>): Body => {
  const type = segments.findLast(({ disconnectType }) => disconnectType !== undefined)?.disconnectType
  return type === undefined ? {} : { disconnectType: inCapitals(type) }
}

const queueOf = ({ segments }: Session): Body => {
  const queueId = segments.find((segment) => segment.queueId !== undefined)?.queueId
  return queueId === undefined ? {} : { queueId }
}

/** What every detail event of a session says first. */
const common = ({ conversation, participant, session }: Scene, eventTime: number): Body => ({
  eventTime,
  conversationId: conversation.id,
  participantId: participant.id,
  sessionId: session.id,
  mediaType: session.mediaType.toUpperCase(),
  provider: session.provider,
  direction: session.direction.toUpperCase(),
  ...conversation.addresses
})

const happened = (kind: string, at: number | undefined, body: Body): ReadonlyArray<Happening> =>
  at === undefined ? [] : [{ kind, at, body }]

const ofCustomer = ({ conversation, participant, session }: Scene): ReadonlyArray<Happening> => {
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

const ofQueue = ({ conversation, session }: Scene): ReadonlyArray<Happening> => {
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

const ofWrapUp = ({ dice, participant, session }: Scene): ReadonlyArray<Happening> => {
  const segment = session.segments.find(({ segmentType }) => segmentType === "wrapup")
  if (segment?.until === undefined || participant.purpose !== "agent") return []
  const wrapUp = {
    ...queueOf(session),
    ...(segment.wrapUpCode === undefined ? {} : { wrapupCode: segment.wrapUpCode }),
    ...(dice.chance(0.1) ? { wrapupNotes: dice.pick(["called back", "see ticket", 'said "later"'] as const) } : {}),
    wrapupDurationMs: segment.until - segment.from
  }
  return [
    ...happened("acw", segment.until, { userId: participant.userId, ...wrapUp }),
    // Which sessions have it is not known: no record says.
    ...(dice.chance(0.3) ? happened("wrapup", segment.until, wrapUp) : [])
  ]
}

const ofUser = (scene: Scene): ReadonlyArray<Happening> => {
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

const ofFlow = ({ conversation, session }: Scene): ReadonlyArray<Happening> => {
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

const ofVoicemail = ({ conversation, participant, session }: Scene): ReadonlyArray<Happening> =>
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

const ofOutbound = ({ conversation, session }: Scene): ReadonlyArray<Happening> =>
  session.outbound === undefined
    ? []
    : happened("outbound", startOf(session), {
        outboundCampaignId: session.outbound.campaignId,
        outboundContactListId: session.outbound.contactListId,
        outboundContactId: session.outbound.contactId,
        divisionId: conversation.divisionId
      })

/** Events of sessions of which no record tells whether they come: that of a queue with a flow, of somebody who listens in, … */
const isUncertain = ({ participant, session }: Scene): boolean =>
  participant.purpose === "external" ||
  session.mediaType === "cobrowse" ||
  session.mediaType === "screenshare" ||
  session.segments.some(
    ({ conference, segmentType }) =>
      conference === true || ["monitoring", "coaching", "barging", "screenmonitoring"].includes(segmentType)
  )

const byPurpose = (scene: Scene): ReadonlyArray<Happening> => {
  switch (scene.participant.purpose) {
    case "customer":
    case "external":
      return ofCustomer(scene)
    case "acd":
      return [...ofQueue(scene), ...(scene.dice.chance(0.5) ? ofFlow(scene) : [])]
    case "agent":
    case "user":
      return [...ofUser(scene), ...ofVoicemail(scene)]
    case "voicemail":
      return ofVoicemail(scene)
    default:
      return ofFlow(scene)
  }
}

const inSession = (scene: Scene): ReadonlyArray<PlatformEvent.PlatformEvent> => {
  const { conversation, dice } = scene
  const all = [...byPurpose(scene), ...ofOutbound(scene)]
  // Whether the platform sends events of such sessions is not known: here it sometimes does.
  const sent = isUncertain(scene) ? all.filter(() => dice.chance(0.5)) : all
  return sent.map(({ at, body, kind }) => {
    const ending = `.${kind}`
    return PlatformEvent.make(
      dice,
      at,
      `v2.detail.events.conversation.{id}${ending}`,
      `v2.detail.events.conversation.${conversation.id}${ending}`,
      { ...common(scene, at), ...body }
    )
  })
}

/** Events of the conversation that hang on no session of a record: its contact and its attributes. */
const beside = (
  organization: Organization,
  conversation: Conversation,
  dice: Dice
): ReadonlyArray<PlatformEvent.PlatformEvent> => {
  const [participant] = conversation.participants
  const session = participant?.sessions[0]
  if (participant === undefined || session === undefined) return []
  const made = (kind: string, at: number, body: Body) =>
    PlatformEvent.make(
      dice,
      at,
      `v2.detail.events.conversation.{id}.${kind}`,
      `v2.detail.events.conversation.${conversation.id}.${kind}`,
      body
    )
  const contactAt = conversation.startedAt + dice.int(100, 3_000)
  const attributesAt = conversation.startedAt + dice.int(1_000, 20_000)
  const contact = participant.externalContactId
  return [
    ...(contact !== undefined && dice.chance(0.5)
      ? [
          made("contact", contactAt, {
            ...common({ conversation, participant, session, dice }, contactAt),
            externalContactId: contact,
            divisionId: conversation.divisionId
          })
        ]
      : []),
    ...(dice.chance(0.5)
      ? [
          made("attributes", attributesAt, {
            conversationId: conversation.id,
            participantId: participant.id,
            eventTime: attributesAt,
            organizationId: organization.id,
            communications: [{ id: session.id, mediaType: session.mediaType.toUpperCase() }],
            attributes: {
              language: dice.pick(["de", "en", "fr", "ja"] as const),
              Kundennummer: `A-${dice.int(1, 999)}ä`,
              question: 'When does "my" order arrive?'
            }
          })
        ]
      : [])
  ]
}

/** Every event of a conversation, in no particular order. Equal conversations, equal events. */
export const ofConversation = (
  organization: Organization,
  conversation: Conversation
): ReadonlyArray<PlatformEvent.PlatformEvent> => {
  const dice = Dice.of(organization.seed, "events", conversation.id)
  return [
    ...conversation.participants.flatMap((participant) =>
      participant.sessions.flatMap((session) => inSession({ conversation, participant, session, dice }))
    ),
    ...beside(organization, conversation, dice)
  ]
}
