/**
 * Where the messages of a dead-letter queue come from: the rule and the target that EventBridge could not deliver to, and why.
 * Source: AWS, "Using dead-letter queues to process undelivered events in EventBridge", message attributes.
 */
import { Schema } from "effect"
import type { Attributes } from "./CapturedEvent.js"

/** Messages of one rule and target that failed for one reason. */
export const DeadLetters = Schema.Struct({
  /** The ARN of the rule. */
  rule: Schema.String,
  /** The ARN of the target; null where the message does not tell. */
  target: Schema.NullOr(Schema.String),
  /** AWS's code, `SDK_CLIENT_ERROR` say; null where the message does not tell. */
  errorCode: Schema.NullOr(Schema.String),
  count: Schema.NonNegativeInt
}).annotations({ identifier: "DeadLetters" })

/** See {@link DeadLetters}. */
export interface DeadLetters extends Schema.Schema.Type<typeof DeadLetters> {}

/** The dead letter of a message with these attributes; undefined where it is none. */
const deadLetterOf = ({ ERROR_CODE, RULE_ARN, TARGET_ARN }: Attributes): DeadLetters | undefined =>
  RULE_ARN === undefined
    ? undefined
    : { rule: RULE_ARN, target: TARGET_ARN ?? null, errorCode: ERROR_CODE ?? null, count: 1 }

/** At most so many pairs of rule and target are told apart; a dead-letter queue has those of a few rules. */
export const most = 100

/** With the messages that have these attributes counted in. */
export const add = (
  before: ReadonlyArray<DeadLetters>,
  messages: ReadonlyArray<Attributes>
): ReadonlyArray<DeadLetters> => {
  let all = before
  for (const attributes of messages) {
    const deadLetter = deadLetterOf(attributes)
    if (deadLetter === undefined) continue
    const at = all.findIndex(
      ({ errorCode, rule, target }) =>
        rule === deadLetter.rule && target === deadLetter.target && errorCode === deadLetter.errorCode
    )
    if (at !== -1) all = all.map((one, place) => (place === at ? { ...one, count: one.count + 1 } : one))
    else if (all.length < most) all = [...all, deadLetter]
  }
  return all
}
