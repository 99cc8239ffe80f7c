/** What the command line is told to replay. */
import { DateTime, Effect } from "effect"

/** A spec of windows of these names, each the last hour of one topic, whose events go to this bus. The same text is the same plan. */
export const of = (names: ReadonlyArray<string>, bus: string) =>
  Effect.map(DateTime.now, (now) => {
    const start = DateTime.formatIso(DateTime.subtract(now, { hours: 1 }))
    return [
      `retention: {"*": 60}`,
      `defaults: {destination: "arn:aws:events:us-east-1:123456789012:event-bus/${bus}"}`,
      "windows:",
      ...names.map(
        (name) => `  - {name: ${name}, topics: [genesys.conversations.call], start: "${start}", retention: 30}`
      ),
      ""
    ].join("\n")
  })
