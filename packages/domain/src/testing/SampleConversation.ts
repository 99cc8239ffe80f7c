/**
 * A conversation, for tests: its record as Genesys Cloud's analytics keeps it, and its events, one of each topic that conversations have. A
 * campaign calls a customer; a flow takes the call, a queue, an agent, and in the end a voicemail box. All of it is invented.
 */
import type { ConversationTopic } from "../conversation/ConversationTopic.js"
import { idOf, isoOf, ofConversation, type SampleEvent } from "./SampleEvent.js"

/** When it begins, in milliseconds since 1970: 2026-03-02T09:00:00Z. It lasts 190 seconds. */
export const startMs = 1_772_442_000_000

/** When it ends. */
export const endMs = startMs + 190_000

const id = (name: string): string => idOf(`sample conversation: ${name}`)

/** Its id. */
export const conversationId = id("conversation")

const queueId = id("queue")
const divisionId = id("division")
const userId = id("user")
const wrapupCode = id("wrap-up code")
const flow = { flowId: id("flow"), flowVersion: "7.0" }
const flowOutcomeId = id("flow outcome")
const contact = {
  outboundCampaignId: id("campaign"),
  outboundContactListId: id("contact list"),
  outboundContactId: id("contact")
}
const externalContactId = id("external contact")

const parts = ["customer", "outbound", "acd", "agent", "voicemail"] as const

type Part = (typeof parts)[number]

const idsOf = (part: Part) => ({ participantId: id(`${part} participant`), sessionId: id(`${part} session`) })

const common = {
  mediaType: "VOICE",
  provider: "Edge",
  direction: "OUTBOUND",
  ani: "tel:+12025550100",
  dnis: "tel:+12025550177"
}

const event = (topic: ConversationTopic, afterMs: number, part: Part, body: Readonly<Record<string, unknown>>) =>
  ofConversation(topic, conversationId, startMs + afterMs, { ...idsOf(part), ...common, ...body })

const customer = { externalContactId, divisionId }
const ofFlow = { flowType: "OUTBOUNDCALL", ...flow, divisionId }
const ofUser = { userId, queueId, divisionId }

/** Its events in the order in which they happened. */
export const events: ReadonlyArray<SampleEvent> = [
  event("customer.start", 0, "customer", customer),
  event("outbound", 0, "customer", { ...contact, divisionId }),
  event("flow.start", 400, "outbound", ofFlow),
  // The one that has no session.
  ofConversation("attributes", conversationId, startMs + 5_000, {
    participantId: idsOf("customer").participantId,
    organizationId: id("organization"),
    communications: [{ id: idsOf("customer").sessionId, mediaType: "VOICE" }],
    attributes: { language: "en", consent: "yes" }
  }),
  event("contact", 6_000, "customer", {
    externalContactId,
    externalOrganizationId: id("external organization"),
    divisionId
  }),
  event("flow.outcome", 20_900, "outbound", {
    ...ofFlow,
    flowOutcomeId,
    flowOutcomeStartTime: startMs + 2_000,
    flowOutcomeEndTime: startMs + 20_500,
    flowOutcomeValue: "SUCCESS",
    flowMilestones: [{ milestoneId: id("milestone"), milestoneTime: startMs + 12_000 }]
  }),
  event("flow.end", 21_000, "outbound", {
    ...ofFlow,
    disconnectType: "TRANSFER",
    connectedDurationMs: 20_600,
    exitReason: "TRANSFER",
    transferType: "ACD"
  }),
  event("acd.start", 21_040, "acd", { queueId, divisionId, routingPriority: 0, requestedRoutingSkillIds: [] }),
  event("user.start", 24_000, "agent", ofUser),
  event("acd.end", 27_000, "acd", {
    disconnectType: "TRANSFER",
    queueId,
    divisionId,
    acdOutcome: "ANSWERED",
    answeredUserId: userId,
    requestedRoutings: ["STANDARD"],
    usedRouting: "STANDARD",
    routingPriority: 0,
    connectedDurationMs: 5_960,
    flowType: "inqueuecall"
  }),
  event("user.end", 152_000, "agent", {
    ...ofUser,
    disconnectType: "TRANSFER",
    interactingDurationMs: 125_000,
    heldDurationMs: 0,
    alertingDurationMs: 3_000,
    contactingDurationMs: 0,
    dialingDurationMs: 0,
    callbackDurationMs: 0
  }),
  event("voicemail.start", 152_400, "voicemail", ofUser),
  event("acw", 182_000, "agent", { userId, queueId, wrapupCode, wrapupDurationMs: 30_000 }),
  event("wrapup", 182_000, "agent", { queueId, wrapupCode, wrapupDurationMs: 30_000 }),
  event("voicemail.end", 190_000, "voicemail", { ...ofUser, disconnectType: "ENDPOINT", voicemailDurationMs: 37_600 }),
  event("customer.end", 190_000, "customer", {
    ...customer,
    disconnectType: "ENDPOINT",
    interactingDurationMs: 190_000
  })
]

const segment = (segmentType: string, fromMs: number, toMs: number, more: Readonly<Record<string, unknown>> = {}) => ({
  segmentStart: isoOf(startMs + fromMs),
  segmentEnd: isoOf(startMs + toMs),
  segmentType,
  conference: false,
  ...more
})

const participant = (
  purpose: Part,
  segments: ReadonlyArray<ReturnType<typeof segment>>,
  more: Readonly<Record<string, unknown>> = {},
  session: Readonly<Record<string, unknown>> = {}
) => {
  const { participantId, sessionId } = idsOf(purpose)
  return {
    participantId,
    purpose,
    ...more,
    sessions: [
      { sessionId, mediaType: "voice", direction: "outbound", provider: "Edge", ...session, segments, metrics: [] }
    ]
  }
}

/** Its record: every event that it makes one expect is among {@link events}. */
export const record = {
  conversationId,
  conversationStart: isoOf(startMs),
  conversationEnd: isoOf(endMs),
  originatingDirection: "outbound",
  divisionIds: [divisionId],
  participants: [
    participant(
      "customer",
      [segment("interact", 0, 190_000, { disconnectType: "endpoint" })],
      { externalContactId },
      contact
    ),
    participant(
      "outbound",
      [segment("ivr", 400, 21_000, { disconnectType: "transfer" })],
      {},
      {
        flow: {
          ...flow,
          flowType: "outboundcall",
          exitReason: "TRANSFER",
          transferType: "ACD",
          outcomes: [
            {
              flowOutcomeId,
              flowOutcomeValue: "SUCCESS",
              flowOutcomeStartTimestamp: isoOf(startMs + 2_000),
              flowOutcomeEndTimestamp: isoOf(startMs + 20_500)
            }
          ]
        }
      }
    ),
    participant("acd", [segment("interact", 21_040, 27_000, { queueId, disconnectType: "transfer" })]),
    participant(
      "agent",
      [
        segment("alert", 24_000, 27_000, { queueId }),
        segment("interact", 27_000, 152_000, { queueId, disconnectType: "transfer" }),
        segment("wrapup", 152_000, 182_000, { queueId, wrapUpCode: wrapupCode })
      ],
      { userId }
    ),
    participant("voicemail", [segment("voicemail", 152_400, 190_000, { queueId, disconnectType: "endpoint" })], {
      userId
    })
  ]
}
