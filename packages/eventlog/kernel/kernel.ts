/** What the callers of the kernel call. */
export {
  begin,
  foundEntries,
  goesOverLines,
  goOn,
  groupsKnown,
  isInRecord,
  isOutside,
  linesPassed,
  recordsParsed,
  recordsWalked,
  reset,
  scanArray,
  scanLines,
  seek
} from "./scan"
export {
  hashBegin,
  hashFinish,
  hashIndex,
  hashKeyBegin,
  hashKeyEnd,
  hashKind,
  hashLongBegin,
  hashLongEnd,
  hashNumber,
  hashRoot,
  hashTake,
  hashText,
  pathPlace
} from "./valueHash"
