/** Planned windows, for tests of providers and of what works with plans. */
import { Schema } from "effect"
import * as EventStreamPayload from "../plan/EventStreamPayload.js"
import * as PayloadHash from "../plan/PayloadHash.js"
import * as PlannedWindow from "../plan/PlannedWindow.js"

/** What differs from one window to another. */
export interface Options {
  /** Where it begins: 2024-01-15T08:00:00Z, or another instant of ISO 8601. */
  readonly start?: string | undefined
  /** The topics; two unless told. */
  readonly topics?: ReadonlyArray<string> | undefined
}

/** The event bus that the windows are replayed into. */
export const destination = "arn:aws:events:us-east-1:123456789012:event-bus/gen-cx-events"

/** The payload of the window of this name, as it is submitted to Event Streams. */
export const payload = (
  name: string,
  {
    start = "2024-01-15T08:00:00Z",
    topics = ["genesys.conversations.message", "genesys.conversations.call"]
  }: Options = {}
): EventStreamPayload.EventStreamPayload =>
  Schema.decodeUnknownSync(EventStreamPayload.EventStreamPayload)({
    name,
    description: EventStreamPayload.defaultDescription,
    enabled: true,
    retentionDays: 60,
    destination: { type: "eventbridge", eventBridgeConfig: { arn: destination, roleArn: "", region: "us-east-1" } },
    filters: { topics },
    replayConfig: { enabled: true, startDate: start, sequenceIndexTrigger: "automatic" }
  })

/** A window of this name, planned for Genesys Cloud. Throws where a name, instant or topic is none. */
export const make = (name: string, options: Options = {}): PlannedWindow.PlannedWindow => {
  const own = payload(name, options)
  const window = Schema.decodeUnknownSync(PlannedWindow.PlannedWindow)({
    name,
    provider: "genesys",
    retentionDays: own.retentionDays,
    payloadHash: "0000000000000000",
    payload: own
  })
  return { ...window, payloadHash: PayloadHash.hash(PlannedWindow.identity(window)) }
}
