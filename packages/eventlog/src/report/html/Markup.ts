/** HTML that cannot be injected into: whatever is put into a template is escaped, unless it is markup itself. */
import * as DisplayText from "../../source/DisplayText.js"

/** Markup, made by {@link html} from its parts. */
export class Markup {
  constructor(readonly text: string) {}
}

/** What a template takes: text and numbers are escaped, undefined is nothing. */
export type Part = Markup | string | number | undefined | ReadonlyArray<Markup>

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;"
}

/**
 * `text` as it may stand in an element or in a quoted attribute. Control, format and direction characters become visible
 * escapes: a browser drops or obeys them, and a reader would be misled.
 */
export const escape = (text: string): string =>
  DisplayText.safe(text, true).replace(/[&<>"'`]/g, (character) => entities[character] ?? "")

const textOf = (part: Part): string => {
  if (part === undefined) return ""
  if (part instanceof Markup) return part.text
  return typeof part === "object" ? part.map(({ text }) => text).join("") : escape(`${part}`)
}

/** A template: what stands in it is markup, what is put into it is escaped. Attributes are to be quoted. */
export const html = (template: TemplateStringsArray, ...parts: ReadonlyArray<Part>): Markup =>
  new Markup(template.map((text, at) => text + textOf(parts[at])).join(""))
