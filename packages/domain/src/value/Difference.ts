/** In what two values differ, field by field: what is asked for, and what stands. */
import { Predicate } from "effect"

/** One field in which what is wanted and what was found differ. */
export interface Difference {
  /** The field: `replayConfig.startDate`. */
  readonly path: string
  readonly wanted: unknown
  readonly found: unknown
}

/** Whether two values that stand at `path` mean the same, though they are not the same. */
export type Same = (path: string, wanted: unknown, found: unknown) => boolean

const compare = (path: string, wanted: unknown, found: unknown, same: Same): ReadonlyArray<Difference> => {
  if (Predicate.isRecord(wanted)) {
    return Object.entries(wanted).flatMap(([key, value]) =>
      compare(path === "" ? key : `${path}.${key}`, value, Predicate.isRecord(found) ? found[key] : undefined, same)
    )
  }
  const isSame = Array.isArray(wanted)
    ? Array.isArray(found) && JSON.stringify([...wanted].sort()) === JSON.stringify([...found].sort())
    : wanted === found || same(path, wanted, found)
  return isSame ? [] : [{ path, wanted, found }]
}

/**
 * The fields of `wanted` that `found` has not, or has otherwise. Keys that only `found` has do not count, nor does the order of a list;
 * `same` says what else does not.
 */
export const between = (wanted: unknown, found: unknown, same: Same = () => false): ReadonlyArray<Difference> =>
  compare("", wanted, found, same)
