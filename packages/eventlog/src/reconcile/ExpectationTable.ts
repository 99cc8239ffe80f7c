/**
 * All that the records make one expect, and what of it came. Some hundred bytes for each conversation, session and expected event: memory
 * grows with the records, and with events that nothing makes one expect, not with the capture.
 */
import type { SessionClass } from "@genesys-replay/domain"
import { ClassNumbers } from "../conversation/ClassNumbers.js"
import * as EventBatch from "../conversation/EventBatch.js"
import * as IdWords from "../conversation/IdWords.js"
import * as RecordBatch from "../conversation/RecordBatch.js"
import { Rows } from "../conversation/Rows.js"
import * as TopicNumber from "../conversation/TopicNumber.js"
import { KeyIndex } from "./KeyIndex.js"

/** Words of a conversation: id, latest instant, place among all records as a double, first session, number of sessions. */
const conversationWords = 10
const orderAt = 3
const firstSessionAt = 8
const sessionCountAt = 9

/** A session as in the batch, then its conversation, and whether a later version of it is there. */
const sessionWords = RecordBatch.sessionWords + 2
const conversationAt = RecordBatch.sessionWords
const deadAt = RecordBatch.sessionWords + 1

/** An expected event as in the batch, then when it came as a double, whether it came, and its session. */
const expectedWords = RecordBatch.expectedWords + 4
const cameTimeAt = RecordBatch.expectedWords / 2
const stateAt = RecordBatch.expectedWords + 2
const sessionAt = RecordBatch.expectedWords + 3

const isExpected = 0
const isHere = 1
/** A session has it twice. */
const isDouble = 2

/** Ids, and topic, and time: what makes two events that nothing expects one. */
const eventKeyWords = EventBatch.topicAt + 1

/** Where the words of a session's own ids begin. */
const participantAt = IdWords.idWords
const sessionIdAt = 2 * IdWords.idWords

/** An event that nothing makes one expect, by its topic and time; and why it is not judged, if it is not. */
export type Visit = (topic: number, timeMs: number, reason: number) => void

const noRecordTells = "no record tells of this topic"

/** See above. */
export class ExpectationTable {
  /** Conversations, each once. */
  get conversationCount(): number {
    return this.conversations.count
  }
  /** By their number, see {@link classNumberOf}. */
  get classes(): ReadonlyArray<SessionClass.SessionClass> {
    return this.classNumbers.classes
  }
  /** Records of conversations that were there before, in another version. */
  repeated = 0
  /** Rows of expected events, also those that do not count any more. */
  get expectedCount(): number {
    return this.expected.count
  }
  private readonly classNumbers = new ClassNumbers()
  private readonly ids = new IdWords.IdNumbers()
  private readonly conversations = new Rows(conversationWords)
  private readonly byConversation = new KeyIndex(this.conversations, IdWords.idWords)
  private readonly sessions = new Rows(sessionWords)
  private readonly bySession = new KeyIndex(this.sessions, 3 * IdWords.idWords)
  private readonly expected = new Rows(expectedWords)
  private readonly others = new Rows(EventBatch.eventWords)
  private readonly byOther = new KeyIndex(this.others, eventKeyWords)

  /** Takes in records; `order` tells batches that come later in the sources. */
  add(batch: RecordBatch.RecordBatch, order: number): void {
    for (const { at, id, of } of batch.odd) {
      const words = of === "conversation" ? batch.conversations : of === "session" ? batch.sessions : batch.expected
      this.ids.write(words, at, id)
    }
    const numbers = batch.classes.map((one) => this.classNumbers.of(one))
    const doubles = new Float64Array(batch.conversations.buffer)
    const count = batch.conversations.length / RecordBatch.conversationWords
    for (let row = 0; row < count; row++) {
      const from = row * RecordBatch.conversationWords
      const latest = doubles[from / 2 + RecordBatch.latestAt] ?? Number.NEGATIVE_INFINITY
      const at = this.placeFor(batch.conversations, from, latest, order * 2 ** 24 + row)
      if (at === -1) continue
      const first = batch.conversations[from + RecordBatch.firstSessionAt] ?? 0
      const sessions = batch.conversations[from + RecordBatch.sessionCountAt] ?? 0
      this.conversations.words[at + firstSessionAt] = this.sessions.count
      this.conversations.words[at + sessionCountAt] = sessions
      for (let session = first; session < first + sessions; session++) {
        this.addSession(batch, session, at / conversationWords, numbers)
      }
    }
  }

  /** All records are there: sessions can be found. */
  seal(): void {
    for (let row = 0; row < this.sessions.count; row++) {
      const at = row * sessionWords
      if (this.sessions.words[at + deadAt] !== 0) continue
      // Without its ids no event can be told to be of it.
      const isAudit = this.classOf(row)?.purpose === "audit"
      if (!isAudit && !IdWords.isThere(this.sessions.words, at + sessionIdAt)) continue
      this.hideDoubles(row)
      this.bySession.add(row)
    }
  }

  /** Takes in captured events; `visit` is told of those that nothing makes one expect, each once. */
  match(batch: EventBatch.EventBatch, visit: Visit): void {
    const words = batch.events
    const doubles = new Float64Array(words.buffer)
    for (const { ids, row } of batch.odd) {
      for (const [number, id] of ids.entries()) {
        this.ids.write(words, row * EventBatch.eventWords + number * IdWords.idWords, id)
      }
    }
    for (let at = 0; at < words.length; at += EventBatch.eventWords) {
      const topic = words[at + EventBatch.topicAt] ?? 0
      const timeMs = doubles[at / 2 + EventBatch.timeAt] ?? Number.NaN
      this.matchOne(words, at, topic, timeMs, visit)
    }
  }

  private matchOne(words: Int32Array, at: number, topic: number, timeMs: number, visit: Visit): void {
    let reason = TopicNumber.isDerivable(topic) ? 0 : RecordBatch.reasonNumber(noRecordTells)
    for (
      let session = this.bySession.find(words, at);
      session !== -1;
      session = this.bySession.findNext(words, at, session)
    ) {
      const found = this.expectedOf(session, topic, words, at + 3 * IdWords.idWords)
      if (found !== -1) {
        const to = found * expectedWords
        if (this.expected.words[to + stateAt] === isHere) return
        this.expected.words[to + stateAt] = isHere
        this.expected.doubles[to / 2 + cameTimeAt] = timeMs
        return
      }
      const own = this.sessions.words[session * sessionWords + RecordBatch.sessionReasonAt] ?? 0
      if (own !== 0) reason = own
    }
    if (this.byOther.find(words, at) !== -1) return
    this.byOther.add(this.others.append(words.subarray(at, at + EventBatch.eventWords)))
    visit(topic, timeMs, reason)
  }

  /** The row of a session's expected event of a topic and a flow outcome; -1 for none. */
  private expectedOf(session: number, topic: number, words: Int32Array, outcomeAt: number): number {
    const from = session * sessionWords
    const first = this.sessions.words[from + RecordBatch.firstExpectedAt] ?? 0
    const count = this.sessions.words[from + RecordBatch.expectedCountAt] ?? 0
    const own = this.expected.words
    for (let row = first; row < first + count; row++) {
      const at = row * expectedWords
      if (own[at + RecordBatch.topicAt] !== topic || own[at + stateAt] === isDouble) continue
      if (topic !== TopicNumber.flowOutcome) return row
      let word = 0
      while (word < IdWords.idWords && own[at + word] === words[outcomeAt + word]) word++
      if (word === IdWords.idWords) return row
    }
    return -1
  }

  /** What another session with the same ids makes one expect already. */
  private hideDoubles(row: number): void {
    const { words } = this.sessions
    const at = row * sessionWords
    const first = words[at + RecordBatch.firstExpectedAt] ?? 0
    const count = words[at + RecordBatch.expectedCountAt] ?? 0
    for (let other = this.bySession.find(words, at); other !== -1; other = this.bySession.findNext(words, at, other)) {
      for (let expected = first; expected < first + count; expected++) {
        const from = expected * expectedWords
        const topic = this.expected.words[from + RecordBatch.topicAt] ?? 0
        if (this.expectedOf(other, topic, this.expected.words, from) !== -1)
          this.expected.words[from + stateAt] = isDouble
      }
    }
  }

  /** Where the conversation belongs; -1 where a later version of it is there. */
  private placeFor(words: Int32Array, from: number, latest: number, order: number): number {
    const known = this.byConversation.find(words, from)
    if (known === -1) {
      const at = this.conversations.add()
      this.conversations.words.set(words.subarray(from, from + IdWords.idWords), at)
      this.conversations.doubles[at / 2 + RecordBatch.latestAt] = latest
      this.conversations.doubles[at / 2 + orderAt] = order
      this.byConversation.add(at / conversationWords)
      return at
    }
    this.repeated++
    const at = known * conversationWords
    const knownLatest = this.conversations.doubles[at / 2 + RecordBatch.latestAt] ?? 0
    const knownOrder = this.conversations.doubles[at / 2 + orderAt] ?? 0
    if (knownLatest > latest || (knownLatest === latest && knownOrder > order)) return -1
    const first = this.conversations.words[at + firstSessionAt] ?? 0
    const count = this.conversations.words[at + sessionCountAt] ?? 0
    for (let session = first; session < first + count; session++) {
      this.sessions.words[session * sessionWords + deadAt] = 1
    }
    this.conversations.doubles[at / 2 + RecordBatch.latestAt] = latest
    this.conversations.doubles[at / 2 + orderAt] = order
    return at
  }

  private addSession(
    batch: RecordBatch.RecordBatch,
    session: number,
    conversation: number,
    classes: ReadonlyArray<number>
  ): void {
    const from = session * RecordBatch.sessionWords
    const first = batch.sessions[from + RecordBatch.firstExpectedAt] ?? 0
    const count = batch.sessions[from + RecordBatch.expectedCountAt] ?? 0
    const at = this.sessions.add()
    const { words } = this.sessions
    words.set(batch.sessions.subarray(from, from + RecordBatch.sessionWords), at)
    words[at + RecordBatch.classAt] = classes[batch.sessions[from + RecordBatch.classAt] ?? 0] ?? 0
    words[at + RecordBatch.firstExpectedAt] = this.expected.count
    words[at + conversationAt] = conversation
    words[at + deadAt] = 0
    for (let row = first; row < first + count; row++) {
      const expectedFrom = row * RecordBatch.expectedWords
      const to = this.expected.add()
      this.expected.words.set(batch.expected.subarray(expectedFrom, expectedFrom + RecordBatch.expectedWords), to)
      this.expected.words[to + stateAt] = isExpected
      this.expected.words[to + sessionAt] = at / sessionWords
    }
  }

  private classOf(session: number): SessionClass.SessionClass | undefined {
    return this.classes[this.sessions.words[session * sessionWords + RecordBatch.classAt] ?? 0]
  }

  /** Whether a row of an expected event counts: its conversation is in its latest version, and it is there once. */
  isLive(row: number): boolean {
    const { words } = this.expected
    const session = words[row * expectedWords + sessionAt] ?? 0
    return (
      words[row * expectedWords + stateAt] !== isDouble && this.sessions.words[session * sessionWords + deadAt] === 0
    )
  }

  /** The number of the topic. */
  topicOf(row: number): number {
    return this.expected.words[row * expectedWords + RecordBatch.topicAt] ?? 0
  }

  /** When it is expected, in milliseconds; NaN where that is not known. */
  expectedAt(row: number): number {
    return this.expected.doubles[(row * expectedWords) / 2 + RecordBatch.atAt] ?? Number.NaN
  }

  /** The number of the reason for which it is not judged, by the table of expected events alone. */
  reasonAt(row: number): number {
    return this.expected.words[row * expectedWords + RecordBatch.reasonAt] ?? 0
  }

  hasCome(row: number): boolean {
    return this.expected.words[row * expectedWords + stateAt] === isHere
  }

  /** The event's own time, in milliseconds; NaN where it has none, or did not come. */
  cameAt(row: number): number {
    return this.hasCome(row)
      ? (this.expected.doubles[(row * expectedWords) / 2 + cameTimeAt] ?? Number.NaN)
      : Number.NaN
  }

  /** The number of the session's class. */
  classNumberOf(row: number): number {
    return this.sessions.words[this.sessionOf(row) * sessionWords + RecordBatch.classAt] ?? 0
  }

  sessionOf(row: number): number {
    return this.expected.words[row * expectedWords + sessionAt] ?? 0
  }

  conversationOf(row: number): number {
    return this.sessions.words[this.sessionOf(row) * sessionWords + conversationAt] ?? 0
  }

  /** The latest instant that the record of the conversation knows of, in milliseconds; minus infinity where it knows none. */
  latestOf(conversation: number): number {
    return this.conversations.doubles[(conversation * conversationWords) / 2 + RecordBatch.latestAt] ?? 0
  }

  /** The rows of what one conversation makes one expect. */
  *rowsOf(conversation: number): Iterable<number> {
    const at = conversation * conversationWords
    const first = this.conversations.words[at + firstSessionAt] ?? 0
    const count = this.conversations.words[at + sessionCountAt] ?? 0
    for (let session = first; session < first + count; session++) {
      const from = session * sessionWords
      const begin = this.sessions.words[from + RecordBatch.firstExpectedAt] ?? 0
      const length = this.sessions.words[from + RecordBatch.expectedCountAt] ?? 0
      for (let row = begin; row < begin + length; row++) if (this.isLive(row)) yield row
    }
  }

  /** The id of a conversation, or of an audit. */
  conversationId(conversation: number): string {
    return this.ids.read(this.conversations.words, conversation * conversationWords) ?? ""
  }

  participantId(row: number): string | null {
    return this.ids.read(this.sessions.words, this.sessionOf(row) * sessionWords + participantAt)
  }

  sessionId(row: number): string | null {
    return this.ids.read(this.sessions.words, this.sessionOf(row) * sessionWords + sessionIdAt)
  }

  flowOutcomeId(row: number): string | null {
    return this.ids.read(this.expected.words, row * expectedWords)
  }
}
