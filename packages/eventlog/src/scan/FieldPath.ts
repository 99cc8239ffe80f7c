/** A place in an event: the keys that lead to it from the top. */
import { Either, Schema } from "effect"
import type * as RecordField from "./RecordField.js"

/** See {@link RecordField.FieldPath}. */
export type FieldPath = RecordField.FieldPath

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
