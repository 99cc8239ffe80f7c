/** A place in a parsed record, and what stands there. */

/** One key for each level; `["detail", "sequenceIndex"]`. */
export type FieldPath = readonly [string, ...ReadonlyArray<string>]

/** The path as it is written. */
export const format = (path: FieldPath): string =>
  path.map((key) => key.replaceAll("\\", "\\\\").replaceAll(".", "\\.")).join(".")

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/**
 * The value at `path` of a parsed JSON value; undefined where there is none. Only keys that stand in the JSON count, and
 * only those of objects: no array's `length`, no inherited name.
 */
export const get = (value: unknown, path: FieldPath): unknown =>
  path.reduce<unknown>((inner, key) => (isObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined), value)
