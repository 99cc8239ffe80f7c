/** What would be sent, as a chart: how many events in each stretch of hours, and of each topic over time. */
import type { ResendSurvey } from "@genesys-replay/eventbridge"
import * as DisplayText from "@genesys-replay/eventlog/DisplayText"
import * as Table from "../terminal/Table.js"

/** What the chart is shown on. */
export interface Shown {
  readonly width: number
  readonly unicode: boolean
}

const hour = 3_600_000

// So many stretches fit on a screen.
const mostStretches = 24

// Stretches of so many hours, the shortest that do.
const lengths = [1, 2, 3, 6, 12, 24, 48, 168, 720, 8_760]

interface Stretches {
  readonly hours: number
  readonly fromMs: number
  readonly count: number
}

const stretchesOf = (cells: ReadonlyArray<ResendSurvey.Cell>): Stretches | undefined => {
  const at = cells.flatMap(({ hourMs }) => (hourMs === null ? [] : [hourMs]))
  const [first, last] = [at.at(0), at.at(-1)]
  if (first === undefined || last === undefined) return undefined
  for (const hours of lengths) {
    const fromMs = Math.floor(first / (hours * hour)) * hours * hour
    const count = Math.floor((last - fromMs) / (hours * hour)) + 1
    if (count <= mostStretches || hours === lengths.at(-1)) return { hours, fromMs, count }
  }
  return undefined
}

const summed = (cells: ReadonlyArray<ResendSurvey.Cell>): number => cells.reduce((sum, { count }) => sum + count, 0)

const places = (
  cells: ReadonlyArray<ResendSurvey.Cell>,
  { count, fromMs, hours }: Stretches
): ReadonlyArray<number> => {
  const sums = Array.from({ length: count }, () => 0)
  for (const cell of cells) {
    if (cell.hourMs === null) continue
    const place = Math.floor((cell.hourMs - fromMs) / (hours * hour))
    sums[place] = (sums[place] ?? 0) + cell.count
  }
  return sums
}

const barWidth = 32

// What is there at all is seen.
const bar = (count: number, most: number, unicode: boolean): string =>
  (unicode ? "█" : "#").repeat(count === 0 ? 0 : Math.max(1, Math.round((count / most) * barWidth)))

const marks = { unicode: [..."▁▂▃▄▅▆▇█"], ascii: [..."._-=+*%#"] }

const strip = (counts: ReadonlyArray<number>, most: number, unicode: boolean): string => {
  const steps = unicode ? marks.unicode : marks.ascii
  return counts
    .map((count) =>
      count === 0 ? " " : (steps[Math.min(steps.length - 1, Math.floor((count / most) * steps.length))] ?? " ")
    )
    .join("")
}

const label = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace("T", " ")

const overTime = (cells: ReadonlyArray<ResendSurvey.Cell>, stretches: Stretches, { unicode, width }: Shown): string => {
  const counts = places(cells, stretches)
  const most = Math.max(...counts)
  const rows = counts.map((count, place) => [
    label(stretches.fromMs + place * stretches.hours * hour),
    DisplayText.grouped(count),
    bar(count, most, unicode)
  ])
  const title = stretches.hours === 1 ? "hour (UTC)" : `from (UTC), ${stretches.hours} h each`
  return Table.render([{ title }, { title: "events", right: true }, { title: "" }], rows, width)
}

// What all topics begin with is told once.
const common = (topics: ReadonlyArray<string>): string => {
  const [first = "", ...others] = topics
  if (others.length === 0) return ""
  let prefix = first.slice(0, first.lastIndexOf(".") + 1)
  while (prefix !== "" && !others.every((topic) => topic.startsWith(prefix))) {
    prefix = prefix.slice(0, prefix.lastIndexOf(".", prefix.length - 2) + 1)
  }
  return prefix
}

const grouped = (cells: ReadonlyArray<ResendSurvey.Cell>): ReadonlyMap<string, ReadonlyArray<ResendSurvey.Cell>> => {
  const topics = new Map<string, Array<ResendSurvey.Cell>>()
  for (const cell of cells) topics.set(cell.topic, [...(topics.get(cell.topic) ?? []), cell])
  return topics
}

const byTopic = (
  cells: ReadonlyArray<ResendSurvey.Cell>,
  stretches: Stretches | undefined,
  { unicode, width }: Shown
): string => {
  const topics = [...grouped(cells)].sort(([, one], [, other]) => summed(other) - summed(one))
  const prefix = common(topics.map(([topic]) => topic))
  const rows = topics.map(([topic, own]) => {
    const counts = stretches === undefined ? [] : places(own, stretches)
    const name = DisplayText.safe(topic.slice(prefix.length), unicode)
    return [name, DisplayText.grouped(summed(own)), strip(counts, Math.max(...counts), unicode)]
  })
  const title = prefix === "" ? "topic" : `topic, ${DisplayText.safe(prefix, unicode)}`
  return Table.render([{ title, shrink: true }, { title: "events", right: true }, { title: "over time" }], rows, width)
}

/** The chart: no line is wider than the screen, unless that is narrower than 60. Empty where nothing would be sent. */
export const render = (cells: ReadonlyArray<ResendSurvey.Cell>, shown: Shown): string => {
  if (cells.length === 0) return ""
  const stretches = stretchesOf(cells)
  const timeless = summed(cells.filter(({ hourMs }) => hourMs === null))
  return [
    ...(stretches === undefined ? [] : [overTime(cells, stretches, shown)]),
    byTopic(cells, stretches, shown),
    ...(timeless === 0 ? [] : [`${DisplayText.grouped(timeless)} do not say when they happened`])
  ].join("\n\n")
}
