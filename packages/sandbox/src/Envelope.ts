/** An event of a replay as it arrives on the bus: EventBridge's envelope around the platform's event. */
import { EventBusArn, type EventStreamPayload } from "@genesys-replay/domain"
import { Option, Schema } from "effect"
import type { HistoricEvent } from "./History.js"
import type { Organization } from "./Organization.js"

/** What all envelopes of one replay have in common. */
export interface Destination {
  /** The name of the bus, without the rest of its ARN. */
  readonly bus: string
  readonly account: string
  readonly region: string
  readonly source: string
  readonly replayName: string
}

const partnerBus = /^aws\.partner\/genesys\.com\/cloud\//

/** Where the events of a stream go. A partner bus is named after its source; other buses get the organization's. */
export const destination = (
  organization: Organization,
  payload: EventStreamPayload.EventStreamPayload
): Destination => {
  const { arn, region } = payload.destination.eventBridgeConfig
  const parsed = Schema.decodeOption(EventBusArn.FromString)(arn)
  const bus = Option.match(parsed, { onNone: () => arn, onSome: (known) => known.bus })
  return {
    bus,
    account: Option.match(parsed, { onNone: () => "000000000000", onSome: (known) => known.account }),
    region: Option.getOrElse(
      Option.flatMap(parsed, (known) => known.region),
      () => region
    ),
    source: partnerBus.test(bus) ? bus : `aws.partner/genesys.com/cloud/${organization.id}/sandbox`,
    replayName: payload.name
  }
}

/** One line of NDJSON, without its line feed. The envelope's time has whole seconds, the event's has milliseconds. */
export const line = (to: Destination, event: HistoricEvent, sequenceIndex: number): string => {
  const timestamp = new Date(event.at).toISOString()
  return JSON.stringify({
    version: "0",
    id: event.id,
    "detail-type": event.topic,
    source: to.source,
    account: to.account,
    time: `${timestamp.slice(0, 19)}Z`,
    region: to.region,
    resources: [],
    "replay-name": to.replayName,
    detail: {
      topicName: event.topicName,
      version: "1",
      timestamp,
      sequenceIndex,
      eventBody: event.eventBody,
      metadata: { CorrelationId: event.correlationId }
    }
  })
}
