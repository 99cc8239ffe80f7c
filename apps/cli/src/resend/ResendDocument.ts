/** What `resend` prints with `--json`. */
import { Resend, ResendSelection } from "@genesys-replay/eventbridge"
import { Schema } from "effect"

const target = Schema.String

/** With `--dry-run`: what would be sent. */
export const Survey = Schema.Struct({
  target,
  ...ResendSelection.Tally.fields,
  /** Events that no request can take: they would be refused. */
  tooLarge: Schema.NonNegativeInt,
  /** All events to be sent, by hour and topic. */
  hours: Schema.Array(
    Schema.Struct({
      /** When the hour begins, in UTC; null for events that do not say when they happened. */
      hour: Schema.NullOr(Schema.String),
      topic: Schema.String,
      count: Schema.NonNegativeInt
    })
  )
}).annotations({ identifier: "ResendSurvey" })

/** What was sent. */
export const Sent = Schema.Struct({
  target,
  isComplete: Schema.Boolean,
  ...Resend.Summary.fields,
  refused: Schema.Struct({
    ...Resend.Summary.fields.refused.fields,
    /** Where they are kept; null where none was refused. */
    file: Schema.NullOr(Schema.String)
  })
}).annotations({ identifier: "ResendSent" })

/** What was sent until somebody stopped it. */
export const Interrupted = Schema.Struct({
  target,
  isComplete: Schema.Literal(false),
  ended: Schema.Literal("interrupted"),
  acknowledged: Schema.NonNegativeInt,
  refused: Schema.Struct({ count: Schema.NonNegativeInt })
}).annotations({ identifier: "ResendInterrupted" })
