/** The stretches of time in which most is missing. */
import type { Timeline } from "@genesys-replay/domain"
import * as GapMap from "../map/GapMap.js"
import * as TimeMap from "../map/TimeMap.js"
import type { Topic } from "./TopicReport.js"

/** A stretch of time in which something is missing at both ends. */
export interface Loss extends TimeMap.Stretch {
  /** What was expected in it of the topics that lack something. */
  readonly expected: number
  readonly missing: number
  /** The topics that lack something in it; what lacks most first. */
  readonly topics: ReadonlyArray<Topic>
}

/** Stretches that lie closer than this part of the whole are one: where every third event is lost, that is one loss and not hundreds. */
const cells = 200

const lossesOf = (topic: Topic, timeline: Timeline.Timeline, most: number): ReadonlyArray<Loss> => {
  const positions = TimeMap.positions(timeline)
  return GapMap.places(GapMap.make(positions, positions.range, cells), most).map((place) => ({
    ...TimeMap.spanOf(timeline, place),
    expected: TimeMap.countIn(timeline.expected, place),
    missing: place.missing,
    topics: [topic]
  }))
}

/** Whether two stretches have more in common than not. */
const isMostlySame = (one: TimeMap.Stretch, other: TimeMap.Stretch): boolean => {
  const both = Math.min(one.toMs, other.toMs) - Math.max(one.fromMs, other.fromMs)
  const either = Math.max(one.toMs, other.toMs) - Math.min(one.fromMs, other.fromMs)
  return both > 0 && 2 * both >= either
}

const together = (one: Loss, other: Loss): Loss => ({
  fromMs: Math.min(one.fromMs, other.fromMs),
  toMs: Math.max(one.toMs, other.toMs),
  expected: one.expected + other.expected,
  missing: one.missing + other.missing,
  topics: [...one.topics, ...other.topics.filter((topic) => !one.topics.includes(topic))]
})

const largestFirst = (losses: ReadonlyArray<Loss>): ReadonlyArray<Loss> =>
  [...losses].sort((left, right) => right.missing - left.missing || left.fromMs - right.fromMs)

/**
 * The losses of `topics`, the largest first: at most `mostOfEach` of each topic, and as one where several topics lack something at mostly
 * the same time, as they do when a consumer breaks.
 */
export const of = (topics: ReadonlyArray<Topic>, mostOfEach: number): ReadonlyArray<Loss> => {
  const found: Array<Loss> = []
  const apart = topics.flatMap((topic) =>
    topic.timeline === undefined || topic.missing === 0 ? [] : lossesOf(topic, topic.timeline, mostOfEach)
  )
  for (const loss of largestFirst(apart)) {
    const at = found.findIndex((other) => isMostlySame(loss, other))
    const same = found[at]
    if (same === undefined) found.push(loss)
    else found[at] = together(same, loss)
  }
  return largestFirst(found)
}
