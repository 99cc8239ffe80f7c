/** What a target gets of an event: the envelope, a part of it, something else, or a text made of its parts. */
import { valueAt } from "./AwsJson.js"
import type { JsonObject } from "./Comparison.js"
import type { Target } from "./EventBuses.js"

/** The value at a path like `$.detail.items[0].id`; undefined where there is none. */
const at = (event: JsonObject, path: string): unknown =>
  valueAt(
    event,
    [...path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\['([^']+)'\]/g)].map(
      ([, field, index, quoted]) => field ?? index ?? quoted ?? ""
    )
  )

const filledIn = (template: string, values: ReadonlyMap<string, unknown>, event: JsonObject): string =>
  template.replaceAll(/("?)<([A-Za-z0-9_.-]+)>("?)/g, (whole, before: string, name: string, after: string) => {
    const value = name === "aws.events.event.json" ? event : values.get(name)
    if (!values.has(name) && !name.startsWith("aws.events.")) return whole
    const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "")
    if (before === '"' && after === '"') return JSON.stringify(text)
    // Within a longer text only the value's characters are put in; on its own it stays what it is in JSON.
    return `${before}${before === "" && after === "" && typeof value === "string" ? JSON.stringify(value) : text}${after}`
  })

/** The body of the message for a target. */
export const body = (target: Target, event: JsonObject): string => {
  if (target.Input !== undefined) return target.Input
  if (target.InputPath !== undefined) return JSON.stringify(at(event, target.InputPath)) ?? ""
  const transformer = target.InputTransformer
  if (transformer === undefined) return JSON.stringify(event)
  const values = new Map(Object.entries(transformer.InputPathsMap ?? {}).map(([name, path]) => [name, at(event, path)]))
  return filledIn(transformer.InputTemplate, values, event)
}
