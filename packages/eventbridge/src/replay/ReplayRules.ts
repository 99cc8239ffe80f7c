/** The rules that may see a replay (`Destination.FilterArns`): whether they are there, before a name is taken for it. */
import { type Finding, SpecPath } from "@genesys-replay/domain"
import { Effect, Option } from "effect"
import * as AwsCall from "../aws/AwsCall.js"
import type { Client } from "../aws/EventBridgeClients.js"
import type { Values } from "../aws/EventBridgeConfig.js"

/** Which rules, for which window. */
export interface Request {
  readonly window: string
  /** The event bus ARN, in AWS's own form. */
  readonly bus: string
  readonly rules: ReadonlyArray<string>
}

/** The name of the rule with this ARN. */
export const nameOf = (rule: string): string => rule.split(/[:/]/).at(-1) ?? ""

/** The ARN that a rule of this name has on the bus; rules of the default bus do not name it. */
const onBus = (bus: string, name: string): string => {
  const [account = "", busName = ""] = bus.split(":event-bus/")
  return busName === "default" ? `${account}:rule/${name}` : `${account}:rule/${busName}/${name}`
}

/** The rules of one region, as `client` tells of them. */
export const make = (client: Client, config: Values) => {
  const stateOf = (bus: string, name: string) =>
    AwsCall.repeatable(
      config,
      "DescribeRule",
      client.describeRule({ Name: name, EventBusName: bus.split(":event-bus/")[1] })
    ).pipe(AwsCall.found, Effect.map(Option.map(({ State = "ENABLED" }) => State)))

  /** `rule-of-other-bus`, `rule-not-found`, and `rule-disabled`, which is an error where no other rule would see the replay. */
  const findings = Effect.fn("ReplayRules.findings")(function* ({ bus, rules, window }: Request) {
    const finding = (index: number, code: Finding.FindingCode, message: string): Finding.Finding => ({
      severity: "error",
      code,
      window,
      path: SpecPath.format(["rules", index]),
      message
    })
    const found = yield* Effect.forEach(
      rules,
      (rule, index) =>
        Effect.gen(function* () {
          const name = nameOf(rule)
          if (rule !== onBus(bus, name)) {
            const message = `${rule} is no rule of ${bus}: a replay is matched only against rules of its destination`
            return Option.some(finding(index, "rule-of-other-bus", message))
          }
          const state = yield* stateOf(bus, name)
          if (Option.isNone(state)) {
            const message = `there is no rule ${name} on ${bus}: nobody would see the replay. aws events list-rules shows those that exist`
            return Option.some(finding(index, "rule-not-found", message))
          }
          return state.value === "DISABLED"
            ? Option.some(finding(index, "rule-disabled", `rule ${name} is disabled: it sends nothing to its targets`))
            : Option.none()
        }),
      { concurrency: 4 }
    )
    const someoneSees = found.some(Option.isNone)
    return found
      .flatMap(Option.toArray)
      .map(
        (one): Finding.Finding => (one.code === "rule-disabled" && someoneSees ? { ...one, severity: "warning" } : one)
      )
  })

  return { findings }
}
