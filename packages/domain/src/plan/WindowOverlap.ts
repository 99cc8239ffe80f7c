/** Windows that bring the same events twice: same topic, same destination, overlapping time. */
import { DateTime, Option } from "effect"
import type { ProviderName } from "../value/ProviderName.js"
import type { Finding } from "./Finding.js"
import { finding, type Subject } from "./PlanRules.js"

interface Span {
  readonly subject: Subject
  readonly from: number
  readonly to: number
}

const spanOf = (subject: Subject, provider: ProviderName, now: DateTime.Utc): Span => {
  const until = provider === "genesys" ? now : Option.getOrElse(subject.end, () => now)
  return { subject, from: DateTime.toEpochMillis(subject.start), to: DateTime.toEpochMillis(until) }
}

/** `overlapping-windows`, once for a window and the one that reaches furthest into it; n·log n in the number of windows. */
export const findings = (
  subjects: ReadonlyArray<Subject>,
  provider: ProviderName,
  now: DateTime.Utc
): ReadonlyArray<Finding> => {
  const lanes = new Map<string, Array<Span>>()
  for (const subject of subjects) {
    const span = spanOf(subject, provider, now)
    for (const topic of subject.window.topics) {
      const lane = `${subject.window.destination.canonical} ${topic}`
      const spans = lanes.get(lane)
      if (spans === undefined) lanes.set(lane, [span])
      else spans.push(span)
    }
  }
  const shared = new Map<Subject, Map<Subject, Array<string>>>()
  for (const [lane, spans] of lanes) {
    spans.sort((left, right) => left.from - right.from || left.subject.index - right.subject.index)
    let furthest: Span | undefined
    for (const span of spans) {
      if (furthest !== undefined && span.from < furthest.to && span.from < span.to) {
        const others = shared.get(span.subject) ?? new Map<Subject, Array<string>>()
        shared.set(span.subject, others)
        const topics = others.get(furthest.subject) ?? []
        others.set(furthest.subject, topics)
        topics.push(lane.slice(lane.indexOf(" ") + 1))
      }
      if (furthest === undefined || span.to > furthest.to) furthest = span
    }
  }
  return subjects.flatMap((subject) =>
    [...(shared.get(subject) ?? [])].map(([other, topics]) =>
      finding(
        subject,
        "warning",
        "overlapping-windows",
        "topics",
        `overlaps with ${other.name}: ${topics.join(", ")} will be delivered twice to ${subject.window.destination.bus} for the time that both cover`
      )
    )
  )
}
