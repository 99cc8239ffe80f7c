import { describe, expect, it } from "@effect/vitest"
import { ConversationTopic, ExpectedEvents } from "@genesys-replay/domain"
import * as Conversations from "./Conversations.js"
import { expected, recordOf, segment } from "./Conversations.js"

const keysOfEvents = (lines: ReadonlyArray<string>) =>
  lines.map((line) => {
    const event = JSON.parse(line)
    const { conversationId, flowOutcomeId, participantId, sessionId } = event.detail.eventBody
    return [event["detail-type"], conversationId, participantId, sessionId, flowOutcomeId ?? null].join(" ")
  })

const keysOfRecord = (value: unknown) => {
  const record = Conversations.read(value)
  return ExpectedEvents.of(record).map(({ flowOutcomeId, participantId, sessionId, topic }) =>
    [ConversationTopic.detailType(topic), record.conversationId, participantId, sessionId, flowOutcomeId].join(" ")
  )
}

describe("the events that a conversation record makes one expect", () => {
  it("of the conversation that is at hand, exactly the twelve events that it had", () => {
    const events = keysOfEvents(Conversations.voiceEvents)
    expect(events.length).toBe(12)
    expect([...keysOfRecord(Conversations.voiceRecord)].sort()).toEqual([...events].sort())
    expect(expected(Conversations.voiceRecord).filter((event) => event.includes("("))).toEqual([])
  })

  it("every row says how certain it is, and of what source", () => {
    const rows = ExpectedEvents.table.map(({ certainty, topic }) => `${topic} ${certainty}`)
    expect(rows).toEqual([
      "customer.start said",
      "customer.end said",
      "acd.start derived",
      "acd.end derived",
      "user.start said",
      "user.end said",
      "acw said",
      "flow.start derived",
      "flow.end derived",
      "outbound derived",
      "voicemail.start derived",
      "voicemail.end derived"
    ])
    const told = [...ExpectedEvents.table, ExpectedEvents.outcomeRow].map(({ topic }) => topic)
    expect([...told, ...ExpectedEvents.notDerivable].sort()).toEqual([...ConversationTopic.names].sort())
  })

  it("a customer: start with the first segment, end with the last one, once all have ended", () => {
    const parts = [segment("interact", 2, 5), segment("hold", 5, 7)]
    expect(expected(recordOf({ purpose: "customer", segments: parts }))).toEqual([
      "customer.start 10:02:00",
      "customer.end 10:07:00"
    ])
    expect(expected(recordOf({ purpose: "customer", segments: [segment("interact", 2, null)] }))).toEqual([
      "customer.start 10:02:00",
      "customer.end ? (the record says that it goes on)"
    ])
  })

  it("a queue: start and end of each session, so again for each transfer to another queue", () => {
    const acd = (from: number) => ({ purpose: "acd", segments: [segment("interact", from, from + 1)] })
    expect(expected(recordOf(acd(1), acd(3)))).toEqual([
      "acd.start 10:01:00",
      "acd.end 10:02:00",
      "acd.start 10:03:00",
      "acd.end 10:04:00"
    ])
  })

  it("an agent who only rang has a start and an end, and no after-call work", () => {
    const rang = [segment("alert", 1, 2, { disconnectType: "noAnswerTransfer" })]
    expect(expected(recordOf({ segments: rang }))).toEqual(["user.start 10:01:00", "user.end 10:02:00"])
    expect(expected(recordOf({ purpose: "user", segments: rang }))).toEqual([
      "user.start 10:01:00",
      "user.end 10:02:00"
    ])
  })

  it("an agent ends before the after-call work, which ends for itself", () => {
    const segments = [segment("interact", 1, 3), segment("wrapup", 3, 6)]
    expect(expected(recordOf({ segments }))).toEqual(["user.start 10:01:00", "user.end 10:03:00", "acw 10:06:00"])
    expect(expected(recordOf({ segments: [segment("interact", 1, 3), segment("wrapup", 3, null)] }))).toEqual([
      "user.start 10:01:00",
      "user.end 10:03:00",
      "acw ? (the record says that it goes on)"
    ])
    expect(expected(recordOf({ purpose: "user", segments }))).not.toContain("acw 10:06:00")
  })

  it("a flow: start, end, and each outcome once; in a queue start and end are not known", () => {
    const outcome = (id: string) => ({ flowOutcomeId: id, flowOutcomeEndTimestamp: Conversations.minute(2) })
    const session = { flow: { flowId: "f", outcomes: [outcome("o-1"), outcome("o-2"), outcome("o-1")] } }
    const segments = [segment("ivr", 1, 3)]
    expect(expected(recordOf({ purpose: "ivr", segments, session }))).toEqual([
      "flow.start 10:01:00",
      "flow.end 10:03:00",
      "flow.outcome 10:02:00",
      "flow.outcome 10:02:00"
    ])
    expect(expected(recordOf({ purpose: "acd", segments, session: { flow: {} } }))).toEqual([
      "acd.start 10:01:00",
      "acd.end 10:03:00",
      "flow.start 10:01:00 (a flow in a queue)",
      "flow.end 10:03:00 (a flow in a queue)"
    ])
  })

  it("a campaign: when its event is sent is not known", () => {
    const segments = [segment("dialing", 1, 2)]
    for (const key of ["outboundCampaignId", "outboundContactId"]) {
      expect(expected(recordOf({ purpose: "dialer", segments, session: { [key]: "x" } }))).toEqual([
        "outbound 10:01:00 (when it is sent is not known)"
      ])
    }
  })

  it("voicemail: by purpose, or by a segment, whose times are taken", () => {
    expect(expected(recordOf({ purpose: "voicemail", segments: [segment("interact", 1, 2)] }))).toEqual([
      "voicemail.start 10:01:00",
      "voicemail.end 10:02:00"
    ])
    const segments = [segment("ivr", 1, 2), segment("voicemail", 3, 4)]
    expect(expected(recordOf({ purpose: "ivr", segments }))).toEqual([
      "voicemail.start 10:03:00",
      "voicemail.end 10:04:00"
    ])
  })

  it("who is no party of the conversation makes one expect nothing", () => {
    for (const purpose of ["station", "fax", "workflow", "api", ""]) {
      expect(expected(recordOf({ purpose, segments: [segment("interact", 1, 2)] }))).toEqual([])
    }
    expect(expected({ conversationId: "c" })).toEqual([])
    expect(expected({ conversationId: "c", participants: [{ participantId: "p", purpose: "agent" }] })).toEqual([])
  })
})

describe("sessions that cannot be judged", () => {
  const both = (reason: string) => [`user.start 10:01:00 (${reason})`, `user.end 10:02:00 (${reason})`]

  for (const kind of ["barging", "coaching", "monitoring", "screenmonitoring", "Monitoring"]) {
    it(`a supervisor who listens in: a segment of type ${kind}`, () => {
      expect(expected(recordOf({ segments: [segment(kind, 1, 2)] }))).toEqual(both("a supervisor listens in"))
    })
  }

  it("a conference", () => {
    expect(expected(recordOf({ segments: [segment("interact", 1, 2, { conference: true })] }))).toEqual(
      both("a conference")
    )
  })

  it("an external participant, co-browsing and screen sharing", () => {
    const segments = [segment("voicemail", 1, 2)]
    expect(expected(recordOf({ purpose: "external", segments }))).toEqual([
      "voicemail.start 10:01:00 (an external participant)",
      "voicemail.end 10:02:00 (an external participant)"
    ])
    for (const mediaType of ["cobrowse", "screenshare", "screenShare"]) {
      expect(expected(recordOf({ segments: [segment("interact", 1, 2)], session: { mediaType } }))).toEqual(
        both("co-browsing or screen sharing")
      )
    }
  })

  it("one without an id of its own, or of its participant", () => {
    const segments = [segment("interact", 1, 2)]
    const reason = "the record has no id for it"
    expect(expected(recordOf({ segments, session: { sessionId: undefined } }))).toEqual(both(reason))
    expect(expected(recordOf({ segments, participant: { participantId: null } }))).toEqual(both(reason))
  })

  it("one with a date that is no date, and one without any", () => {
    expect(expected(recordOf({ segments: [{ segmentType: "interact", segmentStart: "soon" }] }))).toEqual([
      "user.start ? (a date in the record cannot be read)",
      "user.end ? (a date in the record cannot be read)"
    ])
    expect(expected(recordOf({ segments: [] }))).toEqual([
      "user.start ? (the record has no time for it)",
      "user.end ? (the record has no time for it)"
    ])
  })

  it("only its own session: the others of the conversation are judged", () => {
    const record = recordOf(
      { segments: [segment("monitoring", 1, 2)] },
      { purpose: "customer", segments: [segment("interact", 1, 2)] }
    )
    expect(expected(record)).toEqual([
      ...both("a supervisor listens in"),
      "customer.start 10:01:00",
      "customer.end 10:02:00"
    ])
  })
})

describe("the topics of which a record can say that an event must have come", () => {
  const cases: ReadonlyArray<readonly [topic: string, isJudged: boolean]> = [
    ["v2.detail.events.conversation.{id}.acd.start", true],
    ["v2.detail.events.conversation.{id}.flow.outcome", true],
    ["v2.detail.events.conversation.{id}.*", true],
    ["v2.detail.events.conversation.{id}.attributes", false],
    ["v2.detail.events.conversation.{id}.outbound", false],
    ["v2.users.{id}.presence", false],
    ["genesys.conversations.message", false]
  ]
  for (const [topic, isJudged] of cases) {
    it(`${topic}: ${isJudged ? "yes" : "no"}`, () => {
      expect(ExpectedEvents.isJudged(topic)).toBe(isJudged)
    })
  }
})
