/** A pattern over topics, as the retention matrix uses them. What it stands for says `TopicMatch`. */
import { Order, Schema } from "effect"
import type { TopicId } from "./TopicId.js"
import * as TopicMatch from "./TopicMatch.js"

const shape = /^(?:\*|(?:genesys|v2)(?:\.(?:[A-Za-z0-9_-]+|\{[A-Za-z0-9_-]+\}|\*))+)$/

/** A topic, or a topic with wildcards: `genesys.conversations.*`, `v2.users.{id}.presence`, `*`. */
export const TopicPattern = Schema.String.pipe(
  Schema.filter(
    (pattern) =>
      shape.test(pattern) ||
      `not a topic pattern: ${JSON.stringify(pattern)}. Write a topic, a topic that ends in .*, or * alone`,
    { identifier: "TopicPattern", description: "a topic, with * for a segment or, at the end, for all that follow" }
  ),
  Schema.brand("TopicPattern")
)

/** A string that is known to be a topic pattern. */
export type TopicPattern = typeof TopicPattern.Type

/** Whether `topic` is one of those that `pattern` stands for: see `TopicMatch`. */
export const matches = (pattern: TopicPattern, topic: TopicId): boolean => TopicMatch.matches(pattern, topic)

const literals = (segments: ReadonlyArray<string>): number =>
  segments.filter((segment) => !TopicMatch.isWildcard(segment)).length

/**
 * Most specific first: more literal segments, then a literal further left, then more segments.
 * Patterns that this order calls equal never match the same topic, unless they differ in the name of a placeholder only.
 */
export const bySpecificity: Order.Order<TopicPattern> = Order.make((self, that) => {
  if (self === that) return 0
  const left = self.split(".")
  const right = that.split(".")
  const byLiterals = literals(right) - literals(left)
  if (byLiterals !== 0) return byLiterals < 0 ? -1 : 1
  const shared = Math.min(left.length, right.length)
  for (let index = 0; index < shared; index++) {
    const difference =
      Number(TopicMatch.isWildcard(left[index] ?? "")) - Number(TopicMatch.isWildcard(right[index] ?? ""))
    if (difference !== 0) return difference < 0 ? -1 : 1
  }
  return left.length === right.length ? 0 : left.length > right.length ? -1 : 1
})
