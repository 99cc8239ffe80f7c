/** What can be wrong with a spec, each thing in its place. */
import { Either, Option, ParseResult, Schema, SchemaAST } from "effect"
import * as NearestKey from "./NearestKey.js"
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

const isKey = (key: PropertyKey): key is string | number => typeof key !== "symbol"

/** An issue at `path`. */
export const place = (path: SpecPath.SpecPath, message: string): SpecIssue => ({
  keys: path.filter(isKey),
  path: SpecPath.format(path),
  message
})

const said = (issue: ParseResult.ParseIssue): string =>
  ParseResult.ArrayFormatter.formatIssueSync(issue)
    .map(({ message }) => message)
    .join("; ")

const expected = (ast: SchemaAST.AST, actual: unknown): string => {
  const what = Option.getOrElse(SchemaAST.getDescriptionAnnotation(ast), () => String(ast))
  return `expected ${what}, found ${JSON.stringify(actual)}`
}

const refusal = (issue: ParseResult.Type): string =>
  Option.isSome(levelOf(issue.ast)) ? `expected keys and values, found ${JSON.stringify(issue.actual)}` : said(issue)

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

const unexpectedKey = (key: string, level: Option.Option<SchemaAST.TypeLiteral>): string => {
  const known = Option.match(level, {
    onNone: () => [],
    onSome: (ast) => ast.propertySignatures.map((property) => String(property.name))
  })
  const rules = Option.match(level, { onNone: () => [], onSome: (ast) => ast.indexSignatures })
  for (const { parameter } of rules) {
    const broken = ParseResult.decodeUnknownEither(Schema.make(parameter))(key)
    if (Either.isLeft(broken)) return said(broken.left)
  }
  const hint = Option.match(NearestKey.find(key, known), {
    onNone: () => `Known here: ${known.join(", ")}`,
    onSome: (name) => `Did you mean ${name}?`
  })
  return `unknown key ${JSON.stringify(key)}. ${hint}`
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
      if (issue.ast._tag === "Union") return [place(path, expected(issue.ast, issue.actual))]
      const inner = Option.orElse(levelOf(issue.ast), () => level)
      const issues = Array.isArray(issue.issues) ? issue.issues : [issue.issues]
      return issues.flatMap((one) => fromParseIssue(one, path, inner))
    }
    case "Transformation":
    case "Refinement":
      return fromParseIssue(issue.issue, path, level)
    case "Unexpected":
      return [place(path, unexpectedKey(String(path.at(-1)), level))]
    case "Missing":
      return [place(path, "is missing")]
    case "Type":
      return [place(path, issue.message ?? refusal(issue))]
    case "Forbidden":
      return [place(path, said(issue))]
  }
}
