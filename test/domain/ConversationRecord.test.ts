import { describe, expect, it } from "@effect/vitest"
import { ConversationRecord, ExpectedEvents, SessionClass } from "@genesys-replay/domain"
import { FastCheck } from "effect"
import * as Conversations from "./Conversations.js"
import { read, recordOf, segment } from "./Conversations.js"

describe("a conversation record", () => {
  it("is read with what it has, and what it does not know is passed over", () => {
    const record = read({ ...recordOf({ segments: [segment("interact", 1, 2)] }), evaluations: [1], "new key": {} })
    expect(record).toEqual({
      conversationId: "c-1",
      startMs: Date.parse(Conversations.minute(0)),
      endMs: null,
      participants: [
        {
          participantId: "p-0",
          purpose: "agent",
          sessions: [
            {
              sessionId: "s-0",
              mediaType: "voice",
              isOutbound: false,
              outcomes: null,
              segments: [
                {
                  startMs: Date.parse(Conversations.minute(1)),
                  endMs: Date.parse(Conversations.minute(2)),
                  segmentType: "interact",
                  isConference: false,
                  hasUnreadableDate: false
                }
              ]
            }
          ]
        }
      ],
      findings: []
    })
  })

  it("says where something in it cannot be read, and counts all the same", () => {
    const { findings } = read({
      conversationId: "c-1",
      conversationStart: "yesterday",
      participants: [
        "nobody",
        { participantId: "p", sessions: [{ segments: [{ segmentStart: 7 }] }, { segments: "none" }] },
        { sessions: [{ flow: { outcomes: [{ flowOutcomeEndTimestamp: "2025-02-30T00:00:00Z" }] } }] }
      ]
    })
    expect(findings.map(({ message, path }) => `${path}: ${message}`)).toEqual([
      'conversationStart: not a date: "yesterday"',
      "participants[0]: not an object",
      "participants[1].sessions[0].segments[0].segmentStart: not a date: 7",
      "participants[1].sessions[1].segments: not a list",
      'participants[2].sessions[0].flow.outcomes[0].flowOutcomeEndTimestamp: not a date: "2025-02-30T00:00:00Z"'
    ])
  })

  it("is none without an id, or where it is no object", () => {
    for (const value of [null, [], 7, "text", {}, { conversationId: 7 }, { conversationId: "" }]) {
      expect(ConversationRecord.read(value)._tag).toBe("Unreadable")
    }
  })

  it("whatever JSON it is, it is read or refused, and never breaks", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.jsonValue(), FastCheck.jsonValue(), (participants, inner) => {
        const value = { conversationId: "c", participants: [participants, { sessions: [inner, { segments: inner }] }] }
        const expected = ExpectedEvents.of(read(value))
        expect(expected.filter(({ atMs }) => atMs !== null && !Number.isFinite(atMs))).toEqual([])
        expect(ConversationRecord.read(participants)._tag).toMatch(/^(?:Record|Unreadable)$/)
      })
    )
  })

  it("knows of more the later it is: a call that goes on, and the same when it is over", () => {
    const going = read(recordOf({ segments: [segment("interact", 1, null)] }))
    const over = read(recordOf({ segments: [segment("interact", 1, 3)] }))
    expect(ConversationRecord.latestMs(over)).toBeGreaterThan(ConversationRecord.latestMs(going))
    expect(ConversationRecord.latestMs(read({ conversationId: "c" }))).toBe(Number.NEGATIVE_INFINITY)
  })
})

describe("a class of sessions", () => {
  it("is purpose, medium and the kinds of segments, whatever their order and number", () => {
    const classOf = (...kinds: ReadonlyArray<string>) => {
      const [participant] = read(
        recordOf({ segments: kinds.map((kind, at) => segment(kind, at, at + 1)) })
      ).participants
      const session = participant?.sessions[0]
      return participant !== undefined && session !== undefined
        ? SessionClass.key(SessionClass.of(participant, session))
        : ""
    }
    expect(classOf("interact", "hold", "interact")).toBe(classOf("hold", "interact"))
    expect(classOf("interact")).not.toBe(classOf("hold", "interact"))
  })
})
