import { FetchHttpClient, HttpClient, HttpClientRequest } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { type Faults, Sandbox } from "@genesys-replay/sandbox"
import { Duration, Effect, Fiber, HashMap, TestClock } from "effect"
import { events, queues } from "./AwsCall.js"

const sandbox = Sandbox.layer({ seed: "aws" })

const raw = (headers: { readonly [name: string]: string }, body = "{}") =>
  Effect.gen(function* () {
    const { url } = yield* Sandbox.Sandbox
    const response = yield* HttpClientRequest.post(`${url}/`).pipe(
      HttpClientRequest.bodyText(body, "application/x-amz-json-1.1"),
      HttpClientRequest.setHeaders(headers),
      HttpClient.execute
    )
    return { status: response.status, headers: response.headers, json: yield* response.json }
  }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))

const listBuses = events((client) => client.listEventBuses({}))

describe("A request to AWS", () => {
  it.scoped("is answered with its request id", () =>
    Effect.gen(function* () {
      const { $metadata, EventBuses } = yield* listBuses
      expect($metadata).toMatchObject({ httpStatusCode: 200, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) })
      expect(EventBuses).toMatchObject([{ Name: "default", Arn: expect.stringMatching(/:event-bus\/default$/) }])
      const { requests } = yield* Sandbox.Sandbox
      expect(yield* requests.entries).toMatchObject([
        { method: "POST", path: "AWSEvents.ListEventBuses", status: 200, correlationId: $metadata.requestId }
      ])
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("without a signature, or with half of one, is refused", () =>
    Effect.gen(function* () {
      const target = { "x-amz-target": "AWSEvents.ListEventBuses" }
      const without = yield* raw(target)
      expect(without).toMatchObject({
        status: 400,
        headers: { "content-type": "application/x-amz-json-1.1" },
        json: { __type: "MissingAuthenticationTokenException", message: "Missing Authentication Token" }
      })
      expect(without.headers["x-amzn-errortype"]).toBe("MissingAuthenticationTokenException")
      for (const authorization of [
        "Bearer token",
        "AWS4-HMAC-SHA256 Credential=key/20240115/us-east-1/events/aws4_request, SignedHeaders=host",
        "AWS4-HMAC-SHA256 Credential=key/20240115/us-east-1/events, SignedHeaders=host, Signature=0",
        `AWS4-HMAC-SHA256 Credential=key, SignedHeaders=host, Signature=${"0".repeat(64)}`
      ]) {
        expect(yield* raw({ ...target, authorization })).toMatchObject({
          status: 400,
          json: { __type: "IncompleteSignatureException" }
        })
      }
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("is refused when another key, another secret or another region signed it", () =>
    Effect.gen(function* () {
      const failure = (different: { accessKeyId?: string; secretAccessKey?: string; region?: string }) =>
        Effect.flip(events((client) => client.listEventBuses({}), different))
      expect(yield* failure({ accessKeyId: "AKIAOTHER" })).toMatchObject({ name: "UnrecognizedClientException" })
      expect(yield* failure({ secretAccessKey: "other" })).toMatchObject({ name: "InvalidSignatureException" })
      expect(yield* failure({ region: "eu-central-1" })).toMatchObject({
        name: "InvalidSignatureException",
        message: expect.stringContaining("us-east-1")
      })
      expect((yield* Effect.flip(queues((client) => client.listQueues({}), { secretAccessKey: "other" }))).name).toBe(
        "InvalidSignatureException"
      )
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("for what the sandbox does not have is refused", () =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(events((client) => client.listConnections({})))).toMatchObject({
        name: "UnknownOperationException"
      })
      expect(yield* raw({ "x-amz-target": "DynamoDB_20120810.ListTables" })).toMatchObject({
        json: { __type: "UnknownOperationException" }
      })
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("that breaks a constraint is told which", () =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(events((client) => client.describeReplay({ ReplayName: "a b" })))).toMatchObject({
        name: "ValidationException",
        status: 400,
        message:
          "1 validation error detected: Value 'a b' at 'replayName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+"
      })
      expect(
        (yield* Effect.flip(events((client) => client.createArchive({ ArchiveName: "", EventSourceArn: undefined }))))
          .message
      ).toBe(
        "2 validation errors detected: Value '' at 'archiveName' failed to satisfy constraint: Member must have length greater than or equal to 1; Value null at 'eventSourceArn' failed to satisfy constraint: Member must not be null"
      )
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("leaves the platform's API as it is", () =>
    Effect.gen(function* () {
      const { url } = yield* Sandbox.Sandbox
      const response = yield* HttpClient.get(`${url}/api/v2/eventstreams`)
      expect(response.status).toBe(401)
      expect(response.headers["inin-correlation-id"]).toBeDefined()
    }).pipe(Effect.scoped, Effect.provide([FetchHttpClient.layer, sandbox]))
  )
})

describe("Faults of AWS", () => {
  it.scoped("are told by the operation", () =>
    Effect.gen(function* () {
      const { faults } = yield* Sandbox.Sandbox
      yield* faults.next({ kind: "forbidden", path: "AWSEvents.ListArchives" })
      yield* listBuses
      expect(yield* Effect.flip(events((client) => client.listArchives({})))).toMatchObject({
        name: "AccessDeniedException",
        message: expect.stringContaining("not authorized to perform: events:ListArchives")
      })
      yield* events((client) => client.listArchives({}))
      yield* faults.next({ kind: "rateLimited", path: "AmazonSQS.*" })
      expect(yield* Effect.flip(queues((client) => client.listQueues({})))).toMatchObject({ name: "RequestThrottled" })
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("speak AWS's words", () =>
    Effect.gen(function* () {
      const { faults } = yield* Sandbox.Sandbox
      const told = (fault: Faults.RequestFault) =>
        Effect.zipRight(
          faults.next(fault),
          Effect.map(Effect.flip(listBuses), ({ name, status }) => [name, status])
        )
      expect(yield* told({ kind: "rateLimited" })).toEqual(["ThrottlingException", 400])
      expect(yield* told({ kind: "serverError", status: 500 })).toEqual(["InternalException", 500])
      expect(yield* told({ kind: "serverError" })).toEqual(["ServiceUnavailable", 503])
      expect(yield* told({ kind: "expiredTokens" })).toEqual(["ExpiredTokenException", 400])
      expect((yield* told({ kind: "malformedBody" }))[0]).toBe("SyntaxError")
      expect((yield* told({ kind: "cutBefore" }))[1]).toBe(undefined)
      yield* listBuses
      expect(HashMap.get(yield* faults.fired, "cutBefore")).toMatchObject({ value: 1 })
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("cut the connection before or after the operation was carried out", () =>
    Effect.gen(function* () {
      const { faults } = yield* Sandbox.Sandbox
      const create = (Name: string) => Effect.flip(events((client) => client.createEventBus({ Name })))
      yield* faults.next({ kind: "cutBefore" })
      yield* create("before")
      yield* faults.next({ kind: "cutAfter" })
      yield* create("after")
      yield* faults.next({ kind: "serverError", processed: true })
      yield* create("error")
      const { EventBuses = [] } = yield* listBuses
      expect(EventBuses.map(({ Name }) => Name)).toEqual(["after", "default", "error"])
    }).pipe(Effect.provide(sandbox))
  )

  it.scoped("make an answer slow", () =>
    Effect.gen(function* () {
      const { faults, requests } = yield* Sandbox.Sandbox
      yield* faults.next({ kind: "slow", delay: Duration.seconds(20) })
      const answer = yield* Effect.fork(listBuses)
      yield* TestClock.adjust(Duration.seconds(19))
      expect(yield* requests.count()).toBe(0)
      // The request may still be on its way here; whenever it comes, it is past its delay soon.
      yield* Effect.yieldNow().pipe(
        Effect.zipRight(TestClock.adjust(Duration.seconds(1))),
        Effect.zipRight(Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))),
        Effect.repeat({ until: () => Effect.map(Fiber.poll(answer), (polled) => polled._tag === "Some") })
      )
      expect((yield* Fiber.join(answer)).EventBuses).toHaveLength(1)
    }).pipe(Effect.provide(sandbox))
  )
})
