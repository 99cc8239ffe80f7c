/** What somebody wants replayed: the spec file, decoded. */
import { Effect, JSONSchema, Option, ParseResult, Schema, type SchemaAST } from "effect"
import * as NearestKey from "./NearestKey.js"
import { ProviderName } from "./ProviderName.js"
import { ReplayWindow, WindowDefaults } from "./ReplayWindow.js"
import { RetentionMatrix } from "./RetentionMatrix.js"
import * as SpecPath from "./SpecPath.js"

/** The spec: provider, retention matrix, defaults and one or more windows. Its encoded side is the spec file's content. */
export const ReplaySpec = Schema.Struct({
  /** A reference for editors; without meaning here. */
  $schema: Schema.optional(Schema.String),
  provider: Schema.optionalWith(ProviderName, { default: () => "genesys" }),
  retention: Schema.optionalWith(RetentionMatrix, { default: () => ({}) }),
  defaults: Schema.optionalWith(WindowDefaults, { default: () => ({}) }),
  windows: Schema.NonEmptyArray(ReplayWindow)
})

/** See {@link ReplaySpec}. */
export type ReplaySpec = typeof ReplaySpec.Type

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
    return this.issues.map((issue) => (issue.path === "" ? issue.message : `${issue.path}: ${issue.message}`)).join("\n")
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
  ParseResult.ArrayFormatter.formatIssueSync(issue).map(({ message }) => message).join("; ")

const decodeUnknown = Schema.decodeUnknown(ReplaySpec, { errors: "all", onExcessProperty: "error" })

/**
 * Reads a spec from the value that a YAML or JSON file holds. Fails with {@link SpecInvalid}, which names every place
 * and, for an unknown key, the nearest known one.
 */
export const decode = Effect.fn("ReplaySpec.decode")((value: unknown) =>
  decodeUnknown(value).pipe(
    Effect.catchAll((error) => {
      const [first = place([], "not a spec"), ...rest] = issuesOf(error.issue, [], knownKeys(ReplaySpec.ast))
      return Effect.fail(new SpecInvalid({ issues: [first, ...rest] }))
    })
  )
)

/** The JSON Schema (draft 7) of a spec file, for editors; generated from {@link ReplaySpec}. */
export const jsonSchema = (): JSONSchema.JsonSchema7Root => JSONSchema.make(ReplaySpec)
