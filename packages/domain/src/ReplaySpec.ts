/** What somebody wants replayed: the spec file, decoded. */
import { Array as Arr, Effect, Either, JSONSchema, Option, ParseResult, Schema, type SchemaAST } from "effect"
import * as NearestKey from "./NearestKey.js"
import { ProviderName } from "./ProviderName.js"
import { type CompleteWindow, ReplayWindow, WindowDefaults } from "./ReplayWindow.js"
import { RetentionMatrix } from "./RetentionMatrix.js"
import * as SpecPath from "./SpecPath.js"

/** A spec as it is written: the content of a spec file. */
export const SpecDocument = Schema.Struct({
  /** A reference for editors; without meaning here. */
  $schema: Schema.optional(Schema.String),
  provider: Schema.optionalWith(ProviderName, { default: () => "genesys" }),
  retention: Schema.optionalWith(RetentionMatrix, { default: () => ({}) }),
  defaults: Schema.optionalWith(WindowDefaults, { default: () => ({}) }),
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
 * Fills the defaults in. Fails with {@link SpecInvalid} where a window has no destination and the defaults name none.
 */
export const complete = (document: SpecDocument): Either.Either<ReplaySpec, SpecInvalid> => {
  const { description, destination, roleArn } = document.defaults
  const filled = Arr.map(document.windows, (window, index): Either.Either<CompleteWindow, SpecIssue> => {
    const bus = window.destination ?? destination
    if (bus === undefined) {
      return Either.left(
        place(["windows", index, "destination"], "is missing, and defaults name none: write the ARN of an event bus")
      )
    }
    return Either.right({
      ...(description === undefined ? {} : { description }),
      ...(roleArn === undefined ? {} : { roleArn }),
      ...window,
      destination: bus
    })
  })
  const [issue, ...issues] = Arr.getLefts(filled)
  const windows = Arr.getRights(filled)
  if (issue !== undefined || !Arr.isNonEmptyReadonlyArray(windows)) {
    return Either.left(new SpecInvalid({ issues: [issue ?? place(["windows"], "is empty"), ...issues] }))
  }
  return Either.right({ provider: document.provider, retention: document.retention, windows })
}

/** One thing that is wrong with a spec, and where. */
export const SpecIssue = Schema.Struct({
  /** The keys that lead to the place. */
  keys: Schema.Array(Schema.Union(Schema.String, Schema.Number)),
  /** The place as text: `windows[0].start`. */
  path: Schema.String,
  message: Schema.String
})

/** See {@link SpecIssue}. */
export type SpecIssue = typeof SpecIssue.Type

/** The spec does not say something that could be planned. Holds every issue, not only the first. */
export class SpecInvalid extends Schema.TaggedError<SpecInvalid>()("SpecInvalid", {
  issues: Schema.NonEmptyArray(SpecIssue)
}) {
  /** One issue a line, each with its place. */
  override get message(): string {
    return this.issues
      .map((issue) => (issue.path === "" ? issue.message : `${issue.path}: ${issue.message}`))
      .join("\n")
  }
}

const knownKeys = (ast: SchemaAST.AST): ReadonlyArray<string> => {
  switch (ast._tag) {
    case "TypeLiteral":
      return ast.propertySignatures.map((property) => String(property.name))
    case "Transformation":
    case "Refinement":
      return knownKeys(ast.from)
    default:
      return []
  }
}

const unknownKey = (key: string, known: ReadonlyArray<string>): string => {
  const nearest = NearestKey.find(key, known)
  const hint = Option.match(nearest, {
    onNone: () => `Known here: ${known.join(", ")}`,
    onSome: (name) => `Did you mean ${name}?`
  })
  return `unknown key ${JSON.stringify(key)}. ${hint}`
}

const isKey = (key: PropertyKey): key is string | number => typeof key !== "symbol"

const issuesOf = (
  issue: ParseResult.ParseIssue,
  path: SpecPath.SpecPath,
  known: ReadonlyArray<string>
): ReadonlyArray<SpecIssue> => {
  switch (issue._tag) {
    case "Pointer": {
      const steps = Array.isArray(issue.path) ? issue.path : [issue.path]
      return issuesOf(issue.issue, [...path, ...steps], known)
    }
    case "Composite": {
      const keys = knownKeys(issue.ast)
      const issues = Array.isArray(issue.issues) ? issue.issues : [issue.issues]
      return issues.flatMap((inner) => issuesOf(inner, path, keys.length === 0 ? known : keys))
    }
    case "Transformation":
    case "Refinement":
      if (issue.issue._tag === "Composite" || issue.issue._tag === "Pointer" || issue.kind === "From") {
        return issuesOf(issue.issue, path, known)
      }
      return [place(path, said(issue.issue))]
    case "Unexpected":
      return [place(path, unknownKey(String(path.at(-1)), known))]
    case "Missing":
      return [place(path, "is missing")]
    default:
      return [place(path, said(issue))]
  }
}

const place = (path: SpecPath.SpecPath, message: string): SpecIssue => ({
  keys: path.filter(isKey),
  path: SpecPath.format(path),
  message
})

const said = (issue: ParseResult.ParseIssue): string =>
  ParseResult.ArrayFormatter.formatIssueSync(issue)
    .map(({ message }) => message)
    .join("; ")

const decodeUnknown = Schema.decodeUnknown(SpecDocument, { errors: "all", onExcessProperty: "error" })

/**
 * Reads a spec from the value that a YAML or JSON file holds. Fails with {@link SpecInvalid}, which names every place
 * and, for an unknown key, the nearest known one.
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
  decodeUnknown(value).pipe(
    Effect.mapError((error) => {
      const [first = place([], "is not a spec"), ...rest] = issuesOf(error.issue, [], knownKeys(SpecDocument.ast))
      return new SpecInvalid({ issues: [first, ...rest] })
    }),
    Effect.flatMap(complete)
  )
)

/** The JSON Schema (draft 7) of a spec file, for editors; generated from {@link SpecDocument}. */
export const jsonSchema = (): JSONSchema.JsonSchema7Root => JSONSchema.make(SpecDocument)
