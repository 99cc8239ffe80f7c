/** What conversations are made of: the sessions of customers, flows, queues, voicemail boxes and agents. */
import { Array, Order } from "effect"
import type { Flow, Named, Organization } from "../Organization.js"
import type { SeededRandom } from "../SeededRandom.js"
import type {
  Conversation,
  DisconnectType,
  MediaType,
  OutboundContact,
  Outcome,
  Participant,
  Purpose,
  Segment,
  Session
} from "./Conversation.js"

/** What the parts of one conversation have in common. */
export interface Setting {
  readonly organization: Organization
  readonly random: SeededRandom
  readonly mediaType: MediaType
  readonly direction: Conversation["direction"]
  /** The session of the customer, the peer of all others. */
  readonly customerSessionId: string
  /** Whether it goes on over hours and days, with pauses. */
  readonly isLong: boolean
  readonly outbound?: OutboundContact | undefined
}

/** Some participants, and when the last of them was done with the customer. */
export interface Part {
  readonly participants: ReadonlyArray<Participant>
  readonly until: number
  readonly disconnectType: DisconnectType
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** Seconds from `least` to `most`, in milliseconds, to the millisecond. */
export const seconds = (random: SeededRandom, least: number, most: number): number =>
  random.int(least * second, most * second)

const providers: { readonly [mediaType in MediaType]: string } = {
  voice: "Edge",
  chat: "PureCloud Webchat v2",
  message: "PureCloud Messaging",
  email: "PureCloud Email",
  cobrowse: "PureCloud Cobrowse",
  screenshare: "PureCloud Screenshare"
}

/** A session of these segments. */
export const session = (
  { customerSessionId, random, direction, mediaType }: Setting,
  segments: ReadonlyArray<Segment>,
  more: Partial<Session> = {}
): Session => ({
  id: random.uuid(),
  mediaType,
  direction,
  provider: providers[more.mediaType ?? mediaType],
  peerId: customerSessionId,
  ...more,
  segments
})

/** A participant with these sessions. */
export const participant = (
  { random }: Setting,
  purpose: Purpose,
  sessions: ReadonlyArray<Session>,
  more: Partial<Participant> = {}
): Participant => ({ id: random.uuid(), purpose, ...more, sessions })

const outcomes = (random: SeededRandom, flow: Flow, from: number, until: number): ReadonlyArray<Outcome> =>
  flow.outcomes
    .filter(() => random.chance(0.4))
    .map(({ id }) => {
      const began = random.int(from, until)
      const ended = random.int(began, until)
      return {
        id,
        value: random.chance(0.8) ? "SUCCESS" : "FAILURE",
        from: began,
        until: ended,
        // Most are reported when the flow ends, some later.
        reportedAt: random.chance(0.8) ? until : until + seconds(random, 1, 89)
      }
    })

/** A conversation in a flow. */
export const inFlow = (
  setting: Setting,
  purpose: Purpose,
  flowType: Flow["flowType"],
  from: number,
  leavesFor: "queue" | "nowhere"
): Part => {
  const { random, organization } = setting
  const flow = organization.flows[flowType]
  const until = from + seconds(random, 2, purpose === "workflow" ? 10 : 110)
  const disconnectType = leavesFor === "queue" ? "transfer" : random.pick(["endpoint", "system"] as const)
  const segmentType = purpose === "ivr" || purpose === "outbound" ? "ivr" : "system"
  const inside = session(setting, [{ segmentType, from, until, disconnectType }], {
    flow: {
      flowId: flow.id,
      flowType: flow.flowType,
      flowVersion: flow.version,
      exitReason: leavesFor === "queue" ? "TRANSFER" : "DISCONNECT",
      transferType: leavesFor === "queue" ? "ACD" : undefined,
      milestoneId: flow.milestoneId,
      outcomes: outcomes(random, flow, from, until)
    }
  })
  return { participants: [participant(setting, purpose, [inside])], until, disconnectType }
}

/** What an agent does between answering and hanging up: talks, holds, or leaves a message lying for a while. */
const interacting = (setting: Setting, queueId: string | undefined, from: number, until: number): Array<Segment> => {
  const { random, mediaType } = setting
  const pause = mediaType === "message" || mediaType === "email" ? "parked" : mediaType === "voice" ? "hold" : undefined
  const pauses = pause === undefined || !random.chance(setting.isLong ? 1 : 0.35) ? 0 : random.int(1, 2)
  const cuts = Array.sort(
    Array.range(1, pauses * 2)
      .slice(0, pauses * 2)
      .map(() => random.int(from, until)),
    Order.number
  )
  const bounds = [from, ...cuts, until]
  return bounds.slice(1).map((end, place) => ({
    segmentType: place % 2 === 1 && pause !== undefined ? pause : "interact",
    from: bounds[place] ?? from,
    until: end,
    queueId
  }))
}

const longest: { readonly [mediaType in MediaType]: number } = {
  voice: 12 * minute,
  chat: 20 * minute,
  message: 40 * minute,
  email: 40 * minute,
  cobrowse: 10 * minute,
  screenshare: 10 * minute
}

/** An agent who answers, and what they do afterwards. */
export const answering = (
  setting: Setting,
  user: Named,
  queueId: string | undefined,
  alertedAt: number,
  disconnectType: DisconnectType
): Part & { readonly answeredAt: number } => {
  const { random, isLong, mediaType, organization } = setting
  const answeredAt = alertedAt + seconds(random, 1, 8)
  const until = answeredAt + (isLong ? random.int(2 * hour, 15 * hour) : random.int(20 * second, longest[mediaType]))
  const talk = interacting(setting, queueId, answeredAt, until)
  const wrapsUp = queueId !== undefined && random.chance(0.85)
  const opening: Segment =
    setting.outbound === undefined
      ? { segmentType: "alert", from: alertedAt, until: answeredAt, queueId }
      : { segmentType: "contacting", from: alertedAt, until: answeredAt, queueId }
  const segments = [
    opening,
    ...talk.map((one, place) => (place === talk.length - 1 ? { ...one, disconnectType } : one)),
    ...(wrapsUp
      ? [
          {
            segmentType: "wrapup" as const,
            from: until,
            until: until + seconds(random, 2, 170),
            queueId,
            wrapUpCode: random.pick(organization.wrapUpCodes).id
          }
        ]
      : [])
  ]
  const agent = participant(setting, "agent", [session(setting, segments, { outbound: setting.outbound })], {
    userId: user.id,
    name: user.name
  })
  return { participants: [agent], until, answeredAt, disconnectType }
}

/** An agent whose phone rings in vain, or who declines. */
const unanswering = (setting: Setting, queueId: string, from: number): Part => {
  const { random, organization } = setting
  const user = random.pick(organization.users)
  const disconnectType = random.chance(0.8) ? "noAnswerTransfer" : "client"
  const until = from + seconds(random, 1, 20)
  const rung = session(setting, [{ segmentType: "alert", from, until, queueId, disconnectType }])
  const agent = participant(setting, "agent", [rung], { userId: user.id, name: user.name })
  return { participants: [agent], until, disconnectType }
}

const waiting = (
  setting: Setting,
  queueId: string,
  from: number,
  until: number,
  disconnectType: DisconnectType
): Participant => {
  const { random, organization } = setting
  const flow = organization.flows.inqueuecall
  const own: Partial<Session> =
    setting.mediaType === "voice" && random.chance(0.3)
      ? {
          flow: {
            flowId: flow.id,
            flowType: flow.flowType,
            flowVersion: flow.version,
            exitReason: "TRANSFER",
            milestoneId: flow.milestoneId,
            outcomes: []
          }
        }
      : {}
  return participant(setting, "acd", [
    session(setting, [{ segmentType: "interact", from, until, queueId, disconnectType }], own)
  ])
}

const intoVoicemail = (setting: Setting, queueId: string, from: number): Part => {
  const until = from + seconds(setting.random, 5, 90)
  const disconnectType = "endpoint"
  const box = session(setting, [{ segmentType: "voicemail", from, until, queueId, disconnectType }])
  return { participants: [participant(setting, "voicemail", [box])], until, disconnectType }
}

/** How a stay in a queue goes on. */
const next = ({ random, mediaType }: Setting, transfersLeft: number) => {
  const draw = random.next()
  if (draw < 0.07 && mediaType !== "email") return "abandoned"
  if (draw < 0.12 && mediaType === "voice") return "voicemail"
  return draw > 0.85 && transfersLeft > 0 ? "transferred" : "answered"
}

/** A queue, the agents who ring in vain, the one who answers, and the queues and users that they transfer to. */
export const queued = (setting: Setting, from: number, transfersLeft = 2): Part => {
  const { random, organization } = setting
  const queueId = random.pick(organization.queues).id
  const goesOn = next(setting, transfersLeft)
  const vain: Array<Participant> = []
  let at = from + seconds(random, 1, 20)
  for (let rung = 0; rung < 2 && random.chance(0.2); rung++) {
    const part = unanswering(setting, queueId, at)
    vain.push(...part.participants)
    at = part.until + seconds(random, 0, 2)
  }
  if (goesOn === "abandoned") {
    const until = at + seconds(random, 1, 60)
    return {
      participants: [waiting(setting, queueId, from, until, "endpoint"), ...vain],
      until,
      disconnectType: "endpoint"
    }
  }
  if (goesOn === "voicemail") {
    const part = intoVoicemail(setting, queueId, at)
    return { ...part, participants: [waiting(setting, queueId, from, at, "transfer"), ...vain, ...part.participants] }
  }
  const ending = goesOn === "transferred" ? "transfer" : random.pick(["peer", "client"] as const)
  const agent = answering(setting, random.pick(organization.users), queueId, at, ending)
  const here = [waiting(setting, queueId, from, agent.answeredAt, "transfer"), ...vain, ...agent.participants]
  if (goesOn === "answered") return { ...agent, participants: here }
  const then = random.chance(0.3)
    ? answering(setting, random.pick(organization.users), undefined, agent.until, "peer")
    : queued(setting, agent.until, transfersLeft - 1)
  return { ...then, participants: [...here, ...then.participants] }
}
