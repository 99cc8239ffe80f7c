/**
 * The chain that the audit trail is: every entry holds the hash of the one before, and the head says how many there are and the
 * hash of the last. Whoever changes, removes, inserts or moves an entry breaks it, and the first entry that is not as it was
 * written is named.
 *
 * The hash of an entry is SHA-256, in hex, over the RFC 8785 canonical JSON of `{"entry", "previous", "sequence"}`. Anybody can
 * compute it again from an export. Nothing here reads or writes.
 */
import { createHash } from "node:crypto"
import { type AuditEntry, Instant, Plural } from "@genesys-replay/domain"
import { DateTime, Option, Schema } from "effect"
import * as CanonicalJson from "../digest/CanonicalJson.js"

/** How many entries there are, and the hash of the last one. */
export const Head = Schema.Struct({ count: Schema.Number, hash: Schema.String })

export interface Head extends Schema.Schema.Type<typeof Head> {}

/** The head of a trail without entries: 64 zeros stand before the first one. */
export const genesis: Head = { count: 0, hash: "0".repeat(64) }

/** An entry as it is kept. */
export interface Link {
  /** Its number: 1, 2, 3, without a gap. */
  readonly sequence: number
  /** The entry as canonical JSON. */
  readonly entry: string
  /** The hash of the entry before. */
  readonly previous: string
  readonly hash: string
  /** What it is searched by, taken from the entry. */
  readonly index: Index
}

/** What an entry is searched by. */
export interface Index {
  /** In milliseconds since 1970. */
  readonly at: number
  readonly action: string
  readonly window: string
}

// The keys are in order and `entry` is canonical: this is the canonical JSON of the three.
const hashOf = (entry: string, previous: string, sequence: number): string =>
  createHash("sha256")
    .update(`{"entry":${entry},"previous":${JSON.stringify(previous)},"sequence":${sequence}}`, "utf8")
    .digest("hex")

const Indexed = Schema.Struct({ timestamp: Schema.String, action: Schema.String, window: Schema.String })
const readIndexed = Schema.decodeUnknownOption(Schema.parseJson(Indexed))

const indexOf = ({ action, timestamp, window }: typeof Indexed.Type): Option.Option<Index> =>
  Option.map(Instant.parse(timestamp), (instant) => ({ at: DateTime.toEpochMillis(instant), action, window }))

/** The head once `link` stands. */
export const headOf = (link: Link): Head => ({ count: link.sequence, hash: link.hash })

// Half a character has no bytes in UTF-8, so it has no canonical form. JSON.stringify escapes these, and only these, as \ud….
const whole = (text: string): string =>
  text.replace(/(\\\\)|\\ud[89a-f][0-9a-f]{2}/g, (_, backslash: string | undefined) => backslash ?? "\ufffd")

/** The link of `entry`, behind the head. */
export const append = (head: Head, entry: AuditEntry.AuditEntry): Link => {
  const text = CanonicalJson.of(JSON.parse(whole(JSON.stringify(entry))))
  const sequence = head.count + 1
  const index = Option.getOrThrow(Option.flatMap(readIndexed(text), indexOf))
  return { sequence, entry: text, previous: head.hash, hash: hashOf(text, head.hash, sequence), index }
}

/** What was done to the chain. */
export const Damage = Schema.Literal("edited", "removed", "inserted", "reordered", "cut").annotations({
  identifier: "AuditDamage"
})

/** Every entry is as it was written, and none is missing. */
export class Intact extends Schema.TaggedClass<Intact>()("Intact", {
  count: Schema.Number,
  head: Schema.String
}) {}

/** The first entry that is not as it was written. Those before it are. */
export class Broken extends Schema.TaggedClass<Broken>()("Broken", {
  /** Its number. */
  sequence: Schema.Number,
  /**
   * `edited`: it says something else; `removed`: it is gone; `inserted`: it was not written by this program; `reordered`: it
   * stood elsewhere; `cut`: it and all that followed are gone.
   */
  damage: Damage,
  expected: Schema.String,
  found: Schema.String,
  /** What stands there says of itself; null where nothing stands there. */
  action: Schema.NullOr(Schema.String),
  window: Schema.NullOr(Schema.String),
  timestamp: Schema.NullOr(Schema.String)
}) {}

/** What verifying a chain says. */
export const Verdict = Schema.Union(Intact, Broken)

export type Verdict = typeof Verdict.Type

const broken = (
  sequence: number,
  damage: typeof Damage.Type,
  { expected, found, link }: { readonly expected: string; readonly found: string; readonly link?: Link | undefined }
): Broken => {
  const said = link === undefined ? Option.none() : readIndexed(link.entry)
  const of = (key: keyof typeof Indexed.Type) => Option.getOrNull(Option.map(said, (entry) => entry[key]))
  return new Broken({
    sequence,
    damage,
    expected,
    found,
    action: of("action"),
    window: of("window"),
    timestamp: of("timestamp")
  })
}

// How far a verification came.
interface Reading {
  /** Up to where the chain is whole. */
  readonly verified: Head
  /** The last link that was fine, for what the next one says about it. */
  readonly last: Link | undefined
  /** Read, and judged together with the one that follows it. */
  readonly pending: Link | undefined
  readonly broken: Broken | undefined
}

const begin: Reading = { verified: genesis, last: undefined, pending: undefined, broken: undefined }

// The hash holds for an entry of this number.
const fits = (link: Link, sequence: number): boolean => hashOf(link.entry, link.previous, sequence) === link.hash

// Whoever removes entries may lower the count as well.
const hidden = 1_000

const originalOf = (link: Link, most: number): number | undefined => {
  for (let sequence = 1; sequence <= most + hidden; sequence += 1) if (fits(link, sequence)) return sequence
  return undefined
}

const sameIndex = (link: Link): boolean =>
  Option.exists(
    Option.flatMap(readIndexed(link.entry), indexOf),
    ({ action, at, window }) => at === link.index.at && action === link.index.action && window === link.index.window
  )

// What is known of the whole trail.
interface Trail {
  /** How many entries it may have had. */
  readonly most: number
  /** Whether the link is the one that was verified as this number. */
  readonly stood: (link: Link, sequence: number) => boolean
}

// A link whose hash does not hold at its place.
const misplaced = (link: Link, next: Link | undefined, at: number, { most, stood }: Trail): Broken => {
  const original = originalOf(link, most)
  const what = { expected: `the entry that was written as number ${at}`, link }
  if (original !== undefined && original > at) {
    return next === undefined || fits(next, original + 1)
      ? broken(at, "removed", { expected: what.expected, found: `number ${original}, in its place` })
      : broken(at, "reordered", { ...what, found: `number ${original}` })
  }
  if (original !== undefined && stood(link, original)) {
    return broken(at, "inserted", { ...what, found: `number ${original} a second time` })
  }
  if (original !== undefined) {
    return broken(original, "inserted", {
      expected: `the entry that now stands as number ${at}`,
      found: "one that was not written there"
    })
  }
  return next !== undefined && fits(next, at)
    ? broken(at, "inserted", { ...what, found: "one that was not written there" })
    : broken(at, "edited", { expected: `hash ${link.hash}`, found: hashOf(link.entry, link.previous, at), link })
}

// A link that is whole in itself, but does not follow what stands before it.
const unlinked = (link: Link, reading: Reading, following: string | undefined): Broken => {
  const { last, verified } = reading
  const isWhole = following === undefined || following === link.hash
  return isWhole && last !== undefined
    ? broken(last.sequence, "edited", { expected: `hash ${link.previous}`, found: last.hash, link: last })
    : broken(link.sequence, "edited", { expected: `previous ${verified.hash}`, found: link.previous, link })
}

// `following` is the hash that what comes next says this link has.
const judge = (reading: Reading, link: Link, next: Link | undefined, following: string | undefined, trail: Trail) => {
  const at = reading.verified.count + 1
  if (link.sequence > at) {
    return broken(at, "removed", { expected: `number ${at}`, found: `number ${link.sequence} follows ${at - 1}` })
  }
  if (link.sequence < at) {
    return broken(link.sequence, "inserted", { expected: `number ${at}`, found: `number ${link.sequence} again`, link })
  }
  if (!fits(link, at)) return misplaced(link, next, at, trail)
  // Whole in itself, yet the next one was written in its place.
  const isOther = next !== undefined && next.hash !== link.hash
  if (isOther && next.previous === reading.verified.hash && fits(next, at)) {
    return broken(at, "inserted", {
      expected: `the entry that now stands as number ${next.sequence}`,
      found: "one that was not written there",
      link
    })
  }
  if (link.previous !== reading.verified.hash) return unlinked(link, reading, following)
  return sameIndex(link)
    ? undefined
    : broken(at, "edited", {
        expected: "the time, action and window of the entry",
        found: "others to search it by",
        link
      })
}

const judged = (reading: Reading, next: Link | undefined, following: string | undefined, trail: Trail): Reading => {
  const { pending } = reading
  if (pending === undefined || reading.broken !== undefined) return reading
  const damage = judge(reading, pending, next, following, trail)
  return damage === undefined
    ? { verified: headOf(pending), last: pending, pending: undefined, broken: undefined }
    : { ...reading, broken: damage }
}

const conclude = ({ broken: damage, last, verified }: Reading, head: Head | undefined): Verdict => {
  if (damage !== undefined) return damage
  const found = Plural.counted(verified.count, "entry", "entries")
  if (head === undefined || head.count > verified.count) {
    const expected = head === undefined ? "the head of the trail" : `${head.count} entries`
    return broken(verified.count + 1, "cut", { expected, found })
  }
  if (head.count < verified.count) {
    const link = last?.sequence === head.count + 1 ? last : undefined
    return broken(head.count + 1, "inserted", { expected: `${head.count} entries`, found, link })
  }
  return head.hash === verified.hash
    ? new Intact({ count: verified.count, head: verified.hash })
    : broken(verified.count, "edited", { expected: `hash ${head.hash}`, found: verified.hash, link: last })
}

/** A verification under way, over links that come one after the other. */
export interface Verification {
  /** Reads the next link, in the order of their numbers. Whether to go on: false once the first bad entry is known. */
  readonly read: (link: Link) => boolean
  /** The number of the link that was read last; 0 before the first. */
  readonly reached: () => number
  /** Says how it is once all links were read; `head` is where the trail is anchored, undefined where that is gone. */
  readonly end: (head: Head | undefined) => Verdict
}

// Enough of a hash to know it by.
const markOf = (hash: string): number => Number.parseInt(hash.slice(0, 12), 16)

/** A new {@link Verification}. `most` is how many entries the trail is said to have. It keeps eight bytes an entry. */
export const verification = (most: number): Verification => {
  const marks: Array<number> = []
  const stood: Trail["stood"] = ({ hash }, sequence) => marks[sequence - 1] === markOf(hash)
  let reading = begin
  let reached = 0
  return {
    read: (link) => {
      const now = judged(reading, link, link.previous, { most: Math.max(most, link.sequence), stood })
      if (now.verified.count > marks.length) marks.push(markOf(now.verified.hash))
      reached = link.sequence
      reading = now.broken === undefined ? { ...now, pending: link } : now
      return reading.broken === undefined
    },
    reached: () => reached,
    end: (head) => conclude(judged(reading, undefined, head?.hash, { most: head?.count ?? most, stood }), head)
  }
}

/** {@link Verdict} on a whole chain that is at hand. */
export const verify = (links: Iterable<Link>, head: Head | undefined): Verdict => {
  const { end, read } = verification(head?.count ?? 0)
  for (const link of links) if (!read(link)) break
  return end(head)
}
