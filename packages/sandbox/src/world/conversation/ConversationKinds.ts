/** The kinds of conversations that a contact centre has, each drawn from a seed. */

import type { Organization } from "../Organization.js"
import type { SeededRandom } from "../SeededRandom.js"
import type {
  Addresses,
  Conversation,
  DisconnectType,
  MediaType,
  Participant,
  SegmentType,
  Session
} from "./Conversation.js"
import {
  answering,
  inFlow,
  type Part,
  participant,
  queued,
  type Setting,
  seconds,
  session
} from "./ConversationParts.js"
import * as SpecialCases from "./SpecialCases.js"

const phone = (random: SeededRandom): string => `tel:+1202555${String(random.int(0, 9_999)).padStart(4, "0")}`

const addressesOf = (random: SeededRandom, mediaType: MediaType): Addresses => {
  const customer = `customer-${random.int(1, 99_999)}@example.com`
  switch (mediaType) {
    case "voice":
      return { ani: phone(random), dnis: "tel:+12025550100" }
    case "email":
      return { addressFrom: customer, addressTo: "service@example.org", subject: `Case ${random.int(10_000, 99_999)}` }
    case "message":
      return {
        addressFrom: phone(random).slice("tel:".length),
        addressTo: "+12025550100",
        messageType: random.pick(["WEBMESSAGING", "WHATSAPP", "SMS"] as const)
      }
    default:
      return { addressFrom: customer, addressTo: "chat" }
  }
}

const inboundCall = (setting: Setting, from: number): Part => {
  const { random } = setting
  const leavesFor = random.chance(0.9) ? "queue" : "nowhere"
  const menu = inFlow(setting, "ivr", "inboundcall", from + random.int(50, 900), leavesFor)
  if (leavesFor === "nowhere") return menu
  const rest = queued(setting, menu.until + random.int(5, 90))
  return { ...rest, participants: [...menu.participants, ...rest.participants] }
}

const inboundMessage = (setting: Setting, from: number): Part => {
  const { random } = setting
  const [purpose, flowType] = random.chance(0.5)
    ? (["botflow", "bot"] as const)
    : (["workflow", "inboundshortmessage"] as const)
  const flow = inFlow(setting, purpose, flowType, from + random.int(50, 900), "queue")
  const rest = queued(setting, flow.until + random.int(5, 90))
  return { ...rest, participants: [...flow.participants, ...rest.participants] }
}

const inboundEmail = (setting: Setting, from: number): Part => {
  const flow = inFlow(setting, "workflow", "inboundemail", from + setting.random.int(50, 900), "queue")
  const rest = queued(setting, flow.until + setting.random.int(5, 90))
  return { ...rest, participants: [...flow.participants, ...rest.participants] }
}

/** A campaign's call: the customer is dialled, an agent or a flow is there. */
const campaignCall = (setting: Setting, from: number): Part => {
  const { random, organization } = setting
  return random.chance(0.8)
    ? answering(setting, random.pick(organization.users), random.pick(organization.queues).id, from, "peer")
    : inFlow(setting, "outbound", "outboundcall", from + random.int(50, 900), "nowhere")
}

/** A call between two users: nobody is a customer. */
const internalCall = (setting: Setting, from: number): Part => {
  const { customerSessionId, random, organization } = setting
  const [caller, called] = [random.pick(organization.users), random.pick(organization.users)]
  const answeredAt = from + seconds(random, 2, 15)
  const until = answeredAt + seconds(random, 10, 600)
  const side = (user: typeof caller, first: SegmentType, more: Partial<Session>, disconnectType: DisconnectType) =>
    participant(
      setting,
      "user",
      [
        session(
          setting,
          [
            { segmentType: first, from, until: answeredAt },
            { segmentType: "interact", from: answeredAt, until, disconnectType }
          ],
          more
        )
      ],
      { userId: user.id, name: user.name }
    )
  return {
    participants: [
      side(caller, "dialing", { id: customerSessionId, peerId: undefined }, "client"),
      side(called, "alert", {}, "peer")
    ],
    until,
    disconnectType: "client"
  }
}

interface Kind {
  readonly share: number
  readonly mediaType: MediaType
  readonly direction: Conversation["direction"]
  /** What happens after the customer is there. */
  readonly make: (setting: Setting, from: number) => Part
  readonly hasCustomer: boolean
}

const inbound = (share: number, mediaType: MediaType, make: Kind["make"]): Kind => ({
  share,
  mediaType,
  direction: "inbound",
  make,
  hasCustomer: true
})

const kinds = {
  call: inbound(0.52, "voice", inboundCall),
  message: inbound(0.2, "message", inboundMessage),
  email: inbound(0.1, "email", inboundEmail),
  chat: inbound(0.08, "chat", (setting, from) => queued(setting, from + setting.random.int(50, 900))),
  campaign: { share: 0.07, mediaType: "voice", direction: "outbound", make: campaignCall, hasCustomer: true },
  internal: { share: 0.03, mediaType: "voice", direction: "outbound", make: internalCall, hasCustomer: false }
} as const satisfies { readonly [name: string]: Kind }

const drawn = (random: SeededRandom): Kind => {
  let rest = random.next()
  for (const kind of Object.values<Kind>(kinds)) {
    rest -= kind.share
    if (rest < 0) return kind
  }
  return kinds.call
}

const customerOf = (setting: Setting, from: number, part: Part): Participant => {
  const { customerSessionId: id, random, outbound } = setting
  const until = part.until + random.int(0, 40)
  const disconnectType = part.disconnectType === "peer" ? "endpoint" : "peer"
  const answeredAt = from + seconds(random, 2, 20)
  const segments: Session["segments"] =
    outbound === undefined || answeredAt >= until
      ? [{ segmentType: "interact", from, until, disconnectType }]
      : [
          { segmentType: "dialing", from, until: answeredAt },
          { segmentType: "interact", from: answeredAt, until, disconnectType }
        ]
  return participant(setting, "customer", [session(setting, segments, { id, peerId: undefined, outbound })], {
    externalContactId: random.chance(0.6) ? random.uuid() : undefined
  })
}

/** The latest that a conversation goes on after its start, but for what {@link SpecialCases} leaves open. Milliseconds. */
export const longestMs = { ordinary: 3 * 3_600_000, long: 60 * 3_600_000 }

/** A conversation that starts at `startedAt`. Equal draws, equal conversations. */
export const make = (
  organization: Organization,
  random: SeededRandom,
  startedAt: number,
  isLong: boolean
): Conversation => {
  const kind = isLong ? random.pick([kinds.message, kinds.email] as const) : drawn(random)
  const id = random.uuid()
  const campaign = random.pick(organization.campaigns)
  const setting: Setting = {
    organization,
    random,
    mediaType: kind.mediaType,
    direction: kind.direction,
    customerSessionId: random.uuid(),
    isLong,
    outbound:
      kind.direction === "outbound" && kind.hasCustomer
        ? { campaignId: campaign.id, contactListId: campaign.contactListId, contactId: random.uuid() }
        : undefined
  }
  const part = kind.make(setting, startedAt)
  const conversation: Conversation = {
    id,
    startedAt,
    endedAt: part.until + 40,
    direction: kind.direction,
    divisionId: organization.divisionId,
    addresses: addressesOf(random, kind.mediaType),
    participants: kind.hasCustomer ? [customerOf(setting, startedAt, part), ...part.participants] : part.participants
  }
  return SpecialCases.apply(conversation, setting)
}
