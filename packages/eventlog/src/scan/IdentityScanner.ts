/** The records of one source with the identities of their events, hashed; found as `RecordScanner` finds them. */
import * as EventIdentity from "@genesys-replay/domain/EventIdentity"
import * as EventTime from "@genesys-replay/domain/EventTime"
import * as EventRecord from "./EventRecord.js"
import { identitiesAt, identitySize, Kernel, type Seed } from "./Kernel.js"
import { type Place, RecordScanner } from "./RecordScanner.js"
import { ValueHash } from "./ValueHash.js"

/** How identities are read. */
export interface IdentityLayout {
  /** The paths whose values are the identity; undefined for what makes Genesys's events one. */
  readonly key: ReadonlyArray<EventIdentity.Path> | undefined
  /** Drawn anew for each comparison, so that nobody can prepare events of equal hashes. */
  readonly seed: Seed
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
  /** The event as it stands in the source, without what it is wrapped in. */
  bytes(): Uint8Array
}

/** What is told of the records, in their order. */
export interface IdentitySink {
  /** `line` from 1; `byte` is where the record begins in the source; `within`, how many events of the same record came before. */
  identified(entry: IdentityEntry, line: number, byte: number, within: number): void
  /** See `RecordSink`. */
  rejected(line: number, byte: number | undefined, reason: string): void
  /** See `RecordSink`. */
  unwrapped?(wrapping: string): void
}

const detailType: EventIdentity.Path = ["detail-type"]
const topicName: EventIdentity.Path = ["detail", "topicName"]

/** What the kernel found, or the parser; filled in anew for each event. */
class Entry implements IdentityEntry {
  hash = new Int32Array(4)
  group = 0
  timeMs = Number.NaN
  isTimeInBody = false
  from = 0
  length = 0
  /** The event as it is written, where it is no record of its own. */
  text: (() => string) | undefined
  topic: () => string | undefined = () => undefined

  constructor(private readonly kernel: Kernel) {}

  topicName(): string | undefined {
    return this.topic()
  }

  bytes(): Uint8Array {
    if (this.text !== undefined) return Buffer.from(this.text())
    return this.kernel.bytes.subarray(this.from, this.from + this.length)
  }
}

/** Scans one source after another. */
export class IdentityScanner extends RecordScanner {
  /** The `detail-type` of each group; the first is null, for events that have none. */
  readonly names: Array<string | null> = [null]
  private readonly numbers = new Map<string | null, number>([[null, 0]])
  /** The number of each of the kernel's groups. */
  private readonly numbersOfKernel: Array<number> = [0]
  private readonly valueHash: ValueHash
  private readonly entry: Entry
  private topicAt = 0
  private readonly topicOfKernel = () => this.textAt(this.topicAt)

  constructor(
    private readonly identity: IdentityLayout,
    private readonly identities: IdentitySink
  ) {
    super(
      EventRecord.envelope,
      {
        observed: () => undefined,
        rejected: (line, byte, reason) => identities.rejected(line, byte, reason),
        unwrapped: (wrapping) => identities.unwrapped?.(wrapping)
      },
      true,
      Kernel.acquireIdentity(identity.key, identity.seed)
    )
    this.valueHash = new ValueHash(this.kernel)
    this.entry = new Entry(this.kernel)
  }

  protected override found(
    at: number,
    lines: number,
    topicAt: number,
    group: number,
    from: number,
    length: number
  ): void {
    const { entry, kernel } = this
    const word = (identitiesAt + at * identitySize) / 4
    entry.hash[0] = kernel.words[word] ?? 0
    entry.hash[1] = kernel.words[word + 1] ?? 0
    entry.hash[2] = kernel.words[word + 2] ?? 0
    entry.hash[3] = kernel.words[word + 3] ?? 0
    entry.timeMs = kernel.floats[word / 2 + 2] ?? Number.NaN
    entry.isTimeInBody = kernel.words[word + 6] === 1
    entry.group = this.numbersOfKernel[group] ?? this.learnGroup(group)
    entry.from = from
    entry.length = length
    this.topicAt = topicAt
    entry.topic = this.topicOfKernel
    this.identities.identified(entry, lines + 1, this.placeOf(from), 0)
  }

  protected override take(value: unknown, { from, line, text, within }: Place): string | undefined {
    const nothing = EventRecord.noObject(value)
    if (nothing !== undefined) return nothing.reason
    const identity = EventIdentity.of(value, this.identity.key)
    if (identity._tag === "Unidentified") return identity.reason
    const { entry } = this
    entry.hash.set(this.valueHash.of(identity.parts))
    entry.group = this.numberOf(EventRecord.groupOf(value, detailType))
    entry.timeMs = EventTime.of(value) ?? Number.NaN
    entry.isTimeInBody = EventTime.isInBody(value)
    const topic = EventIdentity.valueAt(value, topicName)
    entry.topic = () => (typeof topic === "string" ? topic : undefined)
    entry.text = text
    this.identities.identified(entry, line, this.placeOf(from), within)
    entry.text = undefined
    return undefined
  }

  private learnGroup(group: number): number {
    const number = this.numberOf(this.groups[group] ?? null)
    this.numbersOfKernel[group] = number
    return number
  }

  private numberOf(name: string | null): number {
    const known = this.numbers.get(name)
    if (known !== undefined) return known
    const number = this.names.push(name) - 1
    this.numbers.set(name, number)
    return number
  }
}
