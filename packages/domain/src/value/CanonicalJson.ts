/** JSON in one form only, so that equal values have equal texts. Loads nothing, so that threads which read events may use it. Source: RFC 8785. */

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/**
 * The value as RFC 8785 writes it. Beyond it: numbers too large for a double are `Infinity`, as `JSON.parse` reads them, and half of a
 * surrogate pair is written as an escape.
 */
export const of = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(of).join(",")}]`
  if (isObject(value)) {
    const members = Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${of(value[key])}`)
    return `{${members.join(",")}}`
  }
  if (typeof value === "number") return value === 0 ? "0" : String(value)
  return JSON.stringify(value) ?? "null"
}
