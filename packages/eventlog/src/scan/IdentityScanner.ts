/** The records of one source with the identities of their events, hashed; found as `RecordScanner` finds them. */
import { createHash } from "node:crypto"
import * as EventIdentity from "@genesys-replay/domain/EventIdentity"
import * as EventTime from "@genesys-replay/domain/EventTime"
import * as EventRecord from "./EventRecord.js"
import { RecordScanner } from "./RecordScanner.js"

/** How identities are read. */
export interface IdentityLayout {
  /** The paths whose values are the identity; undefined for what makes Genesys's events one. */
  readonly key: ReadonlyArray<EventIdentity.Path> | undefined
  /** Drawn anew for each comparison, so that nobody can prepare events of equal hashes. */
  readonly seed: readonly [number, number, number, number]
}

/** What an event says; valid until the sink returns. */
export interface IdentityEntry {
  /** 128 bits of hash, in four words. Equal identities have equal hashes under one seed. */
  readonly hash: Int32Array
  /** The number of its `detail-type` in {@link IdentityScanner.names}. */
  readonly group: number
  /** The event time in milliseconds since 1970; NaN where it says none. */
  readonly timeMs: number
  /** Whether the time stands in the event's body, so that all copies of it have the same. */
  readonly isTimeInBody: boolean
  /** `detail.topicName`, where it is a text. */
  topicName(): string | undefined
  /** The record as it stands in the source. */
  bytes(): Uint8Array
}

/** What is told of the records, in their order. */
export interface IdentitySink {
  /** `line` from 1; `byte` is where the record begins in the source. */
  identified(entry: IdentityEntry, line: number, byte: number): void
  /** See `RecordSink`. */
  rejected(line: number, byte: number | undefined, reason: string): void
}

const detailType: EventIdentity.Path = ["detail-type"]
const topicName: EventIdentity.Path = ["detail", "topicName"]

/** Scans one source after another. */
export class IdentityScanner extends RecordScanner {
  /** The `detail-type` of each group; the first is null, for events that have none. */
  readonly names: Array<string | null> = [null]
  private readonly numbers = new Map<string | null, number>([[null, 0]])

  constructor(
    private readonly identity: IdentityLayout,
    private readonly identities: IdentitySink
  ) {
    super(
      { index: ["\ud800"], group: null },
      { observed: () => undefined, rejected: (line, byte, reason) => identities.rejected(line, byte, reason) },
      true
    )
  }

  protected override parse(line: number, from: number, length: number): void {
    const bytes = this.kernel.bytes.subarray(from, from + length)
    const parsed = EventRecord.parseLine(bytes)
    if (parsed === undefined) return
    if (parsed._tag === "Rejected") {
      this.sink.rejected(line, this.byteOf(from), parsed.reason)
      return
    }
    const { value } = parsed
    const nothing = EventRecord.noObject(value)
    const identity = EventIdentity.of(value, this.identity.key)
    if (nothing !== undefined || identity._tag === "Unidentified") {
      this.sink.rejected(
        line,
        this.byteOf(from),
        nothing?.reason ?? (identity._tag === "Unidentified" ? identity.reason : "")
      )
      return
    }
    const digest = createHash("sha256")
      .update(JSON.stringify(this.identity.seed))
      .update(EventIdentity.textOf(identity))
      .digest()
    const topic = EventIdentity.valueAt(value, topicName)
    this.identities.identified(
      {
        hash: new Int32Array(digest.buffer.slice(digest.byteOffset, digest.byteOffset + 16)),
        group: this.numberOf(EventRecord.groupOf(value, detailType)),
        timeMs: EventTime.of(value) ?? Number.NaN,
        isTimeInBody: EventTime.isInBody(value),
        topicName: () => (typeof topic === "string" ? topic : undefined),
        bytes: () => bytes
      },
      line,
      this.placeOf(from)
    )
  }

  private numberOf(name: string | null): number {
    const known = this.numbers.get(name)
    if (known !== undefined) return known
    const number = this.names.push(name) - 1
    this.numbers.set(name, number)
    return number
  }
}
