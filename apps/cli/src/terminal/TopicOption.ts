/** Topics as people type them. */
import { TopicPattern } from "@genesys-replay/domain"
import { Effect, Schema } from "effect"
import { UsageError } from "./UsageError.js"

const isPattern = Schema.is(TopicPattern.TopicPattern)

/** A topic or a pattern of topics, the value of `--topic`. {@link UsageError} for anything else. */
export const read = (text: string): Effect.Effect<TopicPattern.TopicPattern, UsageError> =>
  isPattern(text)
    ? Effect.succeed(text)
    : Effect.fail(
        new UsageError({
          problem: `--topic ${JSON.stringify(text)} is no topic, and no pattern of topics`,
          remedy: '--topic "v2.detail.events.conversation.{id}.*"'
        })
      )
