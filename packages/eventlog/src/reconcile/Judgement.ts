/** What of the expected events came, topic by topic: counted once all records are known, and then all events. */
import { Calibration, ConversationTopic, SessionClass } from "@genesys-replay/domain"
import { TimeCells } from "../compare/TimeCells.js"
import * as RecordBatch from "../conversation/RecordBatch.js"
import * as TopicNumber from "../conversation/TopicNumber.js"
import type { ExpectationTable } from "./ExpectationTable.js"

/** What is judged. */
export interface JudgementOptions {
  /** Inclusive, in milliseconds since 1970. */
  readonly startMs: number
  /** Exclusive. */
  readonly endMs: number
  /** Whether a topic is looked at, by its number. */
  readonly isWanted: (topic: number) => boolean
  readonly toleranceMs: number
  readonly calibration: Calibration.Calibration | null
}

/** The events of one topic. */
export interface TopicTally {
  expected: number
  came: number
  unexpected: number
  notJudged: number
  /** Undefined where nothing is expected. */
  cells: TimeCells | undefined
}

/** Where an expected event stands. `outside`: not in the window, or not of a topic that is looked at. */
export type Standing = "came" | "missing" | "not judged" | "outside"

const mostCells = 32_768

/** See above. */
export class Judgement {
  readonly topics: ReadonlyArray<TopicTally>
  /** How many are not judged, by the number of the reason; see `RecordBatch.reasonOf`. */
  readonly notJudged = new Map<number, number>()
  /** Rows of what is missing, in order of time. */
  missing: Uint32Array<ArrayBuffer> = new Uint32Array(0)
  /** How many came at another time than expected. */
  apart = 0
  missingAtEdge = 0
  /** How many events of each conversation are missing, and how many expected, by its number. */
  readonly missingOf: Uint32Array<ArrayBuffer>
  readonly expectedOf: Uint32Array<ArrayBuffer>
  private readonly calibrated: (
    classKey: string,
    topic: ConversationTopic.ConversationTopic
  ) => Calibration.Standing | null
  private readonly standings = new Map<number, Calibration.Standing | null>()

  constructor(
    readonly table: ExpectationTable,
    readonly options: JudgementOptions
  ) {
    this.topics = Array.from({ length: TopicNumber.count }, () => ({
      expected: 0,
      came: 0,
      unexpected: 0,
      notJudged: 0,
      cells: undefined
    }))
    this.missingOf = new Uint32Array(table.conversationCount)
    this.expectedOf = new Uint32Array(table.conversationCount)
    this.calibrated = Calibration.standings(options.calibration)
  }

  /** Takes in an event that nothing makes one expect: it is unexpected, or not judged for the reason of this number. */
  visit = (topic: number, timeMs: number, reason: number): void => {
    const tally = this.topics[topic]
    if (tally === undefined || !this.options.isWanted(topic) || !this.isInside(timeMs)) return
    if (reason === 0) tally.unexpected++
    else this.leave(tally, reason)
  }

  /** Counts all expected events. */
  judge(): void {
    const { endMs, startMs, toleranceMs } = this.options
    const { table } = this
    const missing: Array<number> = []
    for (let row = 0; row < table.expectedCount; row++) {
      if (!table.isLive(row)) continue
      const standing = this.standingAt(row)
      if (standing === "outside") continue
      const tally = this.topics[table.topicOf(row)]
      if (tally === undefined) continue
      if (standing === "not judged") {
        this.leave(tally, this.reasonAt(row))
        continue
      }
      const conversation = table.conversationOf(row)
      const atMs = table.expectedAt(row)
      tally.expected++
      this.expectedOf[conversation] = (this.expectedOf[conversation] ?? 0) + 1
      tally.cells ??= new TimeCells(startMs, Math.max(startMs, endMs - 1), mostCells)
      tally.cells.count(atMs, standing === "missing")
      if (standing === "came") {
        tally.came++
        if (this.isApart(row)) this.apart++
        continue
      }
      missing.push(row)
      this.missingOf[conversation] = (this.missingOf[conversation] ?? 0) + 1
      if (atMs < startMs + toleranceMs || atMs >= endMs - toleranceMs) this.missingAtEdge++
    }
    this.missing = Uint32Array.from(missing).sort((one, other) => table.expectedAt(one) - table.expectedAt(other))
  }

  /** Where the expected event of a row stands. */
  standingAt(row: number): Standing {
    const { table } = this
    if (!this.options.isWanted(table.topicOf(row)) || !this.isInside(this.timeOf(row))) return "outside"
    if (this.reasonAt(row) !== 0) return "not judged"
    return table.hasCome(row) ? "came" : "missing"
  }

  /** The number of the reason for which it is not judged, calibration considered; 0 where it is. */
  reasonAt(row: number): number {
    const { table } = this
    const own = table.reasonAt(row)
    const topic = table.topicOf(row)
    const name = ConversationTopic.names[topic]
    if (this.options.calibration === null || name === undefined) return own
    const number = table.classNumberOf(row)
    const place = number * TopicNumber.count + topic
    let standing = this.standings.get(place)
    if (standing === undefined) {
      const found = table.classes[number]
      standing = found === undefined ? null : this.calibrated(SessionClass.key(found), name)
      this.standings.set(place, standing)
    }
    return RecordBatch.reasonNumber(Calibration.notJudged(RecordBatch.reasonOf(own), standing))
  }

  private leave(tally: TopicTally, reason: number): void {
    tally.notJudged++
    this.notJudged.set(reason, (this.notJudged.get(reason) ?? 0) + 1)
  }

  /** When it is expected; where that is not known, when it came, or else the latest that is known of the conversation. */
  private timeOf(row: number): number {
    const atMs = this.table.expectedAt(row)
    if (!Number.isNaN(atMs)) return atMs
    const cameMs = this.table.cameAt(row)
    return Number.isNaN(cameMs) ? this.table.latestOf(this.table.conversationOf(row)) : cameMs
  }

  /** What has no time at all may be of the window. */
  private isInside(timeMs: number): boolean {
    if (!Number.isFinite(timeMs)) return true
    return timeMs >= this.options.startMs && timeMs < this.options.endMs
  }

  private isApart(row: number): boolean {
    const { table } = this
    const between = table.cameAt(row) - table.expectedAt(row)
    // Of an outcome it is known only that its event is made later.
    const isLate = table.topicOf(row) !== TopicNumber.flowOutcome && between > this.options.toleranceMs
    return isLate || between < -this.options.toleranceMs
  }
}
