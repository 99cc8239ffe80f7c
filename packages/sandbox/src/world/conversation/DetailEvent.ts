/**
 * The events `v2.detail.events.conversation.{id}.…` of a conversation: sixteen topics, their bodies as the topics' schemas and real
 * events have them.
 */

import type { Organization } from "../Organization.js"
import * as PlatformEvent from "../PlatformEvent.js"
import { SeededRandom } from "../SeededRandom.js"
import type { Conversation } from "./Conversation.js"
import {
  type Happening,
  ofCustomer,
  ofFlow,
  ofOutbound,
  ofQueue,
  ofUser,
  ofVoicemail,
  type Scene
} from "./SessionEvents.js"

type Body = PlatformEvent.EventBody

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
      return [...ofQueue(scene), ...(scene.random.chance(0.5) ? ofFlow(scene) : [])]
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
  const { conversation, random } = scene
  const all = [...byPurpose(scene), ...ofOutbound(scene)]
  // Whether the platform sends events of such sessions is not known: here it sometimes does.
  const sent = isUncertain(scene) ? all.filter(() => random.chance(0.5)) : all
  return sent.map(({ at, body, kind }) => {
    const ending = `.${kind}`
    return PlatformEvent.make(
      random,
      at,
      `v2.detail.events.conversation.{id}${ending}`,
      `v2.detail.events.conversation.${conversation.id}${ending}`,
      // Half the cost of a spread, and a world has millions of them.
      Object.assign(common(scene, at), body)
    )
  })
}

/** Events of the conversation that hang on no session of a record: its contact and its attributes. */
const beside = (
  organization: Organization,
  conversation: Conversation,
  random: SeededRandom
): ReadonlyArray<PlatformEvent.PlatformEvent> => {
  const [participant] = conversation.participants
  const session = participant?.sessions[0]
  if (participant === undefined || session === undefined) return []
  const made = (kind: string, at: number, body: Body) =>
    PlatformEvent.make(
      random,
      at,
      `v2.detail.events.conversation.{id}.${kind}`,
      `v2.detail.events.conversation.${conversation.id}.${kind}`,
      body
    )
  const contactAt = conversation.startedAt + random.int(100, 3_000)
  const attributesAt = conversation.startedAt + random.int(1_000, 20_000)
  const contact = participant.externalContactId
  return [
    ...(contact !== undefined && random.chance(0.5)
      ? [
          made("contact", contactAt, {
            ...common({ conversation, participant, session, random }, contactAt),
            externalContactId: contact,
            divisionId: conversation.divisionId
          })
        ]
      : []),
    ...(random.chance(0.5)
      ? [
          made("attributes", attributesAt, {
            conversationId: conversation.id,
            participantId: participant.id,
            eventTime: attributesAt,
            organizationId: organization.id,
            communications: [{ id: session.id, mediaType: session.mediaType.toUpperCase() }],
            attributes: {
              language: random.pick(["de", "en", "fr", "ja"] as const),
              Kundennummer: `A-${random.int(1, 999)}ä`,
              question: 'When does "my" order arrive?'
            }
          })
        ]
      : [])
  ]
}

/** How long after the last that is known of a conversation an event of it may be sent, in milliseconds. */
export const latestMs = 120_000

/** Every event of a conversation, in no particular order. Equal conversations, equal events. */
export const ofConversation = (
  organization: Organization,
  conversation: Conversation
): ReadonlyArray<PlatformEvent.PlatformEvent> => {
  const random = SeededRandom.of(organization.seed, "events", conversation.id)
  return [
    ...conversation.participants.flatMap((participant) =>
      participant.sessions.flatMap((session) => inSession({ conversation, participant, session, random }))
    ),
    ...beside(organization, conversation, random)
  ]
}
