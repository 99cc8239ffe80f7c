/** An event on a bus, and the envelope that targets get. */

import * as Arn from "../Arn.js"
import type { JsonObject } from "./Comparison.js"

/** An event. */
export interface BusEvent {
  readonly id: string
  readonly detailType: string
  readonly source: string
  /** When it happened, in epoch milliseconds. The envelope says it in whole seconds. */
  readonly at: number
  readonly resources: ReadonlyArray<string>
  readonly detail: JsonObject
}

/** The envelope: what patterns are held against, and what targets get as JSON. */
export const envelope = (event: BusEvent, replayName?: string): JsonObject => ({
  version: "0",
  id: event.id,
  "detail-type": event.detailType,
  source: event.source,
  account: Arn.account,
  time: `${new Date(event.at).toISOString().slice(0, 19)}Z`,
  region: Arn.region,
  resources: event.resources,
  ...(replayName === undefined ? {} : { "replay-name": replayName }),
  detail: event.detail
})

/** The number that a Genesys event bears; none in other events. */
export const sequenceIndex = ({ detail }: BusEvent): number | undefined => {
  const index = detail["sequenceIndex"]
  return typeof index === "number" && Number.isSafeInteger(index) && index >= 0 ? index : undefined
}
