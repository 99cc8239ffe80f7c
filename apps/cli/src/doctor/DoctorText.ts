/** Checks as a person reads them: by whom they ask, each as it ends, and below what is not as it should be, what to do. */
import { type CheckOutcome, HealthCheck, Plural } from "@genesys-replay/domain"
import * as DisplayText from "@genesys-replay/eventlog/DisplayText"
import type { Output } from "../terminal/Screen.js"
import * as Style from "../terminal/Style.js"

/** Whom checks ask, in the order in which they are shown. */
export const areas = ["local", "genesys", "aws"] as const satisfies ReadonlyArray<HealthCheck.CheckArea>

const titles: Record<HealthCheck.CheckArea, string> = { local: "THIS MACHINE", genesys: "GENESYS CLOUD", aws: "AWS" }

const inks: Record<CheckOutcome.CheckStatus, Style.Ink> = {
  ok: "green",
  warning: "yellow",
  failed: "red",
  skipped: "dim"
}

const statusWidth = 7
const nameWidth = 19
const margin = statusWidth + nameWidth + 4
const narrowest = 20

/** The parts of a word that is longer than `width`, an ARN or a path say; broken behind `/` or `:` where there is one. */
const parts = (word: string, width: number): ReadonlyArray<string> => {
  if (DisplayText.width(word) <= width) return [word]
  const at = Math.max(word.lastIndexOf("/", width - 1), word.lastIndexOf(":", width - 1))
  const end = at > 0 ? at + 1 : width
  return [word.slice(0, end), ...parts(word.slice(end), width)]
}

/** In lines of at most `width`. */
const wrapped = (text: string, width: number): ReadonlyArray<string> =>
  DisplayText.wrap(text, width).flatMap((line) => parts(line, width))

/** A heading. */
export const heading = (area: HealthCheck.CheckArea, output: Pick<Output, "colour">): string =>
  Style.of(output)("bold", titles[area])

/** What a check found. */
export const render = (
  { check, detail, remedy, status }: HealthCheck.CheckResult,
  output: Pick<Output, "colour" | "width">
): string => {
  const style = Style.of(output)
  const width = Math.max(narrowest, output.width() - margin)
  const name = check.replace(/^(?:genesys|aws)-(?!settings)/, "")
  const [first = "", ...rest] = wrapped(detail, width)
  const told = status === "ok" || remedy === null ? [] : wrapped(`next: ${remedy}`, width)
  const marked = told.map((line, index) => (index === 0 ? line.replace(/^next:/, style("cyan", "next:")) : line))
  return [
    `${style(inks[status], DisplayText.padEnd(status, statusWidth))}  ${DisplayText.padEnd(name, nameWidth)}  ${first}`,
    ...[...rest, ...marked].map((line) => " ".repeat(margin) + line)
  ].join("\n")
}

/** All of it in a sentence. */
export const summary = (
  results: ReadonlyArray<HealthCheck.Concluded>,
  output: Pick<Output, "colour" | "width">
): string => {
  const style = Style.of(output)
  const count = (status: CheckOutcome.CheckStatus) => results.filter((one) => one.status === status).length
  const tallied = [
    `${count("ok")} ok`,
    Plural.counted(count("warning"), "warning"),
    `${count("failed")} failed`,
    `${count("skipped")} skipped`
  ].join(", ")
  const verdict = HealthCheck.verdict(results)
  const unasked = verdict === "unasked" ? ". Neither Genesys Cloud nor AWS could be asked" : ""
  const told = `${Plural.counted(results.length, "check")}: ${tallied}${unasked}. Nothing was changed`
  return wrapped(told, output.width())
    .map((line) => style(verdict === "ok" ? "green" : "red", line))
    .join("\n")
}
