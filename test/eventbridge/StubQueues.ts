/** The queues of an account, as the looks at them see them. */
import { SdkError } from "@effect-aws/commons"
import type { QueueClients } from "@genesys-replay/eventbridge"
import { Effect } from "effect"

/** A policy that lets EventBridge send. */
export const policy = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { Service: "events.amazonaws.com" }, Action: "sqs:SendMessage", Resource: "*" }
  ]
})

const answered = { $metadata: { httpStatusCode: 200 } }

const missing = Object.assign(SdkError({ name: "SdkError", message: "no such queue" }), { _tag: "QueueDoesNotExist" })

/** The queues by name, with their attributes. */
export class StubQueues {
  readonly calls: Array<string> = []
  readonly queues = new Map<string, Record<string, string>>()

  /** What is asked instead of an answer: the exception of AWS. */
  refusal: { readonly code: string; readonly message: string } | undefined

  private call<A>(action: string, effect: () => Effect.Effect<A, ReturnType<typeof SdkError>>) {
    return Effect.suspend(() => {
      this.calls.push(action)
      if (this.refusal === undefined) return effect()
      const { code, message } = this.refusal
      return Effect.fail(
        SdkError({ name: "SdkError", message, ...{ __type: code, $metadata: { httpStatusCode: 403, requestId: "r" } } })
      )
    })
  }

  readonly client: QueueClients.Client = {
    getQueueUrl: ({ QueueName = "" }) =>
      this.call("GetQueueUrl", () =>
        this.queues.has(QueueName)
          ? Effect.succeed({ QueueUrl: `https://sqs.us-east-1.amazonaws.com/123456789012/${QueueName}`, ...answered })
          : Effect.fail(missing)
      ),
    getQueueAttributes: ({ QueueUrl = "" }) =>
      this.call("GetQueueAttributes", () =>
        Effect.succeed({ Attributes: this.queues.get(QueueUrl.split("/").at(-1) ?? "") ?? {}, ...answered })
      )
  }
}
