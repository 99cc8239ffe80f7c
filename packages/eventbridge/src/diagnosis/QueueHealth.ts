/** What there is to say of the queues that rules deliver into, and of those that keep what could not be delivered. */
import { CheckOutcome, type ProviderError, RetryPolicy } from "@genesys-replay/domain"
import { Array as Arr, Duration, Effect, Option, Predicate, Schema } from "effect"
import * as AwsFailure from "../aws/AwsFailure.js"
import { orSkipped, type RegionClients } from "./RegionClients.js"
import type { RulesOfBus } from "./RuleHealth.js"

/** A queue, as rules name it. */
export interface QueueOfRule {
  readonly arn: string
  readonly region: string
  readonly account: string
  readonly name: string
  /** Whether it keeps what could not be delivered to another target. */
  readonly isDeadLetter: boolean
  /** The rule delivers with a role of its own, so that the queue's policy does not decide. */
  readonly hasRole: boolean
}

/** The attributes of a queue, as SQS names them. */
export type Attributes = { readonly [name: string]: string | undefined }

const shape = /^arn:[a-z-]+:sqs:([a-z0-9-]+):(\d{12}):([A-Za-z0-9_.-]+)$/

const queueOf = (arn: string | undefined, isDeadLetter: boolean, hasRole: boolean): ReadonlyArray<QueueOfRule> => {
  const [, region, account, name] = shape.exec(arn ?? "") ?? []
  return arn === undefined || region === undefined || account === undefined || name === undefined
    ? []
    : [{ arn, region, account, name, isDeadLetter, hasRole }]
}

/** The queues of enabled rules, each once. */
export const queuesOf = (buses: ReadonlyArray<RulesOfBus>): ReadonlyArray<QueueOfRule> =>
  Arr.dedupeWith(
    buses
      .flatMap(({ rules }) => rules)
      .filter(({ isEnabled }) => isEnabled)
      .flatMap(({ targets }) => targets)
      .flatMap(({ Arn, DeadLetterConfig, RoleArn }) => [
        ...queueOf(Arn, false, RoleArn !== undefined),
        ...queueOf(DeadLetterConfig?.Arn, true, false)
      ]),
    (one, other) => one.arn === other.arn
  )

/** The answer of SQS; none where there is no such queue. */
const asked = <A>(
  { config }: RegionClients,
  operation: string,
  request: Effect.Effect<A, { readonly _tag: string }>
): Effect.Effect<Option.Option<A>, ProviderError.ProviderError> =>
  RetryPolicy.retrying({ policy: config.retry, operation, repeatable: true }, () =>
    Effect.asSome(request).pipe(
      Effect.catchAll((error) =>
        error._tag === "QueueDoesNotExist" ? Effect.succeedNone : Effect.fail(AwsFailure.of(operation, error))
      ),
      Effect.catchTag("AwsException", (exception) => Effect.fail(AwsFailure.rejected(exception))),
      Effect.timeoutFail({
        duration: config.requestTimeout,
        onTimeout: () => AwsFailure.timedOut(Duration.toSeconds(config.requestTimeout))
      })
    )
  )

/** What the queue is like, by its attributes. A queue that may not be looked at is skipped. */
export const check = Effect.fn("QueueHealth.check")((region: RegionClients, queue: QueueOfRule) =>
  Effect.gen(function* () {
    const { account, name } = queue
    const address = region.queues.getQueueUrl({ QueueName: name, QueueOwnerAWSAccountId: account })
    const place = yield* asked(region, "sqs:GetQueueUrl", address)
    if (Option.isNone(place)) return ofQueue(queue, Option.none())
    const attributes = region.queues.getQueueAttributes({
      QueueUrl: place.value.QueueUrl ?? "",
      AttributeNames: ["All"]
    })
    const found = yield* asked(region, "sqs:GetQueueAttributes", attributes)
    return ofQueue(
      queue,
      Option.map(found, ({ Attributes = {} }) => Attributes)
    )
  }).pipe(orSkipped)
)

const parse = Schema.decodeUnknownOption(Schema.parseJson())

const listOf = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [value])

const valuesAt = (value: unknown, key: string): ReadonlyArray<unknown> =>
  Predicate.hasProperty(value, key) ? listOf(value[key]) : []

const servicesOf = (principal: unknown): ReadonlyArray<unknown> =>
  principal === "*" ? ["*"] : [...valuesAt(principal, "Service"), ...valuesAt(principal, "AWS")]

const isSending = (action: unknown): boolean =>
  Predicate.isString(action) && ["*", "sqs:*", "sqs:sendmessage"].includes(action.toLowerCase())

/** Whether a statement of the policy lets EventBridge send; its conditions are not judged. */
const letsIn = (policy: string | undefined): boolean =>
  Option.match(parse(policy ?? ""), {
    onNone: () => false,
    onSome: (document) =>
      valuesAt(document, "Statement").some(
        (statement) =>
          valuesAt(statement, "Effect").includes("Allow") &&
          valuesAt(statement, "Principal")
            .flatMap(servicesOf)
            .some((who) => who === "events.amazonaws.com" || who === "*") &&
          valuesAt(statement, "Action").some(isSending)
      )
  })

const allow = "Let events.amazonaws.com send to it (sqs:SendMessage) in the queue's policy"

const encryption = (queue: QueueOfRule, key: string): CheckOutcome.CheckOutcome =>
  CheckOutcome.warning(
    `queue ${queue.name} is encrypted with ${key}: EventBridge delivers only where the policy of that key lets it, which was not looked at`,
    "Let events.amazonaws.com use the key (kms:GenerateDataKey, kms:Decrypt), or encrypt with SQS's own keys (SqsManagedSseEnabled)"
  )

/** How often a message is received before it goes to the queue's own dead-letter queue, in words. */
const redrive = ({ RedrivePolicy }: Attributes): string => {
  const [count] = Option.match(parse(RedrivePolicy ?? ""), {
    onNone: () => [],
    onSome: (policy) => valuesAt(policy, "maxReceiveCount")
  })
  return count === undefined ? "no redrive" : `redrive after ${count} receives`
}

/** What the queue's attributes say; none where there is no such queue. */
export const ofQueue = (queue: QueueOfRule, found: Option.Option<Attributes>): CheckOutcome.CheckOutcome => {
  const role = queue.isDeadLetter ? "dead-letter queue" : "queue"
  if (Option.isNone(found)) {
    const what = queue.isDeadLetter ? "undelivered events are kept in" : "a rule delivers into"
    return CheckOutcome.failed(
      `there is no ${role} ${queue.name} in ${queue.region}, which ${what}`,
      "Create the queue, or correct the target of the rule"
    )
  }
  const attributes = found.value
  if (!queue.hasRole && !letsIn(attributes["Policy"])) {
    return CheckOutcome.failed(`the policy of ${role} ${queue.name} does not let EventBridge send to it`, allow)
  }
  const key = attributes["KmsMasterKeyId"] ?? ""
  return key === "" ? CheckOutcome.ok(`${queue.name}: ${redrive(attributes)}`) : encryption(queue, key)
}

/** What the queues say together. */
export const ofQueues = (outcomes: ReadonlyArray<CheckOutcome.CheckOutcome>): CheckOutcome.CheckOutcome =>
  outcomes.length === 0
    ? CheckOutcome.skipped("no enabled rule delivers into a queue")
    : CheckOutcome.worst(outcomes, CheckOutcome.ok(CheckOutcome.together(outcomes.map(({ detail }) => detail))))
