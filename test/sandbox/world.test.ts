import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { ConversationTopic, ExpectedEvents, ConversationRecord as Read } from "@genesys-replay/domain"
import {
  type Conversation,
  ConversationRecord,
  DetailEvent,
  Envelope,
  Organization,
  PlatformEvent,
  TopicFilter,
  World
} from "@genesys-replay/sandbox"
import { Array, FastCheck, Schema } from "effect"

const hour = 3_600_000
const noon = Date.UTC(2024, 0, 15, 12)

const worldOf = (seed: string | number, conversationsPerHour = 60): World.World => ({
  organization: Organization.make(seed),
  rates: { conversationsPerHour, presencesPerHour: 60, auditsPerHour: 12 }
})

const some = worldOf("world")
const seeds = FastCheck.integer()

const read = (value: unknown): Read.ConversationRecord => {
  const reading = Read.read(JSON.parse(JSON.stringify(value)))
  if (reading._tag === "Unreadable") throw new Error(reading.reason)
  return reading.record
}

const idsOf = Schema.decodeUnknownSync(
  Schema.Struct({
    participantId: Schema.String,
    sessionId: Schema.optional(Schema.String),
    flowOutcomeId: Schema.optional(Schema.String),
    eventTime: Schema.Number
  })
)

/** The key by which an event and what is expected are matched. */
const keyOf = (
  topic: string,
  ids: { participantId: string | null; sessionId?: string | null | undefined },
  outcome?: string | null
) => JSON.stringify([topic, ids.participantId, ids.sessionId, outcome ?? null])

/** Each event of a conversation by its key, with its own time. */
const sent = (organization: Organization.Organization, conversation: Conversation.Conversation) =>
  DetailEvent.ofConversation(organization, conversation).map(({ eventBody, topic }) => {
    const ids = idsOf(eventBody)
    const name = ConversationTopic.byDetailType.get(topic)
    return { name, key: keyOf(name ?? topic, ids, ids.flowOutcomeId), at: ids.eventTime }
  })

describe("Events and record of a conversation", () => {
  it("agree by the table: each event that is judged came once, and none came that is not expected", () => {
    FastCheck.assert(
      FastCheck.property(seeds, (seed) => {
        const world = worldOf(seed)
        for (const conversation of World.conversations(world, { from: noon, until: noon + hour })) {
          const record = read(ConversationRecord.make(conversation))
          expect(record.findings).toEqual([])
          const expected = ExpectedEvents.of(record)
          const byKey = new Map(expected.map((one) => [keyOf(one.topic, one, one.flowOutcomeId), one]))
          expect(byKey.size).toBe(expected.length)
          const events = sent(world.organization, conversation)
          const came = Array.groupBy(events, ({ key }) => key)
          for (const [key, { atMs, notJudged, topic }] of byKey) {
            if (notJudged !== null) continue
            const [event, ...more] = came[key] ?? []
            if (event === undefined || more.length > 0) expect({ key, came: came[key] }).toEqual({ key, came: "once" })
            const late = (event?.at ?? 0) - (atMs ?? 0)
            expect(late).toBeGreaterThanOrEqual(0)
            expect(late).toBeLessThanOrEqual(topic === "flow.outcome" ? 110_000 + 89_000 : 0)
          }
          const unexpected = events.filter(
            ({ key, name }) => !byKey.has(key) && !["wrapup", "contact", "attributes"].includes(name ?? "")
          )
          // Whoever is from outside is not in the table at all.
          const outsiders = record.participants.filter(({ purpose }) => purpose === "external")
          expect(
            unexpected.filter(({ key }) => !outsiders.some(({ participantId }) => key.includes(participantId ?? "?")))
          ).toEqual([])
        }
      }),
      { numRuns: 40 }
    )
  })

  it("have everything that a contact centre has, over enough conversations", () => {
    const conversations = [...World.conversations(worldOf("many", 500), { from: noon, until: noon + 4 * hour })]
    const of = <A>(values: ReadonlyArray<A>) => new Set(values)
    const participants = conversations.flatMap((one) => one.participants)
    const sessions = participants.flatMap((one) => one.sessions)
    expect(of(sessions.map(({ mediaType }) => mediaType))).toEqual(
      of(["voice", "message", "email", "chat", "cobrowse", "screenshare"])
    )
    expect(of(participants.map(({ purpose }) => purpose))).toEqual(
      of(["acd", "agent", "botflow", "customer", "external", "ivr", "outbound", "user", "voicemail", "workflow"])
    )
    const segments = sessions.flatMap((one) => one.segments)
    for (const type of ["alert", "hold", "parked", "wrapup", "voicemail", "monitoring", "coaching", "barging"]) {
      expect(segments.some(({ segmentType }) => segmentType === type)).toBe(true)
    }
    expect(segments.some(({ conference }) => conference === true)).toBe(true)
    expect(conversations.some(({ endedAt }) => endedAt === undefined)).toBe(true)
    const transferred = conversations.filter(
      (one) => one.participants.filter(({ purpose }) => purpose === "acd").length > 1
    )
    expect(transferred.length).toBeGreaterThan(10)
    expect(
      of(conversations.flatMap((one) => DetailEvent.ofConversation(some.organization, one).map(({ topic }) => topic)))
    ).toEqual(of(ConversationTopic.names.map(ConversationTopic.detailType)))
  })

  it("hold together as of any instant: what is known later is not in the record yet, and what is in it stays", () => {
    FastCheck.assert(
      FastCheck.property(seeds, FastCheck.integer({ min: 0, max: 3 * hour }), (seed, later) => {
        for (const conversation of World.conversations(worldOf(seed), { from: noon, until: noon + hour / 4 })) {
          const asOf = Math.max(conversation.startedAt, noon + later)
          const early = read(ConversationRecord.make(conversation, { asOf }))
          expect(Read.latestMs(early)).toBeLessThanOrEqual(asOf)
          const whole = new Map(
            ExpectedEvents.of(read(ConversationRecord.make(conversation))).map((one) => [
              keyOf(one.topic, one, one.flowOutcomeId),
              one
            ])
          )
          for (const one of ExpectedEvents.of(early)) {
            const final = whole.get(keyOf(one.topic, one, one.flowOutcomeId))
            if (one.notJudged === null) expect(final?.atMs).toBe(one.atMs)
          }
        }
      }),
      { numRuns: 20 }
    )
  })
})

describe("A world", () => {
  const inSpan = (world: World.World, from: number, until: number, selection: World.Selection = {}) => [
    ...World.events(world, { from, until }, selection)
  ]

  it("stands still: the part of a span that lies in another one is the same in both", () => {
    const instant = FastCheck.integer({ min: 0, max: hour })
    const whole = inSpan(some, noon, noon + hour)
    FastCheck.assert(
      FastCheck.property(instant, instant, (a, b) => {
        const [from, until] = [noon + Math.min(a, b), noon + Math.max(a, b)]
        expect(inSpan(some, from, until)).toEqual(whole.filter(({ at }) => at >= from && at < until))
      }),
      { numRuns: 10 }
    )
  })

  it("gives its events in the order in which they were sent, each once, all of every conversation", () => {
    const span = { from: noon, until: noon + 80 * hour }
    const world = worldOf("all", 10)
    const events = inSpan(world, span.from, span.until)
    const times = events.map(({ at }) => at)
    expect(times).toEqual([...times].sort((left, right) => left - right))
    const ids = new Set(events.map(({ id }) => id))
    expect(ids.size).toBe(events.length)
    const began = [...World.conversations(world, { from: noon, until: noon + 10 * hour })]
    const whole = began.flatMap((one) => DetailEvent.ofConversation(world.organization, one))
    expect(whole.filter(({ id }) => !ids.has(id))).toEqual([])
  })

  it("is fed live as it is enumerated", () => {
    const feed = World.feed(some, noon, TopicFilter.all)
    const fed = [1, 7, 7, 500, 3_600, 7_000].flatMap((seconds) => feed(noon + seconds * 1_000 - 1).sent)
    expect(fed).toEqual(inSpan(some, noon, noon + 7_000_000))
  })

  it("is another one for another seed, with other ids", () => {
    const ids = (seed: string) => new Set(inSpan(worldOf(seed), noon, noon + hour / 6).map(({ id }) => id))
    const [one, two] = [ids("one"), ids("two")]
    expect(ids("one")).toEqual(one)
    expect([...one].filter((id) => two.has(id))).toEqual([])
  })

  it("has as many conversations, presences and audits in an hour as it was told", () => {
    const from = Date.UTC(2024, 0, 15)
    const day = { from, until: from + 24 * hour }
    expect([...World.conversations(worldOf("count", 25), day)]).toHaveLength(25 * 24)
    const presences = inSpan(some, from, from + 24 * hour, { topics: TopicFilter.of(["v2.users.{id}.presence"]) })
    expect(Math.abs(presences.length - 60 * 24)).toBeLessThanOrEqual(1)
    expect(World.auditRecords(some, day)).toHaveLength(12 * 24)
  })

  it("of a thinned span is a part of the whole one, with whole conversations", () => {
    const whole = inSpan(some, noon, noon + 2 * hour)
    const thinned = inSpan(some, noon, noon + 2 * hour, { stride: 4 })
    expect(thinned.length).toBeGreaterThan(whole.length / 8)
    expect(thinned.length).toBeLessThan(whole.length / 2)
    const kept = new Set(thinned.map(({ eventBody }) => eventBody["conversationId"]))
    expect(thinned.filter(({ eventBody }) => eventBody["conversationId"] !== undefined)).toEqual(
      whole.filter(
        ({ eventBody }) => eventBody["conversationId"] !== undefined && kept.has(eventBody["conversationId"])
      )
    )
  })

  it("finds the conversations that were active in a span, those that began long before among them", () => {
    const span = { from: noon, until: noon + hour }
    const active = World.active(some, span)
    expect(active.some(({ startedAt }) => startedAt < noon - 3 * hour)).toBe(true)
    expect(active.length).toBeGreaterThan([...World.conversations(some, span)].length)
    const touching = new Set(
      inSpan(some, noon + 120_000, noon + hour).flatMap(({ eventBody, topic }) =>
        topic.endsWith("customer.end") ? [eventBody["conversationId"]] : []
      )
    )
    for (const id of touching) expect(active.some((one) => one.id === id)).toBe(true)
  })

  it("filters by topic: with ids, with wildcards, and under the names of the Event Streams API", () => {
    const all = inSpan(some, noon, noon + hour)
    const under = (...topics: ReadonlyArray<string>) =>
      inSpan(some, noon, noon + hour, { topics: TopicFilter.of(topics) })
    const acd = "v2.detail.events.conversation.{id}.acd.start"
    expect(under(acd)).toEqual(all.filter(({ topic }) => topic === acd))
    const [one] = under(acd)
    expect(under(one?.topicName ?? "")).toEqual([one])
    expect(under("v2.detail.events.conversation.*")).toEqual(
      all.filter(({ topic }) => topic.startsWith("v2.detail.events.conversation."))
    )
    expect(under("v2.detail.events.conversation.*.acd.start")).toEqual(under(acd))
    const calls = under("genesys.conversations.call")
    expect(new Set(calls.map(({ topic }) => topic))).toEqual(new Set(["genesys.conversations.call"]))
    expect(calls.map(({ id }) => id)).toEqual(
      all.filter(({ eventBody }) => eventBody["mediaType"] === "VOICE").map(({ id }) => id)
    )
  })
})

describe("The shapes", () => {
  const golden = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8")
  const Keyed = Schema.Record({ key: Schema.String, value: Schema.Unknown })
  const decode = Schema.decodeUnknownSync(Schema.parseJson(Keyed))
  const lines = (name: string) =>
    golden(name)
      .trim()
      .split("\n")
      .map((line) => decode(line))
  const body = (envelope: { readonly [key: string]: unknown }) =>
    Schema.decodeUnknownSync(Schema.Struct({ detail: Schema.Struct({ eventBody: Keyed }) }))(envelope).detail.eventBody

  /** Keys in their order, with the kinds of their values, as deep as it goes; the contents of attributes are anybody's. */
  const shape = (value: unknown): unknown => {
    if (globalThis.Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])]
    if (typeof value !== "object" || value === null) return typeof value
    return Object.entries(value).map(([key, inner]) => [key, key === "attributes" ? "any" : shape(inner)])
  }
  const of = (event: PlatformEvent.PlatformEvent, replayName?: string) =>
    Envelope.make(
      {
        id: event.id,
        detailType: event.topic,
        source: "s",
        account: "a",
        region: "r",
        at: event.at,
        resources: [],
        detail: PlatformEvent.detail(event)
      },
      replayName
    )
  const events = [...World.events(worldOf("shapes"), { from: noon, until: noon + 5 * hour })]

  const sampled = [
    ...lines("../domain/samples/voice-conversation.events.ndjson"),
    ...lines("golden/other-topics.events.ndjson")
  ].filter((sample) => sample["detail-type"] !== "v2.conversations.{id}.transcription")
  it.each([...new Map(sampled.map((sample) => [String(sample["detail-type"]), sample]))])(
    "of an event are those of a real one: %s",
    (topic, sample) => {
      const same = events.filter((event) => event.topic === topic)
      const shapes = new Set(same.map((event) => JSON.stringify(shape(of(event)))))
      expect(shapes).toContain(JSON.stringify(shape(sample)))
    }
  )

  it("of times: the envelope's in whole seconds, the detail's in milliseconds and a little after the body's", () => {
    const Timed = Schema.decodeUnknownSync(
      Schema.Struct({ time: Schema.String, detail: Schema.Struct({ timestamp: Schema.String }) })
    )
    const odd = events.filter((event) => {
      const { detail, time } = Timed(of(event))
      const happened = event.eventBody["eventTime"] ?? event.eventBody["modifiedDate"]
      const late = event.at - new Date(typeof happened === "number" ? happened : String(happened)).getTime()
      return time !== `${detail.timestamp.slice(0, 19)}Z` || late < 200 || late >= 1_000
    })
    expect(odd).toEqual([])
  })

  it("of a replayed event: its name stands between region and resources", () => {
    const sample = decode(golden("golden/one-replayed-event.json"))
    const [event] = events.filter(
      (one) =>
        one.topic === sample["detail-type"] &&
        JSON.stringify(shape(one.eventBody)) === JSON.stringify(shape(body(sample)))
    )
    expect(event).toBeDefined()
    if (event !== undefined) expect(shape(of(event, "outage"))).toEqual(shape(sample))
  })

  /** Every path of keys in a document. */
  const paths = (value: unknown, at = ""): ReadonlyArray<string> => {
    if (globalThis.Array.isArray(value)) return value.flatMap((inner) => paths(inner, `${at}[]`))
    if (typeof value !== "object" || value === null) return [`${at}: ${typeof value}`]
    return Object.entries(value).flatMap(([key, inner]) => paths(inner, `${at}.${key}`))
  }
  it("of a record are those of a real one, and what more there is, is known of records", () => {
    const sample = new Set(paths(decode(golden("../domain/samples/voice-conversation.record.json"))))
    const ours = new Set(
      [...World.conversations(worldOf("shapes"), { from: noon, until: noon + 5 * hour })].flatMap((one) =>
        paths(JSON.parse(JSON.stringify(ConversationRecord.make(one))))
      )
    )
    expect([...sample].filter((path) => !ours.has(path))).toEqual([])
    const session = ".participants[].sessions[]"
    expect(new Set([...ours].filter((path) => !sample.has(path)))).toEqual(
      new Set([
        ".participants[].participantName: string",
        ...["outboundCampaignId", "outboundContactListId", "outboundContactId"].map(
          (key) => `${session}.${key}: string`
        ),
        ...["addressFrom", "addressTo", "messageType", "subject"].map((key) => `${session}.${key}: string`)
      ])
    )
  })
})
