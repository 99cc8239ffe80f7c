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

/** The partner bus of an organization; it is named after the event source. */
export const busOf = (organization: Organization): string => `aws.partner/genesys.com/cloud/${organization.id}/sandbox`

/** The source of the events on a bus. A partner bus is named after it; on other buses it is the organization's. */
export const sourceOn = (bus: string, organization: Organization): string =>
  partnerBus.test(bus) ? bus : busOf(organization)

/** The platform's event, inside the envelope. Its time has milliseconds. */
export const detail = (event: HistoricEvent, sequenceIndex: number) => ({
  topicName: event.topicName,
  version: "1",
  timestamp: new Date(event.at).toISOString(),
  sequenceIndex,
  eventBody: event.eventBody,
  metadata: { CorrelationId: event.correlationId }
})

/** Where the events of a stream go. */
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
    source: sourceOn(bus, organization),
    replayName: payload.name
  }
}

/** One line of NDJSON, without its line feed. The envelope's time has whole seconds. */
export const line = (to: Destination, event: HistoricEvent, sequenceIndex: number): string =>
  JSON.stringify({
    version: "0",
    id: event.id,
    "detail-type": event.topic,
    source: to.source,
    account: to.account,
    time: `${new Date(event.at).toISOString().slice(0, 19)}Z`,
    region: to.region,
    resources: [],
    "replay-name": to.replayName,
    detail: detail(event, sequenceIndex)
  })
