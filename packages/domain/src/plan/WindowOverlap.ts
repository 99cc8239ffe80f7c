/** Windows that bring the same events twice: same topic, same destination, overlapping time. */
import { DateTime, Option } from "effect"
import type { Finding } from "./Finding.js"
import { finding, type Subject } from "./PlanRules.js"

/** What the overlap of windows depends on at a provider. */
export interface Provider<Destination> {
  /** `window`: a replay has a start and an end. `to-now`: it has a start, and goes up to now. */
  readonly reach: "window" | "to-now"
  /** The same for two spellings of one destination. */
  readonly canonical: (destination: Destination) => string
  /** What people call a destination. */
  readonly called: (destination: Destination) => string
}

interface Span<Destination> {
  readonly subject: Subject<Destination>
  readonly from: number
  readonly to: number
}

const spanOf = <Destination>(
  subject: Subject<Destination>,
  reach: Provider<Destination>["reach"],
  now: DateTime.Utc
): Span<Destination> => {
  const until = reach === "to-now" ? now : Option.getOrElse(subject.end, () => now)
  return { subject, from: DateTime.toEpochMillis(subject.start), to: DateTime.toEpochMillis(until) }
}

/** `overlapping-windows`, once for a window and the one that reaches furthest into it; n·log n in the number of windows. */
export const findings = <Destination>(
  subjects: ReadonlyArray<Subject<Destination>>,
  { called, canonical, reach }: Provider<Destination>,
  now: DateTime.Utc
): ReadonlyArray<Finding> => {
  const lanes = new Map<string, Array<Span<Destination>>>()
  for (const subject of subjects) {
    const span = spanOf(subject, reach, now)
    for (const topic of subject.window.topics) {
      const lane = `${topic} ${canonical(subject.window.destination)}`
      const spans = lanes.get(lane)
      if (spans === undefined) lanes.set(lane, [span])
      else spans.push(span)
    }
  }
  const shared = new Map<Subject<Destination>, Map<Subject<Destination>, Array<string>>>()
  for (const [lane, spans] of lanes) {
    spans.sort((left, right) => left.from - right.from || left.subject.index - right.subject.index)
    let furthest: Span<Destination> | undefined
    for (const span of spans) {
      if (furthest !== undefined && span.from < furthest.to && span.from < span.to) {
        const others = shared.get(span.subject) ?? new Map<Subject<Destination>, Array<string>>()
        shared.set(span.subject, others)
        const topics = others.get(furthest.subject) ?? []
        others.set(furthest.subject, topics)
        topics.push(lane.slice(0, lane.indexOf(" ")))
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
        `overlaps with ${other.name}: ${topics.join(", ")} will be delivered twice to ${called(subject.window.destination)} for the time that both cover`
      )
    )
  )
}
