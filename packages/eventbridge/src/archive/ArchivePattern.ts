/**
 * Event patterns of archives: the one that archives a window's topics, and what can be proven of the one that an archive has.
 *
 * A topic is the `detail-type` of its events, as it is written: `{id}` is part of the text; `*` stands for any text.
 * Source: AWS, "Comparison operators for use in event patterns".
 */
import { Option, Predicate, Schema } from "effect"

/** The event pattern that archives these topics and nothing else, as JSON. */
export const ofTopics = (topics: ReadonlyArray<string>): string =>
  JSON.stringify({
    "detail-type": topics.map((topic) => {
      const star = topic.indexOf("*")
      if (star < 0) return topic
      return star === topic.length - 1 ? { prefix: topic.slice(0, -1) } : { wildcard: topic }
    })
  })

const parse = Schema.decodeUnknownOption(Schema.parseJson())

/** What the pattern asks of `detail-type`; none where it asks nothing, or is none that this module understands. */
const matchers = (pattern: string | undefined): Option.Option<ReadonlyArray<unknown>> =>
  Option.fromNullable(pattern).pipe(
    Option.flatMap(parse),
    Option.filter(Predicate.hasProperty("detail-type")),
    Option.map((fields) => fields["detail-type"]),
    Option.filter((value): value is ReadonlyArray<unknown> => Array.isArray(value))
  )

const like = (glob: string): RegExp =>
  new RegExp(`^${glob.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`, "s")

const textAt = (matcher: unknown, key: string): string | undefined =>
  Predicate.hasProperty(matcher, key) && Predicate.isString(matcher[key]) ? matcher[key] : undefined

const overlaps = (left: string, right: string): boolean => left.startsWith(right) || right.startsWith(left)

const reversed = (text: string): string => [...text].reverse().join("")

/** False only where no event of `topic` can satisfy `matcher`. */
const mayMatch = (matcher: unknown, topic: string): boolean => {
  const isOpen = topic.includes("*")
  if (Predicate.isString(matcher)) return like(topic).test(matcher)
  const prefix = textAt(matcher, "prefix")
  if (prefix !== undefined)
    return isOpen ? overlaps(topic.slice(0, topic.indexOf("*")), prefix) : topic.startsWith(prefix)
  const suffix = textAt(matcher, "suffix")
  if (suffix !== undefined) {
    if (!isOpen) return topic.endsWith(suffix)
    return overlaps(reversed(topic.slice(topic.lastIndexOf("*") + 1)), reversed(suffix))
  }
  const same = textAt(matcher, "equals-ignore-case")
  if (same !== undefined) return like(topic.toLowerCase()).test(same.toLowerCase())
  const wildcard = textAt(matcher, "wildcard")
  if (wildcard !== undefined) return isOpen || wildcard.includes("\\") || like(wildcard).test(topic)
  if (Predicate.hasProperty(matcher, "exists")) return matcher.exists !== false
  if (Predicate.hasProperty(matcher, "anything-but") && !isOpen) {
    const but = matcher["anything-but"]
    return !(Array.isArray(but) ? but.includes(topic) : but === topic)
  }
  return true
}

/** Those of `topics` that provably no event of an archive with this pattern has. */
export const excluded = (pattern: string | undefined, topics: ReadonlyArray<string>): ReadonlyArray<string> =>
  Option.match(matchers(pattern), {
    onNone: () => [],
    onSome: (all) => topics.filter((topic) => !all.some((matcher) => mayMatch(matcher, topic)))
  })

/** Whether `matcher` provably stands for nothing but `topic`. */
const within = (matcher: unknown, topic: string): boolean => {
  if (Predicate.isString(matcher)) return like(topic).test(matcher)
  const prefix = textAt(matcher, "prefix")
  if (prefix !== undefined) return topic.indexOf("*") === topic.length - 1 && prefix.startsWith(topic.slice(0, -1))
  return textAt(matcher, "wildcard") === topic
}

/** Whether an archive with this pattern provably holds nothing but `topics`. */
export const holdsOnly = (pattern: string | undefined, topics: ReadonlyArray<string>): boolean =>
  Option.match(matchers(pattern), {
    onNone: () => false,
    onSome: (all) => all.every((matcher) => topics.some((topic) => within(matcher, topic)))
  })
