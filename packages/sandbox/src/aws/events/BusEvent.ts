/** An event on a bus, and the envelope that targets get. */

import type { Entry } from "../../faults/FaultLog.js"
import type { DeliveryFault } from "../../faults/FaultyDelivery.js"
import * as Envelope from "../../world/Envelope.js"
import * as PlatformEvent from "../../world/PlatformEvent.js"
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

/** An event of the platform, as it is on a bus. */
export const ofPlatform = (event: PlatformEvent.PlatformEvent, source: string): BusEvent => ({
  id: event.id,
  detailType: event.topic,
  source,
  at: event.at,
  resources: [],
  detail: PlatformEvent.detail(event)
})

/** The envelope: what patterns are held against, and what targets get as JSON. */
export const envelope = (event: BusEvent, replayName?: string): JsonObject =>
  Envelope.make({ ...event, account: Arn.account, region: Arn.region }, replayName)

/** The number that an event bears which somebody put on a bus; the platform's own have none. */
export const sequenceIndex = ({ detail }: BusEvent): number | undefined => {
  const index = detail["sequenceIndex"]
  return typeof index === "number" && Number.isSafeInteger(index) && index >= 0 ? index : undefined
}

/** The entry of a fault of an event, on the way that `path` names. */
export const faultEntry = ({ at, detail, detailType, id }: BusEvent, fault: DeliveryFault, path: string): Entry => {
  const topicName = detail["topicName"]
  return { fault, path, id, topic: detailType, topicName: typeof topicName === "string" ? topicName : detailType, at }
}
