/**
 * The identity of a record: what `scan.ts` does for its index, done for the hash of what makes it one event. `identify` walks the tree of
 * notes where the record is made like one before, and so knows the path of every value without looking at a key; `parseIdentity` reads any
 * other, token by token. Whatever neither can prove equal to the parser's answer (an escape in a key that counts, duplicate keys, a number
 * that takes more than one division) is `unusual`: somebody else has to read it.
 */
import * as hash from "./hash"
import { readGroupValue } from "./group"
import {
  add,
  BODY,
  BODY_TIME,
  CONTENT,
  DETAIL,
  DETAIL_TIME,
  DETAIL_TYPE,
  emptyCount,
  empties,
  ENVELOPE,
  ENVELOPE_TIME,
  isLearnable,
  isOdd,
  KEY_PATHS,
  kinds,
  MOST_NOTES,
  NOTE_SIZE,
  noteCount,
  NOTES,
  notes,
  parseIdentity,
  places,
  resetParse,
  SOURCE,
  sums,
  TOPIC_NAME
} from "./identityParse"
import { END, isDigit, lineFeeds, NONE, number, NUMBER, takeEscape, TEXT, text, WORD, word } from "./json"
import { branch, fellTree, isLiteral, plantTree, STARTS, treeRoot } from "./structure"
import { instant, LAST_MS, readInstant } from "./value"

/** Beside each entry that was found: its hash, its time (f64), whether that stands in the body. 32 bytes. */
const IDENTITIES: usize = 0x250000
const IDENTITY_SIZE: usize = 32
/** Sums of empty containers, for structures that have some: one for each scope. */
const CONSTANTS: usize = 0x380000
const MOST_CONSTANTS: i32 = 1000
const NODE_SIZE: usize = 64

/** How many paths a key has; 0 where there is none. */
let keyPaths: i32 = 0

let constantCount: i32 = 0
let walked: u32 = 0
let parsed: u32 = 0
let growing: bool = true

// The record that was read last.
export let recordFrom: usize = 0
export let recordTo: usize = 0
/** Whether somebody else has to read it. */
export let isUnidentified: bool = false
let recordScope: usize = 0
let recordTime: f64 = NaN
let isTimeInBody: bool = false
/** Line feeds in it. */
export let identifiedLines: u32 = 0
/** Where its topicName stands; 0 where that is no text. */
export let topicAt: usize = 0

/** Forgets everything: other paths stand in `KEYS` now, and there is another seed. */
export function resetIdentity(low: u64, high: u64, paths: i32): void {
  hash.setSeed(low, high)
  keyPaths = paths
  plantTree(NODE_SIZE)
  constantCount = 0
  walked = 0
  parsed = 0
  growing = true
  resetParse()
}

// Times

function takeInstant(at: usize): bool {
  if (!readInstant(at)) return false
  recordTime = instant
  return true
}

/** Reads the event time from where its values stand; 0 where there is none. False where somebody else has to. */
function readTime(bodyKind: i32, body: usize, detail: usize, envelope: usize): bool {
  isTimeInBody = false
  recordTime = NaN
  if (bodyKind == TEXT) {
    isTimeInBody = true
    return takeInstant(body)
  }
  if (bodyKind == NUMBER) {
    isTimeInBody = true
    let at = body
    let digits: u64 = 0
    let byte: u32 = load<u8>(at)
    while (isDigit(byte)) {
      digits = digits * 10 + <u64>(byte - 48)
      byte = load<u8>(++at)
    }
    if (at == body || at - body > 15 || byte == 46 || (byte | 32) == 101) return false
    recordTime = <f64>digits
    return recordTime <= LAST_MS
  }
  if (detail != 0) return takeInstant(detail)
  if (envelope != 0) return takeInstant(envelope)
  return true
}

// The tree

/*
 * A node: literal, its length, its blocks, kind, first child, next sibling; then, of a value, its scopes and the numbers of its path; at an
 * end, the notes of detail-type and its kind, of the times and the kind of the first, of topicName (−1 for none), the scope, the sums of its
 * empty containers (0 for none), its line feeds.
 */

function noteOf(target: i32, kind: i32): i32 {
  return load<i32>(kinds + 4 * target) == kind ? load<i32>(notes + 4 * target) : -1
}

/** Takes the notes of the record that was parsed last into the tree. */
function learn(): void {
  if (noteCount > MOST_NOTES || !isLearnable) return
  if (emptyCount > 0 && constantCount == MOST_CONSTANTS) return
  let parent: usize = 0
  for (let at = 0; at < noteCount; at++) {
    const from: usize = load<u32>(NOTES + <usize>at * NOTE_SIZE)
    const length: usize = load<u32>(NOTES + <usize>at * NOTE_SIZE, 4)
    const kind = load<i32>(NOTES + <usize>at * NOTE_SIZE, 8)
    const node = branch(parent, from, length, kind)
    if (node == 0) return
    if (kind != END) {
      // Values of both scopes are added to both sums, except where no record of the kind has them counted.
      const own = load<i32>(NOTES + <usize>at * NOTE_SIZE, 12) & scopeBit()
      store<i32>(node, load<i32>(node, 24) | own, 24)
      store<u32>(node, load<u32>(NOTES + <usize>at * NOTE_SIZE, 16), 28)
    }
    parent = node
  }
  store<i32>(parent, load<i32>(notes + 4 * DETAIL_TYPE), 24)
  store<i32>(parent, load<i32>(kinds + 4 * DETAIL_TYPE), 28)
  const bodyKind = load<i32>(kinds + 4 * BODY_TIME)
  store<i32>(parent, load<i32>(notes + 4 * BODY_TIME), 32)
  store<i32>(parent, bodyKind == TEXT || bodyKind == NUMBER ? bodyKind : NONE, 36)
  store<i32>(parent, noteOf(DETAIL_TIME, TEXT), 40)
  store<i32>(parent, noteOf(ENVELOPE_TIME, TEXT), 44)
  store<i32>(parent, noteOf(TOPIC_NAME, TEXT), 48)
  store<i32>(parent, <i32>recordScope, 52)
  store<u32>(parent, identifiedLines, 60)
  if (emptyCount == 0) return
  const constants = CONSTANTS + <usize>constantCount * hash.SUM_SIZE
  constantCount++
  memory.copy(constants, empties + recordScope, hash.SUM_SIZE)
  store<u32>(parent, <u32>constants, 56)
}

// @ts-ignore: decorator
@inline
function scopeBit(): i32 {
  return recordScope == 0 ? CONTENT : ENVELOPE
}

/** What was found when the record was walked. */
let walkedLeaf: usize = 0
let isWalkOdd: bool = false

/** The end of the record at `from`, which is made like one that was parsed before; 0 where it is not. */
function walkIdentity(from: usize): usize {
  memory.fill(sums, 0, 2 * hash.SUM_SIZE)
  isWalkOdd = false
  let at = from
  let node = treeRoot
  let start = STARTS
  while (node != 0) {
    if (!isLiteral(at, load<u32>(node), load<i32>(node, 8))) {
      node = load<u32>(node, 20)
      continue
    }
    const value = at + load<u32>(node, 4)
    const kind = load<i32>(node, 12)
    let end: usize
    if (kind == TEXT) end = text(value)
    else if (kind == NUMBER) end = number(value)
    else if (kind == WORD) end = word(value)
    else {
      walkedLeaf = node
      return value
    }
    if (end == 0) {
      node = load<u32>(node, 20)
      continue
    }
    const bits = load<i32>(node, 24)
    if (bits != 0) {
      const hasEscape = kind == TEXT && takeEscape()
      if (!add(kind, value, end, hasEscape, load<u32>(node, 28), bits)) isWalkOdd = true
    } else takeEscape()
    store<u32>(start, <u32>value)
    start += 4
    at = end
    node = load<u32>(node, 16)
  }
  return 0
}

// Records

// @ts-ignore: decorator
@inline
function startOf(slot: i32): usize {
  return slot < 0 ? 0 : load<u32>(STARTS + <usize>slot * 4)
}

function addEmpties(constants: usize): void {
  const sum = sums + recordScope
  for (let at: usize = 0; at < hash.SUM_SIZE; at += 16) {
    v128.store(sum + at, i64x2.add(v128.load(sum + at), v128.load(constants + at)))
  }
}

/** Whether everything is there that makes a record an event; then the sum of its scope counts. */
function findScope(): bool {
  recordScope = 0
  if (keyPaths > 0) {
    for (let path = 0; path < keyPaths; path++) {
      if (load<i32>(kinds + 4 * (KEY_PATHS + path)) == NONE) return false
    }
    return true
  }
  if (load<i32>(kinds + 4 * TOPIC_NAME) != NONE && load<i32>(kinds + 4 * BODY) != NONE) return true
  recordScope = hash.SUM_SIZE
  return (
    load<i32>(kinds + 4 * SOURCE) != NONE &&
    load<i32>(kinds + 4 * DETAIL_TYPE) != NONE &&
    load<i32>(kinds + 4 * DETAIL) != NONE
  )
}

/** The end of the record at `from`; 0 where it is not valid. Says whether it is unusual; else what {@link writeIdentity} writes is known. */
export function identify(from: usize): usize {
  recordFrom = from
  const end = walkIdentity(from)
  if (end != 0) {
    walked++
    recordTo = end
    const leaf = walkedLeaf
    const group = load<i32>(leaf, 28)
    recordScope = load<i32>(leaf, 52)
    identifiedLines = load<u32>(leaf, 60)
    const topic = load<i32>(leaf, 48)
    topicAt = startOf(topic)
    const isUsual =
      !isWalkOdd &&
      readGroupValue(group, group == NONE ? 0 : startOf(load<i32>(leaf, 24))) &&
      readTime(
        load<i32>(leaf, 36),
        load<i32>(leaf, 36) == NONE ? 0 : startOf(load<i32>(leaf, 32)),
        startOf(load<i32>(leaf, 40)),
        startOf(load<i32>(leaf, 44))
      )
    const constants: usize = load<u32>(leaf, 56)
    if (constants != 0) addEmpties(constants)
    isUnidentified = !isUsual
    return end
  }
  parsed++
  const ends = parseIdentity(from)
  if (ends == 0) return 0
  recordTo = ends
  identifiedLines = lineFeeds(from, ends)
  const bodyKind = load<i32>(kinds + 4 * BODY_TIME)
  topicAt = load<i32>(kinds + 4 * TOPIC_NAME) == TEXT ? load<u32>(places + 4 * TOPIC_NAME) : 0
  const isUsual =
    !isOdd &&
    findScope() &&
    readGroupValue(load<i32>(kinds + 4 * DETAIL_TYPE), load<u32>(places + 4 * DETAIL_TYPE)) &&
    readTime(
      bodyKind,
      load<u32>(places + 4 * BODY_TIME),
      load<i32>(kinds + 4 * DETAIL_TIME) == TEXT ? load<u32>(places + 4 * DETAIL_TIME) : 0,
      load<i32>(kinds + 4 * ENVELOPE_TIME) == TEXT ? load<u32>(places + 4 * ENVELOPE_TIME) : 0
    )
  isUnidentified = !isUsual
  if (!isUsual) return ends
  // A log whose records have nothing in common is not worth a tree.
  if (growing) {
    learn()
    if (parsed > 20000 && walked < parsed) {
      growing = false
      fellTree()
    }
  }
  if (emptyCount > 0) addEmpties(empties + recordScope)
  return ends
}

/** Writes the identity of the record that was read last beside the entry of that number. */
export function writeIdentity(entry: i32): void {
  const at = IDENTITIES + <usize>entry * IDENTITY_SIZE
  hash.finish(sums + recordScope, at)
  store<f64>(at, recordTime, 16)
  store<i32>(at, isTimeInBody ? 1 : 0, 24)
}

