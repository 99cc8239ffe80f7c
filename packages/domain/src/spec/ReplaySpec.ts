/** What somebody wants replayed: the spec file, decoded. */
import { Array as Arr, Effect, Either, JSONSchema, Option, type ParseResult, Predicate, Record, Schema } from "effect"
import * as EventBusArn from "../value/EventBusArn.js"
import * as ProviderName from "../value/ProviderName.js"
import { type CompleteWindow, replayWindowOf, windowDefaultsOf } from "./ReplayWindow.js"
import { RetentionMatrix } from "./RetentionMatrix.js"
import * as SpecIssue from "./SpecIssue.js"

/** What reading a spec takes from the provider that it is for. */
export interface SpecProvider<Destination, Name extends ProviderName.ProviderName = ProviderName.ProviderName> {
  /** The names that a spec may have; one that names nobody is for the first of them. */
  readonly names: Arr.NonEmptyReadonlyArray<Name>
  /** Reads a destination, and says what is wrong with one. */
  readonly destination: Schema.Schema<Destination, string>
  /** What to write where a destination is missing: `the ARN of an event bus`. */
  readonly wanted: string
}

/** The providers that ship: both deliver into event buses, and a spec that names neither is for Genesys Cloud. */
export const shipped: SpecProvider<EventBusArn.EventBusArn, ProviderName.Shipped> = {
  names: ProviderName.shipped,
  destination: EventBusArn.FromString,
  wanted: "the ARN of an event bus"
}

const nameOf = <Name extends ProviderName.ProviderName>(names: Arr.NonEmptyReadonlyArray<Name>) =>
  Schema.Literal(...names).annotations({ identifier: "ProviderName", description: names.join(" or ") })

const documentOf = <Destination, Name extends ProviderName.ProviderName>({
  destination,
  names
}: SpecProvider<Destination, Name>) =>
  Schema.Struct({
    /** A reference for editors; without meaning here. */
    $schema: Schema.optionalWith(Schema.String, { exact: true }),
    provider: Schema.optionalWith(nameOf(names), { exact: true, default: () => names[0] }),
    retention: Schema.optionalWith(RetentionMatrix, { exact: true, default: () => ({}) }),
    defaults: Schema.optionalWith(windowDefaultsOf(destination), { exact: true, default: () => ({}) }),
    windows: Schema.NonEmptyArray(replayWindowOf(destination))
  }).annotations({ identifier: "SpecDocument" })

/** A spec as it is written: the content of a spec file, without the keys that are the writer's own (see {@link decode}). */
export const SpecDocument = documentOf(shipped)

/** See {@link SpecDocument}. */
export type SpecDocument = typeof SpecDocument.Type

/** A spec that can be planned: the defaults are filled in, every window has a destination. */
export interface ReplaySpec<
  Destination = EventBusArn.EventBusArn,
  Name extends ProviderName.ProviderName = ProviderName.Shipped
> {
  readonly provider: Name
  readonly retention: RetentionMatrix
  readonly windows: Arr.NonEmptyReadonlyArray<CompleteWindow<Destination>>
}

interface Written<Destination, Name> extends Omit<SpecDocument, "defaults" | "provider" | "windows"> {
  readonly provider: Name
  readonly defaults: Partial<CompleteWindow<Destination>>
  readonly windows: Arr.NonEmptyReadonlyArray<
    Omit<CompleteWindow<Destination>, "destination"> & { readonly destination?: Destination }
  >
}

const filled = <Destination, Name extends ProviderName.ProviderName>(
  document: Written<Destination, Name>,
  wanted: string
): Either.Either<ReplaySpec<Destination, Name>, SpecIssue.SpecInvalid> => {
  const { destination, ...defaults } = document.defaults
  const complete = Arr.map(
    document.windows,
    (window, index): Either.Either<CompleteWindow<Destination>, SpecIssue.SpecIssue> => {
      const place = window.destination ?? destination
      return place === undefined
        ? Either.left(
            SpecIssue.place(["windows", index, "destination"], `is missing, and defaults name none: write ${wanted}`)
          )
        : Either.right({ ...defaults, ...window, destination: place })
    }
  )
  const [issue, ...issues] = Arr.getLefts(complete)
  const windows = Arr.getRights(complete)
  if (issue !== undefined || !Arr.isNonEmptyReadonlyArray(windows)) {
    return Either.left(
      new SpecIssue.SpecInvalid({ issues: [issue ?? SpecIssue.place(["windows"], "is empty"), ...issues] })
    )
  }
  return Either.right({ provider: document.provider, retention: document.retention, windows })
}

/**
 * Fills the defaults in. Fails with {@link SpecIssue.SpecInvalid} where a window has no destination and the defaults name none.
 */
export const complete = (document: SpecDocument): Either.Either<ReplaySpec, SpecIssue.SpecInvalid> =>
  filled(document, shipped.wanted)

/** Keys of the first level that begin with `x-` are the writer's own: a place for what anchors repeat. */
const withoutOwnKeys = (value: unknown): unknown =>
  Predicate.isRecord(value) ? Record.filter(value, (_, key) => !key.startsWith("x-")) : value

const invalid = ({ issue }: ParseResult.ParseError): SpecIssue.SpecInvalid => {
  const [first = SpecIssue.place([], "is not a spec"), ...rest] = SpecIssue.fromParseIssue(issue, [], Option.none())
  return new SpecIssue.SpecInvalid({ issues: [first, ...rest] })
}

/**
 * Reads a spec for a provider of somebody else's, as {@link decode} does for those that ship. Its destinations are what that provider reads
 * them as. Fails with {@link SpecIssue.SpecInvalid}, also where the spec names another provider.
 */
export const decodeFor = <Destination, Name extends ProviderName.ProviderName>(
  provider: SpecProvider<Destination, Name>
): ((value: unknown) => Effect.Effect<ReplaySpec<Destination, Name>, SpecIssue.SpecInvalid>) => {
  const read = Schema.decodeUnknown(documentOf(provider), { errors: "all", onExcessProperty: "error" })
  return Effect.fn("ReplaySpec.decode")((value: unknown) =>
    read(withoutOwnKeys(value)).pipe(
      Effect.mapError(invalid),
      Effect.flatMap((document) => filled(document, provider.wanted))
    )
  )
}

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
export const decode: (value: unknown) => Effect.Effect<ReplaySpec, SpecIssue.SpecInvalid> = decodeFor(shipped)

/** The JSON Schema (draft 7) of a spec file, for editors; generated from {@link SpecDocument}, and with the writer's own keys. */
export const jsonSchema = (): Readonly<Record<string, unknown>> => {
  const { $defs = {}, ...root } = JSONSchema.make(SpecDocument)
  const document = { ...$defs["SpecDocument"], patternProperties: { "^x-": {} } }
  return { ...root, $defs: { ...$defs, SpecDocument: document } }
}
