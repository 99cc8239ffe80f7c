/** A place in an event: the keys that lead to it from the top. */
import { Either, Schema } from "effect"

/** One key for each level; `["detail", "sequenceIndex"]`. */
export type FieldPath = readonly [string, ...ReadonlyArray<string>]

/** A path that names no place. */
export class InvalidFieldPath extends Schema.TaggedError<InvalidFieldPath>()("InvalidFieldPath", {
  path: Schema.String
}) {
  override get message(): string {
    return `not a path: ${JSON.stringify(this.path)}. Write keys with dots between them, as in detail.sequenceIndex; a dot that belongs to a key is written \\.`
  }
}

/** Reads `detail.sequenceIndex`. A dot that belongs to a key is written `\.`, a backslash `\\`. */
export const parse = (text: string): Either.Either<FieldPath, InvalidFieldPath> => {
  const keys = [""]
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? ""
    if (character === ".") {
      keys.push("")
      continue
    }
    const escaped = character === "\\"
    const meant = escaped ? (text[++at] ?? "") : character
    if (escaped && meant !== "." && meant !== "\\") return Either.left(new InvalidFieldPath({ path: text }))
    keys.push(`${keys.pop() ?? ""}${meant}`)
  }
  const [first = "", ...rest] = keys
  return keys.includes("") ? Either.left(new InvalidFieldPath({ path: text })) : Either.right([first, ...rest])
}

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
