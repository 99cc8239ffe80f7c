/** The secret that deliveries to a webhook are signed with. */
import { Config, Effect, Option, Redacted } from "effect"
import { UsageError } from "../terminal/UsageError.js"

const variable = "GENESYS_REPLAY_WEBHOOK_SECRET"

/** The one of the environment; none where it names none. */
export const given: Effect.Effect<Option.Option<Redacted.Redacted>> = Effect.orDie(
  Config.option(Config.redacted(variable))
).pipe(Effect.map(Option.filter((secret) => Redacted.value(secret) !== "")))

/** The same, for who cannot do without. {@link UsageError} where there is none. */
export const required = Effect.flatMap(
  given,
  Option.match({
    onNone: () =>
      Effect.fail(
        new UsageError({
          problem: `a webhook needs the secret that its deliveries are signed with: ${variable} is not set`,
          remedy: `export ${variable}=whsec_…, the secret that the receiver gave you`
        })
      ),
    onSome: Effect.succeed
  })
)
