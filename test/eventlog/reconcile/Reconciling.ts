/** Captures and records for tests of reconciliation: as files would have them, and what comes of measuring the one by the other. */
import { Reconciliation } from "@genesys-replay/eventlog"
import * as LogSource from "@genesys-replay/eventlog/LogSource"
import { Envelope, PlatformEvent } from "@genesys-replay/sandbox"
import { DateTime, Effect, Stream } from "effect"

export const at = (text: string) => DateTime.unsafeMake(text)

/** The day of the sample conversation. */
export const day = { start: at("2025-11-10T00:00:00Z"), end: at("2025-11-11T00:00:00Z") }

/** What standard input would bring. */
export const source = (text: string, name = "-") =>
  LogSource.bytes(name, Stream.succeed(new TextEncoder().encode(text)))

export const records = (text: string): Reconciliation.RecordFiles => ({
  _tag: "RecordFiles",
  sources: [source(text, "records")]
})

/** The report, and what is beside it. */
export const reconcile = (
  events: string,
  recordText: string,
  options: Partial<Reconciliation.ReconcileOptions> = {},
  audits?: string
) =>
  Reconciliation.reconcile({
    capture: [source(events)],
    records: records(recordText),
    ...(audits === undefined ? {} : { audits: records(audits) }),
    options: { window: day, ...options }
  }).pipe(Effect.scoped)

/** An event of a world as a line of a capture. */
export const lineOf = (event: PlatformEvent.PlatformEvent): string =>
  JSON.stringify(
    Envelope.make({
      id: event.id,
      detailType: event.topic,
      source: "aws.partner/genesys.com/cloud/x/y",
      account: "123456789012",
      region: "us-east-1",
      at: event.at,
      resources: [],
      detail: PlatformEvent.detail(event)
    })
  )
