/** Reads a report page as a strict reader would: a tag that is not closed, or an attribute without quotes, is an error. */

/** A start tag and where it stands. */
export interface Element {
  readonly tag: string
  readonly attributes: ReadonlyMap<string, string>
  /** The tags around it, the outermost first. */
  readonly path: ReadonlyArray<string>
  /** All text inside, entities resolved. */
  readonly text: string
}

const token =
  /(?<doctype><!doctype html>)|<(?<close>\/?)(?<tag>[a-z][a-zA-Z0-9]*)(?<attributes>(?:\s+[a-zA-Z][a-zA-Z0-9-]*(?:="[^"<>]*")?)*)\s*(?<empty>\/?)>|(?<text>[^<]+)/y
const attribute = /([a-zA-Z][a-zA-Z0-9-]*)(?:="([^"]*)")?/g
const empty = new Set(["meta"])

const entities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  "#39": "'",
  "#96": "`"
}

const resolved = (text: string): string =>
  text.replace(/&([^;\s]*);?/g, (reference, name: string) => {
    const character = entities[name]
    if (character === undefined || !reference.endsWith(";")) throw new Error(`not an entity of ours: ${reference}`)
    return character
  })

/** Every element of the page, in order. */
export const elements = (page: string): ReadonlyArray<Element> => {
  const found: Array<Element & { text: string }> = []
  const open: Array<Element & { text: string }> = []
  let at = 0
  while (at < page.length) {
    token.lastIndex = at
    const groups = token.exec(page)?.groups
    if (groups === undefined) throw new Error(`no HTML of ours: ${JSON.stringify(page.slice(at, at + 200))}`)
    at = token.lastIndex
    const { text, tag, close } = groups
    if (text !== undefined) for (const element of open) element.text += element.tag === "style" ? text : resolved(text)
    if (tag === undefined) continue
    if (close === "/") {
      const last = open.pop()
      if (last?.tag !== tag) throw new Error(`</${tag}> closes <${last?.tag ?? "nothing"}>`)
      continue
    }
    const attributes = new Map(
      [...(groups["attributes"] ?? "").matchAll(attribute)].map(([, name = "", value = ""]) => [name, resolved(value)])
    )
    const element = { tag, attributes, path: open.map((outer) => outer.tag), text: "" }
    found.push(element)
    if (groups["empty"] !== "/" && !empty.has(tag)) open.push(element)
  }
  if (open.length > 0) throw new Error(`never closed: ${open.map(({ tag }) => tag).join(", ")}`)
  return found
}

/** The contrast of two colours as WCAG 2 reckons it, from 1 to 21. */
export const contrast = (first: string, second: string): number => {
  const luminance = (colour: string): number => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((from) => {
      const value = Number.parseInt(colour.slice(from, from + 2), 16) / 255
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const [dark = 0, light = 0] = [luminance(first), luminance(second)].sort((left, right) => left - right)
  return (light + 0.05) / (dark + 0.05)
}
