/** What can be wrong with a spec, each thing in its place and in plain words. */
import { Either, Option, ParseResult, Predicate, Schema, SchemaAST } from "effect"
import * as NearestKey from "../value/NearestKey.js"
import * as SpecPath from "./SpecPath.js"

/** One thing that is wrong with a spec, and where. */
export const SpecIssue = Schema.Struct({
  /** The keys that lead to the place. */
  keys: Schema.Array(Schema.Union(Schema.String, Schema.Number)),
  /** The place as text: `windows[0].start`. */
  path: Schema.String,
  message: Schema.String
})

/** See {@link SpecIssue}. */
export interface SpecIssue extends Schema.Schema.Type<typeof SpecIssue> {}

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

const isKey = (key: PropertyKey): key is string | number => typeof key !== "symbol"

/** An issue at `path`. */
export const place = (path: SpecPath.SpecPath, message: string): SpecIssue => ({
  keys: path.filter(isKey),
  path: SpecPath.format(path),
  message
})

const longest = 80

/** What stands there, as a person would say it. */
const said = (value: unknown): string => {
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list"
  if (Predicate.isRecord(value)) return "keys and values"
  const text = JSON.stringify(value) ?? String(value)
  const shown = text.length > longest ? `${text.slice(0, longest)}…` : text
  return typeof value === "number" ? `the number ${shown}` : shown
}

const literals = (ast: SchemaAST.AST): ReadonlyArray<string> => {
  if (ast._tag === "Union") return ast.types.flatMap(literals)
  return ast._tag === "Literal" ? [String(ast.literal)] : []
}

/** What a value is at the root, below all rules for it. */
const kindOf = (ast: SchemaAST.AST): string => {
  switch (ast._tag) {
    case "StringKeyword":
      return "text"
    case "NumberKeyword":
      return "a number"
    case "BooleanKeyword":
      return "true or false"
    case "TupleType":
      return "a list"
    case "TypeLiteral":
      return "keys and values"
    case "Refinement":
    case "Transformation":
      return kindOf(ast.from)
    default:
      return literals(ast).join(" or ")
  }
}

// The library describes its own schemas too, in other words than these.
const descriptionOf = (ast: SchemaAST.AST): Option.Option<string> => {
  if (ast._tag === "Transformation") return descriptionOf(ast.from)
  return Option.filter(SchemaAST.getDescriptionAnnotation(ast), (text) => !/^an? (?:string|number|boolean)$/.test(text))
}

/** What to write instead, where a value was meant and written as another kind. */
const hint = (kind: string, value: unknown): string => {
  const isScalar = typeof value === "string" || typeof value === "number" || typeof value === "boolean"
  if (kind === "a list" && isScalar) return `. Write it as a list: [${value}]`
  return kind === "text" && isScalar ? `. Write it in quotes: "${value}"` : ""
}

/** `expected a list, found "x"`. */
const refusal = (ast: SchemaAST.AST, value: unknown): string => {
  const kind = kindOf(ast)
  const what = kind === "keys and values" ? kind : Option.getOrElse(descriptionOf(ast), () => kind)
  return `expected ${what}, found ${said(value)}${hint(kind, value).slice(0, longest)}`
}

/** The keys that may stand at one level of a spec, for what is said of one that may not. */
const levelOf = (ast: SchemaAST.AST): Option.Option<SchemaAST.TypeLiteral> => {
  switch (ast._tag) {
    case "TypeLiteral":
      return Option.some(ast)
    case "Transformation":
    case "Refinement":
      return levelOf(ast.from)
    default:
      return Option.none()
  }
}

const unexpectedKey = (
  path: SpecPath.SpecPath,
  level: Option.Option<SchemaAST.TypeLiteral>
): ReadonlyArray<SpecIssue> => {
  const key = String(path.at(-1))
  const known = Option.match(level, {
    onNone: () => [],
    onSome: (ast) => ast.propertySignatures.map((property) => String(property.name))
  })
  if (known.length === 0) {
    // Keys that are themselves values: the patterns of the retention matrix.
    for (const { parameter } of Option.match(level, { onNone: () => [], onSome: (ast) => ast.indexSignatures })) {
      const broken = ParseResult.decodeUnknownEither(Schema.make(parameter))(key)
      if (Either.isLeft(broken)) return fromParseIssue(broken.left, path, Option.none())
    }
  }
  const nearest = Option.match(NearestKey.find(key, known), {
    onNone: () => `Known here: ${known.join(", ")}`,
    onSome: (name) => `Did you mean ${name}?`
  })
  return [place(path, `unknown key ${said(key)}. ${nearest}`)]
}

/** The issues that a failed decoding means, each in its place. */
export const fromParseIssue = (
  issue: ParseResult.ParseIssue,
  path: SpecPath.SpecPath,
  level: Option.Option<SchemaAST.TypeLiteral>
): ReadonlyArray<SpecIssue> => {
  switch (issue._tag) {
    case "Pointer": {
      const steps = Array.isArray(issue.path) ? issue.path : [issue.path]
      return fromParseIssue(issue.issue, [...path, ...steps], level)
    }
    case "Composite": {
      if (issue.ast._tag === "Union") return [place(path, refusal(issue.ast, issue.actual))]
      const inner = Option.orElse(levelOf(issue.ast), () => level)
      const issues = Array.isArray(issue.issues) ? issue.issues : [issue.issues]
      return issues.flatMap((one) => fromParseIssue(one, path, inner))
    }
    case "Transformation":
    case "Refinement":
      // The rule itself knows better what is expected than the kind of value that it stands on.
      return issue.issue._tag === "Type" && issue.issue.message === undefined
        ? [place(path, refusal(Option.isSome(descriptionOf(issue.ast)) ? issue.ast : issue.issue.ast, issue.actual))]
        : fromParseIssue(issue.issue, path, level)
    case "Unexpected":
      return unexpectedKey(path, level)
    case "Missing":
      return [place(path, "is missing")]
    case "Type":
      return [place(path, issue.message ?? refusal(issue.ast, issue.actual))]
    case "Forbidden":
      return [place(path, "may not stand here")]
  }
}
