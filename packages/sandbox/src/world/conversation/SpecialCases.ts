/**
 * What happens to few conversations: somebody listens in, a conference, somebody from outside, a screen that is shared, an end that
 * never comes. Most of it makes sessions that cannot be judged.
 */
import { type Conversation, endOf, type Participant, type Segment, type SegmentType, startOf } from "./Conversation.js"
import { participant, type Setting, seconds, session } from "./ConversationParts.js"

type Case = (conversation: Conversation, setting: Setting) => Conversation

/** The stretch in which the last agent interacts; none where no agent did. */
const talkOf = ({ participants }: Conversation) =>
  participants
    .filter(({ purpose }) => purpose === "agent")
    .flatMap(({ sessions }) => sessions.flatMap(({ segments }) => segments))
    .findLast(({ segmentType }) => segmentType === "interact")

const joined = (conversation: Conversation, one: Participant): Conversation => ({
  ...conversation,
  participants: [...conversation.participants, one]
})

/** A supervisor who listens in, whispers or joins. */
const supervised: Case = (conversation, setting) => {
  const { random, organization } = setting
  const talk = talkOf(conversation)
  if (talk?.until === undefined) return conversation
  const segmentType = random.pick([
    "monitoring",
    "coaching",
    "barging",
    "screenmonitoring"
  ] as const satisfies SegmentType[])
  const from = random.int(talk.from, talk.until)
  const user = random.pick(organization.users)
  const own = session(setting, [{ segmentType, from, until: talk.until, disconnectType: "client" }])
  return joined(conversation, participant(setting, "user", [own], { userId: user.id, name: user.name }))
}

/** A second agent who is taken into the talk: customer and both agents are then in a conference. */
const conferred: Case = (conversation, setting) => {
  const { random, organization } = setting
  const talk = talkOf(conversation)
  if (talk?.until === undefined) return conversation
  const from = random.int(talk.from, talk.until)
  const user = random.pick(organization.users)
  const inConference = (segment: Segment): Segment =>
    segment === talk || (segment.segmentType === "interact" && segment.from <= from && (segment.until ?? from) >= from)
      ? { ...segment, conference: true }
      : segment
  const participants = conversation.participants.map(
    (one): Participant =>
      one.purpose === "agent" || one.purpose === "customer"
        ? { ...one, sessions: one.sessions.map((own) => ({ ...own, segments: own.segments.map(inConference) })) }
        : one
  )
  const own = session(setting, [
    { segmentType: "interact", from, until: talk.until, conference: true, disconnectType: "peer" }
  ])
  const second = participant(setting, "agent", [own], { userId: user.id, name: user.name })
  return joined({ ...conversation, participants }, second)
}

/** Somebody outside of the organization whom an agent calls in. */
const withOutsider: Case = (conversation, setting) => {
  const talk = talkOf(conversation)
  if (talk?.until === undefined) return conversation
  const from = setting.random.int(talk.from, talk.until)
  const own = session(setting, [{ segmentType: "interact", from, until: talk.until, disconnectType: "endpoint" }], {
    direction: "outbound"
  })
  return joined(conversation, participant(setting, "external", [own]))
}

/** A customer who shows their screen. */
const shared: Case = (conversation, setting) => {
  const { random } = setting
  const talk = talkOf(conversation)
  if (talk?.until === undefined) return conversation
  const from = random.int(talk.from, talk.until)
  const mediaType = random.pick(["cobrowse", "screenshare"] as const)
  const own = session(setting, [{ segmentType: "sharing", from, until: talk.until, disconnectType: "client" }], {
    mediaType
  })
  const [first, ...rest] = conversation.participants
  return first === undefined
    ? conversation
    : { ...conversation, participants: [{ ...first, sessions: [...first.sessions, own] }, ...rest] }
}

const endless = (segments: ReadonlyArray<Segment>): ReadonlyArray<Segment> =>
  segments.map((segment, place) =>
    place === segments.length - 1 ? { ...segment, until: undefined, disconnectType: undefined } : segment
  )

/** Nobody ever hangs up: the customer's session and the last agent's stay open, or that agent's wrap-up does. */
const leftOpen: Case = (conversation, { random }) => {
  const last = conversation.participants.findLast(({ purpose }) => purpose === "agent" || purpose === "user")
  const wrapUpOnly = random.chance(0.3)
  const isWrappingUp = last?.sessions.some(({ segments }) => segments.at(-1)?.segmentType === "wrapup") === true
  if (wrapUpOnly && !isWrappingUp) return conversation
  const participants = conversation.participants.map((one): Participant => {
    const stays = one === last || (one.purpose === "customer" && !wrapUpOnly)
    if (!stays) return one
    return {
      ...one,
      sessions: one.sessions.map((own) => ({
        ...own,
        segments: endless(
          wrapUpOnly ? own.segments : own.segments.filter(({ segmentType }) => segmentType !== "wrapup")
        )
      }))
    }
  })
  return { ...conversation, endedAt: wrapUpOnly ? conversation.endedAt : undefined, participants }
}

/** A user's own voicemail box, behind a call that they do not take. */
const mailboxed: Case = (conversation, setting) => {
  const { random, organization } = setting
  const first = conversation.participants[0]
  const customer = first?.sessions[0]
  if (
    setting.mediaType !== "voice" ||
    setting.direction === "outbound" ||
    first?.purpose !== "customer" ||
    customer === undefined
  )
    return conversation
  const from = startOf(customer)
  const ringsUntil = from + seconds(random, 5, 25)
  const until = ringsUntil + seconds(random, 5, 60)
  const user = random.pick(organization.users)
  const segments: ReadonlyArray<Segment> = [
    { segmentType: "alert", from, until: ringsUntil },
    { segmentType: "voicemail", from: ringsUntil, until, disconnectType: "endpoint" }
  ]
  return {
    ...conversation,
    endedAt: until,
    participants: [
      {
        ...first,
        sessions: [{ ...customer, segments: [{ segmentType: "interact", from, until, disconnectType: "endpoint" }] }]
      },
      participant(setting, "user", [session(setting, segments)], { userId: user.id, name: user.name })
    ]
  }
}

const cases: ReadonlyArray<readonly [share: number, of: Case]> = [
  [0.02, supervised],
  [0.01, conferred],
  [0.01, withOutsider],
  [0.01, shared],
  [0.005, leftOpen],
  [0.01, mailboxed]
]

const canEnd = ({ participants }: Conversation): boolean =>
  participants.every(({ sessions }) => sessions.every(({ segments }) => endOf(segments) !== undefined))

/** Makes of a few conversations what is rare; of most nothing. */
export const apply: Case = (conversation, setting) => {
  let rest = setting.random.next()
  for (const [share, of] of cases) {
    rest -= share
    if (rest < 0) return canEnd(conversation) ? of(conversation, setting) : conversation
  }
  return conversation
}
