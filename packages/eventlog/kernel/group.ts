/** Names of groups: a hash table of ids, their places, their bytes as literals. */
import { BACKSLASH, NONE, QUOTE, TEXT, WORD } from "./json"
import { copyLiteral, isLiteral } from "./structure"

const SLOTS: usize = 0x190000
const SLOT_COUNT: u32 = 4096
const GROUPS: usize = 0x194000
const MOST_GROUPS: i32 = 1000
const NAMES: usize = 0x1a0000
const NAMES_END: usize = 0x1e0000

/** How many ids there are; 0 is that of no group. */
export let groupCount: i32 = 1
let namesEnd: usize = NAMES
let lastGroup: i32 = 0
let lastName: usize = 0
/** The id that was read last. */
export let recordGroup: i32 = 0

/** Forgets all names. */
export function resetGroups(): void {
  groupCount = 1
  namesEnd = NAMES
  lastName = 0
  memory.fill(SLOTS, 0, SLOT_COUNT * 4)
}

/** Finds the id of the group whose name begins at `from`. False where it has to be found otherwise. */
function readGroup(from: usize): bool {
  if (lastName != 0 && isLiteral(from, lastName, load<i32>(GROUPS + <usize>lastGroup * 16, 8))) {
    recordGroup = lastGroup
    return true
  }
  return otherGroup(from)
}

function otherGroup(from: usize): bool {
  let hash: u32 = 2166136261
  let at = from
  let byte: u32 = load<u8>(at)
  while (byte != QUOTE) {
    if (byte == BACKSLASH) return false
    hash = (hash ^ byte) * 16777619
    byte = load<u8>(++at)
  }
  // The closing quote belongs to the name: no name is the beginning of another.
  const length = at + 1 - from
  if (length > 1024) return false
  let slot = (hash ^ (hash >> 15)) & (SLOT_COUNT - 1)
  let id = load<i32>(SLOTS + <usize>slot * 4)
  while (id != 0) {
    const group = GROUPS + <usize>id * 16
    if (load<u32>(group, 4) == length && isLiteral(from, load<u32>(group), load<i32>(group, 8))) break
    slot = (slot + 1) & (SLOT_COUNT - 1)
    id = load<i32>(SLOTS + <usize>slot * 4)
  }
  if (id == 0) {
    if (groupCount == MOST_GROUPS) return false
    const end = copyLiteral(namesEnd, NAMES_END, from, length)
    if (end == 0) return false
    id = groupCount++
    const group = GROUPS + <usize>id * 16
    store<u32>(group, <u32>namesEnd)
    store<u32>(group, <u32>length, 4)
    store<i32>(group, <i32>((length + 15) >> 4), 8)
    store<i32>(SLOTS + <usize>slot * 4, id)
    namesEnd = end
  }
  recordGroup = id
  lastGroup = id
  lastName = load<u32>(GROUPS + <usize>id * 16)
  return true
}

export function readGroupValue(kind: i32, at: usize): bool {
  if (kind == TEXT) return readGroup(at)
  recordGroup = 0
  return kind == NONE || (kind == WORD && load<u8>(at) == 110)
}
