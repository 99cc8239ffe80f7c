/**
 * The kernel: reads captured events out of a block of bytes, sixteen at a time, and proves of each that it is valid JSON.
 *
 * AssemblyScript, compiled to WebAssembly with SIMD by build.mjs. What it can't prove equal to JSON.parse it hands back, as
 * a stretch of bytes for the caller to parse.
 *
 * Two ways through a record. `parse` walks any JSON, token by token, and notes what it was made of: the bytes between the
 * values ("literals": brackets, keys, colons, commas, spaces) and the kind of each value. These notes are kept in a tree.
 * `walk` follows the tree: where a record has the same literals as one that was parsed before, and a value of the same kind
 * at each place, it has the same structure and is as valid. Records of one log are like that, so most are walked.
 */

import { groupCount, readGroupValue, recordGroup, resetGroups } from "./group"
import { identifiedLines, identify, isUnidentified, recordFrom, recordTo, resetIdentity, topicAt, writeIdentity } from "./identity"
import {
  CONTAINER,
  END,
  failed,
  failedAt,
  hasBackslash,
  isDigit,
  LF,
  lineFeeds,
  NONE,
  number,
  NUMBER,
  QUOTE,
  space,
  spaceIs,
  TEXT,
  text,
  WORD,
  word
} from "./json"
import {
  ARRAY,
  branch,
  fellTree,
  isLiteral,
  KEY_SIZE,
  keyNamed,
  KEYS,
  NO_KEY,
  plantTree,
  STARTS,
  treeRoot
} from "./structure"

/** One i32 for each open container: the key node of an object, `NO_KEY` for one that is of no interest, `ARRAY`. */
const STACK: usize = 0x20000
const DEEPEST: i32 = 16000
/** The notes of `parse`: 12 bytes for each value. */
const NOTES: usize = 0x30000
const MOST_NOTES: i32 = 1000
/** A node of the tree of notes takes 44 bytes. */
const TREE_SIZE: usize = 44
/**
 * What was found: 24 bytes an entry. Events: first index (f64), how many there are (or the line, where each is an entry of its own), id of
 * the group, where the time of the first and of the last stands (0 for none). Bytes that are handed over: lines before them (f64), how far
 * they were read where they are not JSON, a negative kind, where they stand, how many (of an array that breaks its state); see `handOver`.
 */
const FOUND: usize = 0x1e0000
const FOUND_SIZE: usize = 24
const MOST_FOUND: i32 = 10000

// What the caller looks for: one bit each in a key node.
const INDEX: i32 = 0
const GROUP: i32 = 1
const OWN_TIME: i32 = 2
const OUTER_TIME: i32 = 3
const DETAIL_TYPE: i32 = 4
const SOURCE: i32 = 5
const TARGETS: i32 = 6

// States of an array.
const OUTSIDE: i32 = 0
const FIRST: i32 = 1
const BEHIND_VALUE: i32 = 2
const BEHIND_COMMA: i32 = 3

/** Whether records are read for their identity, in place of their index. */
let identifies: bool = false
/** Whether records in a row make one entry. */
let merges: bool = true
/** Whether a record of the source did go over lines, or may have: it was cut off behind its first line. */
let wentOverLines: bool = false
/** Whether the input ends in a record that began on a line before its last. */
let endsOverLines: bool = false
/** Line feeds that were passed. */
let lines: u64 = 0
let arrayState: i32 = OUTSIDE

let foundCount: i32 = 0
/** The entry that the next record may extend; 0 where there is none. */
let open: usize = 0
let openGroup: i32 = 0
let openNext: f64 = -1

// What `parse` finds: for each target the kind, the place and the note of its value.
const kinds = memory.data(4 * 6)
const places = memory.data(4 * 6)
const notes = memory.data(4 * 6)
let unusual: bool = false
let noteCount: i32 = 0

let walked: u32 = 0
let parsed: u32 = 0
let growing: bool = true
let leaf: usize = 0


// The record that was read last.
let recordIndex: f64 = 0
/** It is an envelope without an index. */
let lacksIndex: bool = false
let recordTime: usize = 0
/** Line feeds in it. */
let recordLines: u32 = 0

/** Forgets everything: other paths stand in `KEYS` now. Without `mergeRuns` each record is an entry of its own. */
export function reset(mergeRuns: bool): void {
  identifies = false
  lacksIndex = false
  merges = mergeRuns
  plantTree(TREE_SIZE)
  walked = 0
  parsed = 0
  growing = true
  resetGroups()
}

/** From now on identities are read, hashed with this seed; with a key of so many paths, or without. */
export function seek(first: i32, second: i32, third: i32, fourth: i32, keyPaths: i32): void {
  identifies = true
  resetIdentity(
    <u64>(<u32>first) | ((<u64>(<u32>second)) << 32),
    <u64>(<u32>third) | ((<u64>(<u32>fourth)) << 32),
    keyPaths
  )
}

/** Another source begins; what records are made of is still known. */
export function begin(): void {
  wentOverLines = false
}

/** Lines begin, or an array in the state `state`. */
export function goOn(overLines: bool, state: i32, linesBefore: f64): void {
  spaceIs(overLines)
  endsOverLines = false
  arrayState = state
  lines = <u64>linesBefore
}

export function foundEntries(): i32 {
  return foundCount
}
export function linesPassed(): f64 {
  return <f64>lines
}
export function groupsKnown(): i32 {
  return groupCount
}
/** See `wentOverLines`. */
export function goesOverLines(): bool {
  return wentOverLines
}
/** See `endsOverLines`. */
export function isInRecord(): bool {
  return endsOverLines
}
/** Nothing of an array is open: the source may end. */
export function isOutside(): bool {
  return arrayState == OUTSIDE
}
export function recordsWalked(): u32 {
  return walked
}
export function recordsParsed(): u32 {
  return parsed
}

// Any record, token by token

// @ts-ignore: decorator
@inline
function note(from: usize, to: usize, kind: i32): void {
  if (noteCount < MOST_NOTES) {
    const at = NOTES + <usize>noteCount * 12
    store<u32>(at, <u32>from)
    store<u32>(at, <u32>(to - from), 4)
    store<i32>(at, kind, 8)
  }
  noteCount++
}

/** Remembers a value that somebody looks for. */
function aim(key: i32, kind: i32, at: usize): void {
  const targets = load<i32>(KEYS + <usize>key * KEY_SIZE, 16)
  if (targets == 0) return
  for (let target = 0; target < TARGETS; target++) {
    if (((targets >> target) & 1) == 0) continue
    store<i32>(kinds + 4 * target, kind)
    store<u32>(places + 4 * target, <u32>at)
    store<i32>(notes + 4 * target, noteCount)
  }
}

/** The child of `parent`, as {@link keyNamed} finds it; what was found below it before counts no more. */
function child(parent: i32, from: usize, to: usize): i32 {
  if (parent < 0) return NO_KEY
  const key = keyNamed(parent, from, to)
  if (key == NO_KEY) return NO_KEY
  const below = load<i32>(KEYS + <usize>key * KEY_SIZE, 20)
  for (let target = 0; target < TARGETS; target++) {
    if (((below >> target) & 1) != 0) store<i32>(kinds + 4 * target, NONE)
  }
  return key
}

/** The end of the JSON value at `from`, which begins with no space; 0 where it is not valid. Fills in what was found and the notes. */
function parse(from: usize): usize {
  store<u64>(kinds, 0)
  store<u64>(kinds, 0, 8)
  store<u64>(kinds, 0, 16)
  unusual = false
  noteCount = 0
  parsed++
  let at = from
  let literal = from
  let depth: i32 = 0
  let key: i32 = 0
  while (true) {
    // A value.
    const byte: u32 = load<u8>(at)
    if (byte == QUOTE) {
      if (key >= 0) aim(key, TEXT, at + 1)
      note(literal, at + 1, TEXT)
      at = text(at + 1)
      if (at == 0) return 0
      literal = at
      at++
    } else if (byte == 123) {
      if (key > 0) aim(key, CONTAINER, at)
      at = space(at + 1)
      if (load<u8>(at) == 125) at++
      else {
        if (depth == DEEPEST) return failed(at)
        store<i32>(STACK + 4 * depth++, key)
        at = name(at)
        if (at == 0) return 0
        key = nameKey(key)
        continue
      }
    } else if (byte == 91) {
      if (key > 0) aim(key, CONTAINER, at)
      at = space(at + 1)
      if (load<u8>(at) == 93) at++
      else {
        if (depth == DEEPEST) return failed(at)
        store<i32>(STACK + 4 * depth++, ARRAY)
        key = NO_KEY
        continue
      }
    } else if (byte == 45 || isDigit(byte)) {
      if (key >= 0) aim(key, NUMBER, at)
      note(literal, at, NUMBER)
      at = number(at)
      if (at == 0) return 0
      literal = at
    } else {
      if (key >= 0) aim(key, WORD, at)
      note(literal, at, WORD)
      at = word(at)
      if (at == 0) return 0
      literal = at
    }
    // Behind a value.
    while (true) {
      if (depth == 0) {
        note(literal, at, END)
        return at
      }
      at = space(at)
      const next: u32 = load<u8>(at)
      const top = load<i32>(STACK + 4 * (depth - 1))
      if (next == 44) {
        at = space(at + 1)
        if (top == ARRAY) key = NO_KEY
        else {
          at = name(at)
          if (at == 0) return 0
          key = nameKey(top)
        }
        break
      }
      if (next != (top == ARRAY ? 93 : 125)) return failed(at)
      at++
      depth--
    }
  }
}

let nameFrom: usize = 0
let nameTo: usize = 0

/** Reads a key and its colon; the place of the value, 0 where it is not valid. */
function name(at: usize): usize {
  if (load<u8>(at) != QUOTE) return failed(at)
  nameFrom = at + 1
  nameTo = text(at + 1)
  if (nameTo == 0) return 0
  const colon = space(nameTo + 1)
  if (load<u8>(colon) != 58) return failed(colon)
  return space(colon + 1)
}

// @ts-ignore: decorator
@inline
function nameKey(parent: i32): i32 {
  if (parent < 0) return NO_KEY
  // A key with an escape in it may be one that is looked for.
  if (hasBackslash(nameFrom, nameTo)) unusual = true
  return child(parent, nameFrom, nameTo)
}

// The tree

/*
 * A node of the tree: literal, its length, its blocks, kind, first child, next sibling; at an end, the notes of the index, the
 * group, the kind of the group, the note of the time, and the line feeds of the record: they stand in literals only.
 */

/** Takes the notes of the record that was parsed last into the tree. */
function learn(): void {
  if (noteCount > MOST_NOTES) return
  let parent: usize = 0
  for (let at = 0; at < noteCount; at++) {
    const from: usize = load<u32>(NOTES + <usize>at * 12)
    const length: usize = load<u32>(NOTES + <usize>at * 12, 4)
    const kind = load<i32>(NOTES + <usize>at * 12, 8)
    const node = branch(parent, from, length, kind)
    if (node == 0) return
    parent = node
  }
  store<i32>(parent, lacksIndex ? -1 : load<i32>(notes), 24)
  store<i32>(parent, load<i32>(notes, 4), 28)
  store<i32>(parent, load<i32>(kinds, 4), 32)
  const time: usize =
    load<i32>(kinds, 4 * OWN_TIME) == TEXT ? OWN_TIME : load<i32>(kinds, 4 * OUTER_TIME) == TEXT ? OUTER_TIME : 4
  store<i32>(parent, time == 4 ? -1 : load<i32>(notes + 4 * time), 36)
  store<u32>(parent, recordLines, 40)
}

/** The end of the record at `from`, which is made like one that was parsed before; 0 where it is not. Fills in `STARTS` and `leaf`. */
function walk(from: usize): usize {
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
      leaf = node
      return value
    }
    if (end == 0) {
      node = load<u32>(node, 20)
      continue
    }
    store<u32>(start, <u32>value)
    start += 4
    at = end
    node = load<u32>(node, 16)
  }
  return 0
}

// Records

/** Reads the digits at `at`. False where they are no plain index. */
function readIndex(at: usize): bool {
  let value: u64 = 0
  const first = at
  let byte: u32 = load<u8>(at)
  while (isDigit(byte)) {
    value = value * 10 + <u64>(byte - 48)
    byte = load<u8>(++at)
  }
  const digits = at - first
  if (digits == 0 || digits > 16 || byte == 46 || (byte | 32) == 101 || value > 9007199254740991) return false
  recordIndex = <f64>value
  return true
}

/** Whether the record that was parsed last is an envelope as `EventEnvelope.isEvent` has it, around an event that says a time. */
function isEnvelope(): bool {
  return (
    load<i32>(kinds, 4 * OWN_TIME) == TEXT &&
    load<i32>(kinds, 4 * DETAIL_TYPE) == TEXT &&
    load<i32>(kinds, 4 * SOURCE) == TEXT
  )
}

/**
 * The end of the record at `from`; 0 where it is not valid. `unusual` where it is, but somebody else has to read it; else the
 * record's index, group and time are known.
 */
function record(from: usize): usize {
  if (identifies) {
    const end = identify(from)
    unusual = isUnidentified
    recordLines = identifiedLines
    return end
  }
  const end = walk(from)
  if (end != 0) {
    walked++
    recordLines = load<u32>(leaf, 40)
    lacksIndex = load<i32>(leaf, 24) < 0
    if (lacksIndex) {
      unusual = false
      return end
    }
    const group = load<i32>(leaf, 32)
    const time = load<i32>(leaf, 36)
    unusual =
      !readIndex(load<u32>(STARTS + <usize>load<i32>(leaf, 24) * 4)) ||
      !readGroupValue(group, group == NONE ? 0 : load<u32>(STARTS + <usize>load<i32>(leaf, 28) * 4))
    recordTime = time < 0 ? 0 : load<u32>(STARTS + <usize>time * 4)
    return end
  }
  const ends = parse(from)
  if (ends == 0) return 0
  recordLines = lineFeeds(from, ends)
  lacksIndex = !unusual && isEnvelope() && load<i32>(kinds) == NONE
  if (
    lacksIndex ||
    (!unusual &&
      load<i32>(kinds) == NUMBER &&
      readIndex(load<u32>(places)) &&
      readGroupValue(load<i32>(kinds, 4), load<u32>(places, 4)))
  ) {
    recordTime =
      load<i32>(kinds, 4 * OWN_TIME) == TEXT
        ? load<u32>(places, 4 * OWN_TIME)
        : load<i32>(kinds, 4 * OUTER_TIME) == TEXT
          ? load<u32>(places, 4 * OUTER_TIME)
          : 0
    // A log whose records have nothing in common is not worth a tree.
    if (growing) {
      learn()
      if (parsed > 20000 && walked < parsed) {
        growing = false
        fellTree()
      }
    }
  } else unusual = true
  return ends
}

/** An entry of a record that was identified: lines before it, where its topicName stands, its group, where it stands itself, its length. */
function emitIdentity(): void {
  const entry = FOUND + <usize>foundCount * FOUND_SIZE
  writeIdentity(foundCount++)
  store<f64>(entry, <f64>lines)
  store<u32>(entry, <u32>topicAt, 8)
  store<i32>(entry, recordGroup, 12)
  store<u32>(entry, <u32>recordFrom, 16)
  store<u32>(entry, <u32>(recordTo - recordFrom), 20)
}

function emit(): void {
  if (identifies) return emitIdentity()
  if (merges && open != 0 && recordGroup == openGroup && recordIndex == openNext) {
    openNext += 1
    store<u32>(open, load<u32>(open, 8) + 1, 8)
    store<u32>(open, <u32>recordTime, 20)
    return
  }
  open = FOUND + <usize>foundCount * FOUND_SIZE
  foundCount++
  openGroup = recordGroup
  openNext = recordIndex + 1
  store<f64>(open, recordIndex)
  store<u32>(open, merges ? 1 : <u32>lines, 8)
  store<i32>(open, recordGroup, 12)
  store<u32>(open, <u32>recordTime, 16)
  store<u32>(open, <u32>recordTime, 20)
}

/**
 * Hands over a stretch of bytes: `kind` −1 is one record to be parsed, −2 is where an array breaks, −3 a record that goes over lines up
 * to where it breaks, −4 is where an array begins among lines, −5 an envelope without an index, which nobody has to parse.
 */
function handOver(kind: i32, from: usize, length: usize): void {
  const entry = FOUND + <usize>foundCount * FOUND_SIZE
  foundCount++
  store<f64>(entry, <f64>lines)
  store<u32>(entry, failedAt < from ? 0 : <u32>(failedAt - from), 8)
  store<i32>(entry, kind, 12)
  store<u32>(entry, <u32>from, 16)
  store<u32>(entry, <u32>length, 20)
  open = 0
}

/** The first line feed from `at` on; `end` where there is none before it. */
function lineFeed(from: usize, end: usize): usize {
  let at = from
  while (at < end) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(10)))
    if (found != 0) return min(at + ctz(found), end)
    at += 16
  }
  return end
}

/** Whether a byte order mark stands at `at`. It begins a file, and may so stand before any record where files were strung together. */
function isMark(at: usize): bool {
  return load<u8>(at) == 0xef && load<u16>(at, 1) == 0xbfbb
}

/** The first place from `at` on where there is neither space, line feeds aside, nor a byte order mark. */
function pastSpace(from: usize): usize {
  let at = from
  let byte: u32 = load<u8>(at)
  while (byte == 32 || byte == 13 || byte == 9 || (byte == 0xef && isMark(at))) {
    at += byte == 0xef ? 3 : 1
    byte = load<u8>(at)
  }
  return at
}

/** The first place from `at` on where there is no space, line feeds included. */
function pastLines(from: usize): usize {
  let at = space(from)
  while (load<u8>(at) == LF) at = space(at + 1)
  return at
}

/**
 * Reads the records from `from` up to `end`, behind which there are sixteen zeros. The place behind the last one that was read: what is
 * left is cut off; or there is no room for more entries; or the last entry says that it goes on otherwise.
 *
 * An object counts, on one line or over several, when a line feed, another object or an array follows it, spaces aside. Else the rest of
 * its first line is handed over.
 */
export function scanLines(from: usize, end: usize, isLast: bool): usize {
  foundCount = 0
  open = 0
  endsOverLines = false
  let at = from
  while (foundCount < MOST_FOUND) {
    const start = at
    at = pastSpace(at)
    let byte: u32 = load<u8>(at)
    if (byte == LF) {
      if (at >= end) return start
      lines++
      at++
      continue
    }
    if (at >= end) return start
    failed(0)
    if (byte == 123) {
      const recordEnd = record(at)
      if (recordEnd != 0) {
        let next = pastSpace(recordEnd)
        byte = load<u8>(next)
        if (byte == LF || byte == 123 || byte == 91) {
          if (unusual) handOver(-1, start, recordEnd - start)
          else if (lacksIndex) handOver(-5, start, recordEnd - start)
          else emit()
          if (recordLines != 0) {
            lines += recordLines
            wentOverLines = true
          }
          if (byte == LF) {
            lines++
            next++
          }
          at = next
          continue
        }
        failed(next)
      }
    } else if (byte == 91) {
      const first = pastLines(at + 1)
      if (first >= end && !isLast) {
        endsOverLines = true
        return start
      }
      if (load<u8>(first) == 123) {
        wentOverLines = true
        handOver(-4, at, 0)
        return at
      }
    }
    const line = lineFeed(at, end)
    if (line == end) return start
    if (failedAt > line) {
      if (failedAt + 16 > end) {
        endsOverLines = true
        if (!isLast) return start
        wentOverLines = true
      }
      handOver(-3, start, failedAt - start)
      return line
    }
    handOver(-1, start, line - start)
    at = line
  }
  return at
}

/**
 * Reads the elements of arrays from `from` up to `end`, behind which there are sixteen zeros. The place behind the last one that
 * was read: what is left is cut off, or not JSON, in which case an entry says so; or there is no room for more entries.
 */
export function scanArray(from: usize, end: usize, isLast: bool): usize {
  foundCount = 0
  open = 0
  let at = from
  while (foundCount < MOST_FOUND) {
    let byte: u32 = load<u8>(at)
    while (byte == 32 || byte == 13 || byte == 9 || byte == LF || (arrayState == OUTSIDE && isMark(at))) {
      if (byte == LF) lines++
      at += byte == 0xef ? 3 : 1
      byte = load<u8>(at)
    }
    if (at >= end) return end
    if (arrayState == BEHIND_VALUE) {
      if (byte == 44) arrayState = BEHIND_COMMA
      else if (byte == 93) arrayState = OUTSIDE
      else {
        failed(at)
        handOver(-2, at, arrayState)
        return at
      }
      at++
      continue
    }
    if (byte == 93 && arrayState == FIRST) {
      arrayState = OUTSIDE
      at++
      continue
    }
    if (byte == 91 && arrayState == OUTSIDE) {
      arrayState = FIRST
      at++
      continue
    }
    const recordEnd = byte == 123 || arrayState != OUTSIDE ? record(at) : failed(at)
    if (!isLast && (recordEnd == 0 ? failedAt + 16 > end : recordEnd >= end && byte != 123)) return at
    if (recordEnd == 0) {
      handOver(-2, at, arrayState)
      return at
    }
    if (unusual || byte != 123) handOver(-1, at, recordEnd - at)
    else if (lacksIndex) handOver(-5, at, recordEnd - at)
    else emit()
    lines += recordLines
    at = recordEnd
    if (arrayState != OUTSIDE) arrayState = BEHIND_VALUE
  }
  return at
}
