/**
 * The AWS JSON protocols 1.0 and 1.1: `POST /`, the operation in `X-Amz-Target`, JSON in and out.
 *
 * An operation's contract is declared once, as the schemas of its input and its output; what is implemented against it
 * gets decoded input and answers values, and everything about JSON, validation and error documents is here.
 */
import { HttpServerResponse } from "@effect/platform"
import { Effect, Either, HashMap, Option, ParseResult, Predicate, Schema } from "effect"
import * as AwsError from "./AwsError.js"

/** What an operation takes and answers. */
export interface Contract<I, IE, O, OE> {
  readonly name: string
  readonly input: Schema.Schema<I, IE>
  readonly output: Schema.Schema<O, OE>
}

/** Declares an operation by the fields of its input and its output. */
export const contract = <I extends Schema.Struct.Fields, O extends Schema.Struct.Fields>(
  name: string,
  input: I,
  output: O
) => ({ name, input: Schema.Struct(input), output: Schema.Struct(output) })

/** An operation that can be called with whatever a client sent. */
export interface Operation {
  readonly name: string
  readonly answer: (body: unknown) => Effect.Effect<unknown, AwsError.AwsError>
}

/** A service: which operations it has, and how it speaks. */
export interface Service {
  /** What stands before the operation in `X-Amz-Target`. */
  readonly prefix: string
  /** The name that requests are signed for. */
  readonly signingName: string
  readonly mediaType: string
  readonly operations: HashMap.HashMap<string, Operation>
}

/** A point in time as these protocols write it, seconds since 1970 as a number; here in epoch milliseconds. */
export const Timestamp = Schema.transform(Schema.Number, Schema.Number, {
  strict: true,
  decode: (seconds) => Math.round(seconds * 1_000),
  encode: (millis) => millis / 1_000
})

/** The value at a path into a JSON document; undefined where there is none. */
export const valueAt = (document: unknown, path: ReadonlyArray<PropertyKey>): unknown =>
  path.reduce<unknown>(
    (value, key) => (Predicate.isObject(value) ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined),
    document
  )

const fieldOf = (path: ReadonlyArray<PropertyKey>): string =>
  path
    .map((key, index) => {
      // Lists count from 1 in AWS's messages, and stand in the members of their parents.
      if (typeof key === "number") return `${index === 0 ? "" : "."}${key + 1}.member`
      const name = String(key)
      return `${index === 0 ? "" : "."}${name.charAt(0).toLowerCase()}${name.slice(1)}`
    })
    .join("")

const complaint = (body: unknown, issue: ParseResult.ArrayFormatterIssue): string => {
  const value = valueAt(body, issue.path)
  return issue._tag === "Missing"
    ? `Value null at '${fieldOf(issue.path)}' failed to satisfy constraint: Member must not be null`
    : `Value '${typeof value === "string" ? value : JSON.stringify(value)}' at '${fieldOf(issue.path)}' failed to satisfy constraint: ${issue.message}`
}

/** What is wrong with an input: values of a wrong type are one refusal, values out of their range another. */
const refused = (body: unknown, error: ParseResult.ParseError): AwsError.AwsError => {
  const issues = ParseResult.ArrayFormatter.formatErrorSync(error)
  const mistyped = issues.find((issue) => issue._tag === "Type")
  if (mistyped !== undefined) return AwsError.serialization(`${fieldOf(mistyped.path)}: ${mistyped.message}`)
  const errors = issues.length === 1 ? "1 validation error" : `${issues.length} validation errors`
  return AwsError.validation(`${errors} detected: ${issues.map((issue) => complaint(body, issue)).join("; ")}`)
}

/** An operation of a contract. What `run` answers goes through the contract's output. */
export const implement = <I, IE, O, OE>(
  { input, name, output }: Contract<I, IE, O, OE>,
  run: (input: I) => Effect.Effect<O, AwsError.AwsError>
): Operation => {
  const decode = Schema.decodeUnknownEither(input, { errors: "all" })
  const encode = Schema.encode(output)
  return {
    name,
    answer: Effect.fn(name)(function* (body: unknown) {
      const decoded = decode(body)
      if (Either.isLeft(decoded)) return yield* refused(body, decoded.left)
      return yield* Effect.orDie(encode(yield* run(decoded.right)))
    })
  }
}

/** The operations of a service by their names. */
export const operations = (...list: ReadonlyArray<Operation>): HashMap.HashMap<string, Operation> =>
  HashMap.fromIterable(list.map((operation) => [operation.name, operation] as const))

const decodeJson = Schema.decodeUnknownOption(Schema.parseJson())

/** Carries an operation out. A body may be empty where nothing has to be said. */
export const call = Effect.fn("AwsJson.call")(function* (service: Service, name: string, text: string) {
  const operation = HashMap.get(service.operations, name)
  if (Option.isNone(operation)) return yield* AwsError.unknownOperation(`The sandbox has no operation ${name}`)
  const body = text === "" ? Option.some({}) : decodeJson(text)
  if (Option.isNone(body)) return yield* AwsError.serialization("The body is not JSON")
  return yield* operation.value.answer(body.value)
})

/** The answer to an operation that was carried out. */
export const succeeded = (service: Service, output: unknown) =>
  HttpServerResponse.text(JSON.stringify(output), { contentType: service.mediaType })

/** The answer to one that was refused. */
export const failed = (mediaType: string, { queryCode, reason, status, type }: AwsError.AwsError) =>
  HttpServerResponse.text(JSON.stringify({ __type: type, message: reason }), {
    status,
    contentType: mediaType,
    headers: {
      "x-amzn-errortype": type,
      ...(queryCode === undefined ? {} : { "x-amzn-query-error": `${queryCode};Sender` })
    }
  })
