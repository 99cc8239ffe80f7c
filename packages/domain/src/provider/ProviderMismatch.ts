/** A window is submitted to the provider that it was planned for, and to no other: what the two replay for one spec differs. */
import { Effect, Schema } from "effect"
import type { PlannedWindow } from "../plan/PlannedWindow.js"
import { counted } from "../value/Plural.js"
import { ProviderName } from "../value/ProviderName.js"

/** Windows were planned for one provider, and another one is to replay them. Nothing was written down, and nothing submitted. */
export class ProviderMismatch extends Schema.TaggedError<ProviderMismatch>()("ProviderMismatch", {
  /** The names of the windows that were planned for another provider. */
  windows: Schema.NonEmptyArray(Schema.String),
  /** Whom the first of them was planned for. */
  planned: ProviderName,
  /** Who was to replay them. */
  provider: ProviderName
}) {
  override get message(): string {
    const [first, ...others] = this.windows
    const more = others.length === 0 ? "" : ` and ${counted(others.length, "other window")}`
    return `${JSON.stringify(first)}${more} would be submitted to ${this.provider}, but the plan is for ${this.planned}. ${this.remedy}`
  }
  /** What to do about it. */
  get remedy(): string {
    return `Provide the layer of the provider ${this.planned}, or plan with provider: ${this.provider}`
  }
}

/** Fails with {@link ProviderMismatch} where any of the windows was planned for another provider than `provider`. */
export const check = (
  windows: ReadonlyArray<Pick<PlannedWindow, "name" | "provider">>,
  provider: ProviderName
): Effect.Effect<void, ProviderMismatch> => {
  const [first, ...others] = windows.filter((window) => window.provider !== provider)
  return first === undefined
    ? Effect.void
    : new ProviderMismatch({
        windows: [first.name, ...others.map(({ name }) => name)],
        planned: first.provider,
        provider
      })
}
