/** The tokens that were given out, and until when they are valid. */
import { Clock, Context, Data, Duration, Effect, HashMap, Layer, Option, Redacted, Ref } from "effect"
import { Settings } from "../faults/Settings.js"
import { SeededRandom } from "../world/SeededRandom.js"

/** A token with what belongs to it. */
export interface Grant {
  readonly token: Redacted.Redacted<string>
  readonly scope: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/** The OAuth server does not know this client, or not this secret. */
export class ClientUnknown extends Data.TaggedError("ClientUnknown")<{ readonly clientId: string }> {
  override get message(): string {
    return `no OAuth client ${JSON.stringify(this.clientId)} with this secret. Set the id and the secret that the sandbox printed`
  }
}

/** The token was never given out, was thrown away, or is past its time. */
export class TokenRefused extends Data.TaggedError("TokenRefused")<{ readonly reason: "unknown" | "expired" }> {
  override get message(): string {
    return this.reason === "expired" ? "the token has expired. Get a new one" : "the token is not known. Get one"
  }
}

/** The operations. */
export interface Service {
  /** A new token for client credentials. */
  readonly issue: (
    clientId: string,
    clientSecret: Redacted.Redacted<string>,
    scope: string
  ) => Effect.Effect<Grant, ClientUnknown>
  /** What a token stands for, while it is valid. */
  readonly check: (token: string) => Effect.Effect<Grant, TokenRefused>
  /** Every token that was given out is from now on expired. */
  readonly expireAll: Effect.Effect<void>
  /** How many were given out. */
  readonly issued: Effect.Effect<number>
}

interface State {
  readonly issued: number
  readonly grants: HashMap.HashMap<string, Grant>
}

/** The token store. */
export class Tokens extends Context.Tag("@genesys-replay/sandbox/Tokens")<Tokens, Service>() {
  /** In memory, on the Clock. */
  static readonly layer = Layer.effect(
    Tokens,
    Effect.gen(function* () {
      const settings = yield* Settings
      const state = yield* Ref.make<State>({ issued: 0, grants: HashMap.empty() })
      const known = (id: string, secret: Redacted.Redacted<string>) =>
        id === settings.clientId && Redacted.value(secret) === Redacted.value(settings.clientSecret)

      const issue = Effect.fn("Tokens.issue")(function* (
        clientId: string,
        clientSecret: Redacted.Redacted<string>,
        scope: string
      ) {
        if (!known(clientId, clientSecret)) return yield* new ClientUnknown({ clientId })
        const now = yield* Clock.currentTimeMillis
        return yield* Ref.modify(state, ({ grants, issued }): readonly [Grant, State] => {
          const text = SeededRandom.of(settings.seed, "token", issued).text(86)
          const grant = {
            token: Redacted.make(text),
            scope,
            expiresAt: now + Duration.toMillis(settings.tokenLifetime)
          }
          return [grant, { issued: issued + 1, grants: HashMap.set(grants, text, grant) }]
        })
      })

      const check = Effect.fn("Tokens.check")(function* (token: string) {
        const { grants } = yield* Ref.get(state)
        const grant = HashMap.get(grants, token)
        if (Option.isNone(grant)) return yield* new TokenRefused({ reason: "unknown" })
        const now = yield* Clock.currentTimeMillis
        if (now >= grant.value.expiresAt) return yield* new TokenRefused({ reason: "expired" })
        return grant.value
      })

      return Tokens.of({
        issue,
        check,
        expireAll: Ref.update(
          state,
          (now): State => ({
            ...now,
            grants: HashMap.map(now.grants, (grant) => ({ ...grant, expiresAt: 0 }))
          })
        ),
        issued: Effect.map(Ref.get(state), (now) => now.issued)
      })
    })
  )
}
