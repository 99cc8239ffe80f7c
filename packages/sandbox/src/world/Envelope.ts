/** EventBridge's envelope around an event. */
import { EventBusArn, type EventStreamPayload } from "@genesys-replay/domain"
import { Option, Schema } from "effect"
import { eventSource, type Organization } from "./Organization.js"

/** What an envelope is made of. */
export interface Content {
  readonly id: string
  readonly detailType: string
  readonly source: string
  readonly account: string
  readonly region: string
  /** Epoch milliseconds; the envelope says it in whole seconds. */
  readonly at: number
  readonly resources: ReadonlyArray<string>
  readonly detail: { readonly [key: string]: unknown }
}

/** An envelope. */
export type Envelope = { readonly [key: string]: unknown }

/** The envelope. The name of a replay stands between `region` and `resources`. */
export const make = (content: Content, replayName?: string): Envelope => ({
  version: "0",
  id: content.id,
  "detail-type": content.detailType,
  source: content.source,
  account: content.account,
  time: `${new Date(content.at).toISOString().slice(0, 19)}Z`,
  region: content.region,
  ...(replayName === undefined ? {} : { "replay-name": replayName }),
  resources: content.resources,
  detail: content.detail
})

const partnerBus = /^aws\.partner\/genesys\.com(?:\.test)?\/cloud\//

/** The source of the events on a bus. A partner bus is named after it; on other buses it is the organization's. */
export const sourceOn = (bus: string, organization: Organization): string =>
  partnerBus.test(bus) ? bus : eventSource(organization)

/** What all envelopes of one stream's replay have in common. */
export interface Destination extends Pick<Content, "account" | "region" | "source"> {
  /** The name of the bus, without the rest of its ARN. */
  readonly bus: string
  readonly replayName: string
}

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
