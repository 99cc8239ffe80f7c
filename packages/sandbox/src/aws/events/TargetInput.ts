/** What a target gets of an event: the envelope, a part of it, something else, or a text made of its parts. */
import { valueAt } from "../AwsJson.js"
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

/** Whether what comes behind a text stands inside of a JSON string. */
const endsInString = (text: string): boolean => text.replace(/\\./g, "").split('"').length % 2 === 0

/** In a JSON string a value is its characters; elsewhere it is the JSON that it is. Unknown names stay as they are. */
const filledIn = (template: string, values: ReadonlyMap<string, unknown>): string =>
  template.replace(/<([A-Za-z0-9_.-]+)>/g, (whole, name: string, at: number) => {
    if (!values.has(name)) return whole
    const value = values.get(name) ?? null
    const json = JSON.stringify(value)
    if (!endsInString(template.slice(0, at))) return json
    return JSON.stringify(typeof value === "string" ? value : json).slice(1, -1)
  })

/** The body of the message for a target. */
export const body = (target: Target, event: JsonObject): string => {
  if (target.Input !== undefined) return target.Input
  if (target.InputPath !== undefined) return JSON.stringify(at(event, target.InputPath)) ?? ""
  const transformer = target.InputTransformer
  if (transformer === undefined) return JSON.stringify(event)
  const named = Object.entries(transformer.InputPathsMap ?? {}).map(([name, path]) => [name, at(event, path)] as const)
  return filledIn(transformer.InputTemplate, new Map([...named, ["aws.events.event.json", event]]))
}
