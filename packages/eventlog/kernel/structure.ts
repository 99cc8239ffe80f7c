/** What records are made of: the keys that are looked for, and the bytes between values, by which one is known to be made like another. */

/** Where the paths stand that the caller looks for: a tree of keys, 28 bytes a node. */
export const KEYS: usize = 0x10000
export const KEY_SIZE: usize = 28
/** Where each value begins, for the values of the record that was walked last. */
export const STARTS: usize = 0x40000
/** The tree of notes. */
const TREE: usize = 0x50000
/** Literals, in blocks of sixteen bytes, each with the mask of those that count. */
const LITERALS: usize = 0x90000
const LITERALS_END: usize = 0x190000

export const NO_KEY: i32 = -1
export const ARRAY: i32 = -2

/** The child of `parent` that is named like the key from `from` to `to`. */
export function keyNamed(parent: i32, from: usize, to: usize): i32 {
  const length = to - from
  let key = load<i32>(KEYS + <usize>parent * KEY_SIZE)
  while (key != NO_KEY) {
    const at = KEYS + <usize>key * KEY_SIZE
    if (load<u32>(at, 12) == length && memory.compare(load<u32>(at, 8), from, length) == 0) return key
    key = load<i32>(at, 4)
  }
  return NO_KEY
}

/** Copies bytes as a literal: blocks of sixteen, each followed by its mask. The place behind it; 0 where there is no room. */
export function copyLiteral(to: usize, limit: usize, from: usize, length: usize): usize {
  const blocks = (length + 15) >> 4
  if (to + blocks * 32 > limit) return 0
  memory.fill(to, 0, blocks * 32)
  for (let at: usize = 0; at < length; at++) {
    const block = to + (at >> 4) * 32 + (at & 15)
    store<u8>(block, load<u8>(from + at))
    store<u8>(block, 255, 16)
  }
  return to + blocks * 32
}

// @ts-ignore: decorator
@inline
export function isLiteral(at: usize, literal: usize, blocks: i32): bool {
  let differs = v128.and(v128.xor(v128.load(at), v128.load(literal)), v128.load(literal, 16))
  for (let block: i32 = 1; block < blocks; block++) {
    at += 16
    literal += 32
    differs = v128.or(differs, v128.and(v128.xor(v128.load(at), v128.load(literal)), v128.load(literal, 16)))
  }
  return !v128.any_true(differs)
}

// The tree of notes. A node: literal, its length, its blocks, kind, first child, next sibling; behind these, what its owner keeps there.

/** The first of the nodes that a record may begin with; 0 where there is none. */
export let treeRoot: usize = 0
let treeCount: i32 = 0
let nodeSize: usize = 0
let mostNodes: i32 = 0
let literalsEnd: usize = LITERALS

/** A tree without nodes, of which each will take `size` bytes. */
export function plantTree(size: usize): void {
  treeRoot = 0
  treeCount = 0
  nodeSize = size
  mostNodes = <i32>((LITERALS - TREE) / size) - 1
  literalsEnd = LITERALS
}

/** Forgets the tree for good. */
export function fellTree(): void {
  treeRoot = 0
}

/**
 * The child of `parent`, or one of the first nodes where that is 0, for a value of `kind` behind these bytes: the one that is there, or a new
 * one, with zeros behind what every node has. 0 where there is no room.
 */
export function branch(parent: usize, from: usize, length: usize, kind: i32): usize {
  let before: usize = 0
  let node: usize = parent == 0 ? treeRoot : <usize>load<u32>(parent, 16)
  let siblings = 0
  while (node != 0) {
    if (
      load<i32>(node, 12) == kind &&
      <usize>load<u32>(node, 4) == length &&
      isLiteral(from, load<u32>(node), load<i32>(node, 8))
    )
      return node
    before = node
    node = load<u32>(node, 20)
    siblings++
  }
  if (treeCount == mostNodes || siblings > 40) return 0
  const literal = literalsEnd
  const end = copyLiteral(literal, LITERALS_END, from, length)
  if (end == 0) return 0
  literalsEnd = end
  node = TREE + <usize>treeCount * nodeSize
  treeCount++
  memory.fill(node, 0, nodeSize)
  store<u32>(node, <u32>literal)
  store<u32>(node, <u32>length, 4)
  store<i32>(node, <i32>((length + 15) >> 4), 8)
  store<i32>(node, kind, 12)
  if (before != 0) store<u32>(before, <u32>node, 20)
  else if (parent != 0) store<u32>(parent, <u32>node, 16)
  else treeRoot = node
  return node
}
