/** The constraints that AWS declares on the members of its requests, with the sentences that it refuses them by. */
import { Schema } from "effect"

const least = (length: number) => `Member must have length greater than or equal to ${length}`
const most = (length: number) => `Member must have length less than or equal to ${length}`

/** Text of some length, in characters. */
export const text = (shortest: number, longest: number) =>
  Schema.String.pipe(
    Schema.minLength(shortest, { message: () => least(shortest) }),
    Schema.maxLength(longest, { message: () => most(longest) })
  )

/** Text of some length that a regular expression matches from its beginning to its end. */
export const pattern = (shortest: number, longest: number, source: string) =>
  text(shortest, longest).pipe(
    Schema.pattern(new RegExp(`^(?:${source})$`), {
      message: () => `Member must satisfy regular expression pattern: ${source}`
    })
  )

/** A whole number within bounds. */
export const whole = (smallest: number, greatest: number) =>
  Schema.Number.pipe(
    Schema.int({ message: () => "Member must be an integer" }),
    Schema.greaterThanOrEqualTo(smallest, {
      message: () => `Member must have value greater than or equal to ${smallest}`
    }),
    Schema.lessThanOrEqualTo(greatest, { message: () => `Member must have value less than or equal to ${greatest}` })
  )

/** One of some texts. */
export const oneOf = <const A extends ReadonlyArray<string>>(...values: A) =>
  Schema.String.pipe(
    Schema.filter((value): value is A[number] => values.includes(value), {
      message: () => `Member must satisfy enum value set: [${values.join(", ")}]`
    })
  )

/** A list of some length. */
export const list = <A, I>(item: Schema.Schema<A, I>, shortest: number, longest: number) =>
  Schema.Array(item).pipe(
    Schema.minItems(shortest, { message: () => least(shortest) }),
    Schema.maxItems(longest, { message: () => most(longest) })
  )
