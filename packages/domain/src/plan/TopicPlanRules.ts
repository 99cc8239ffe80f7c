/** The rules of planning that tell mistyped topics. */
import { Option } from "effect"
import * as KnownTopics from "../value/KnownTopics.js"
import { finding, type Rule } from "./PlanRules.js"

/**
 * `misspelt-topic` for one that is not known and at most two letters away from one that is: a replay of it brings nothing, and an
 * archive that is made for it keeps nothing. `unknown-topic` for the other notification topics that are not known: the
 * organization's own catalogue may have them.
 */
export const findings: Rule<unknown> = ({ subject }) => {
  const { topics } = subject.window
  const unknown = KnownTopics.unknown(topics, KnownTopics.topics)
  const judged = unknown.map((topic) => ({ topic, nearest: KnownTopics.nearest(topic, KnownTopics.topics) }))
  const misspelt = judged.flatMap(({ nearest, topic }) =>
    Option.match(nearest, {
      onNone: () => [],
      onSome: (known) => [
        finding(
          subject,
          "error",
          "misspelt-topic",
          ["topics", topics.indexOf(topic)],
          `there is no topic ${topic}: nothing would come back. Did you mean ${known}?`
        )
      ]
    })
  )
  const others = judged.flatMap(({ nearest, topic }) =>
    Option.isNone(nearest) && topic.startsWith("v2.") ? [topic] : []
  )
  if (others.length === 0) return misspelt
  const message = `${others.join(", ")}: not among the topics that are known to come over EventBridge. The catalogue of the platform says whether there is such a topic`
  return [...misspelt, finding(subject, "warning", "unknown-topic", "topics", message)]
}
