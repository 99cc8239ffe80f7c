/** Texts with stars, each of them for any characters or none. */
import { Either } from "effect"

/** The texts between the stars of a wildcard; `\*` is a star, `\\` a backslash. */
export const parse = (pattern: string): Either.Either<ReadonlyArray<string>, string> => {
  const parts: Array<string> = []
  let part = ""
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at)
    if (char === "\\") {
      const escaped = pattern.charAt(++at)
      if (escaped !== "*" && escaped !== "\\") return Either.left(`Invalid escape character at pos ${at - 1}`)
      part += escaped
    } else if (char === "*") {
      if (pattern.charAt(at + 1) === "*") return Either.left(`Consecutive wildcard characters at pos ${at}`)
      parts.push(part)
      part = ""
    } else part += char
  }
  return Either.right([...parts, part])
}

/** Whether the parts stand in the text in their order, the first at its beginning, the last at its end. */
export const matches = (parts: ReadonlyArray<string>, text: string): boolean => {
  const [first = "", ...rest] = parts
  const last = rest.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false
  const end = text.length - last.length
  let at = first.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found < 0 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}
