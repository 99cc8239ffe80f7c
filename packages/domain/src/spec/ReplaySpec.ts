/** What somebody wants replayed: the spec file, decoded. */
import { Array as Arr, Effect, Either, JSONSchema, Option, Predicate, Record, Schema } from "effect"
import { ProviderName } from "../value/ProviderName.js"
import { type CompleteWindow, ReplayWindow, WindowDefaults } from "./ReplayWindow.js"
import { RetentionMatrix } from "./RetentionMatrix.js"
import * as SpecIssue from "./SpecIssue.js"

/** A spec as it is written: the content of a spec file, without the keys that are the writer's own (see {@link decode}). */
export const SpecDocument = Schema.Struct({
  /** A reference for editors; without meaning here. */
  $schema: Schema.optionalWith(Schema.String, { exact: true }),
  provider: Schema.optionalWith(ProviderName, { exact: true, default: () => "genesys" }),
  retention: Schema.optionalWith(RetentionMatrix, { exact: true, default: () => ({}) }),
  defaults: Schema.optionalWith(WindowDefaults, { exact: true, default: () => ({}) }),
  windows: Schema.NonEmptyArray(ReplayWindow)
}).annotations({ identifier: "SpecDocument" })

/** See {@link SpecDocument}. */
export type SpecDocument = typeof SpecDocument.Type

/** A spec that can be planned: the defaults are filled in, every window has a destination. */
export interface ReplaySpec {
  readonly provider: ProviderName
  readonly retention: RetentionMatrix
  readonly windows: Arr.NonEmptyReadonlyArray<CompleteWindow>
}

/**
 * Fills the defaults in. Fails with {@link SpecIssue.SpecInvalid} where a window has no destination and the defaults name none.
 */
export const complete = (document: SpecDocument): Either.Either<ReplaySpec, SpecIssue.SpecInvalid> => {
  const { destination, ...defaults } = document.defaults
  const filled = Arr.map(document.windows, (window, index): Either.Either<CompleteWindow, SpecIssue.SpecIssue> => {
    const bus = window.destination ?? destination
    if (bus === undefined) {
      return Either.left(
        SpecIssue.place(
          ["windows", index, "destination"],
          "is missing, and defaults name none: write the ARN of an event bus"
        )
      )
    }
    return Either.right({
      ...defaults,
      ...window,
      destination: bus
    })
  })
  const [issue, ...issues] = Arr.getLefts(filled)
  const windows = Arr.getRights(filled)
  if (issue !== undefined || !Arr.isNonEmptyReadonlyArray(windows)) {
    return Either.left(
      new SpecIssue.SpecInvalid({ issues: [issue ?? SpecIssue.place(["windows"], "is empty"), ...issues] })
    )
  }
  return Either.right({ provider: document.provider, retention: document.retention, windows })
}

const decodeUnknown = Schema.decodeUnknown(SpecDocument, { errors: "all", onExcessProperty: "error" })

/** Keys of the first level that begin with `x-` are the writer's own: a place for what anchors repeat. */
const withoutOwnKeys = (value: unknown): unknown =>
  Predicate.isRecord(value) ? Record.filter(value, (_, key) => !key.startsWith("x-")) : value

/**
 * Reads a spec from the value that a YAML or JSON file holds. Keys of its first level that begin with `x-` are not read. Fails
 * with {@link SpecIssue.SpecInvalid}, which names every place and, for an unknown key, the nearest known one.
 *
 * @example
 * ```ts
 * import { ReplaySpec } from "@genesys-replay/domain"
 *
 * const spec = ReplaySpec.decode({
 *   defaults: { destination: "arn:aws:events:us-east-1:123456789012:event-bus/gen-cx-events" },
 *   windows: [{ name: "outage", topics: ["genesys.conversations.message"], start: "-36h" }]
 * })
 * ```
 */
export const decode = Effect.fn("ReplaySpec.decode")((value: unknown) =>
  decodeUnknown(withoutOwnKeys(value)).pipe(
    Effect.mapError((error) => {
      const [first = SpecIssue.place([], "is not a spec"), ...rest] = SpecIssue.fromParseIssue(
        error.issue,
        [],
        Option.none()
      )
      return new SpecIssue.SpecInvalid({ issues: [first, ...rest] })
    }),
    Effect.flatMap(complete)
  )
)

/** The JSON Schema (draft 7) of a spec file, for editors; generated from {@link SpecDocument}, and with the writer's own keys. */
export const jsonSchema = (): Readonly<Record<string, unknown>> => {
  const { $defs = {}, ...root } = JSONSchema.make(SpecDocument)
  const document = { ...$defs["SpecDocument"], patternProperties: { "^x-": {} } }
  return { ...root, $defs: { ...$defs, SpecDocument: document } }
}
