/** The rules of planning that concern regions and partitions of AWS. */
import { Option } from "effect"
import * as Destination from "../spec/Destination.js"
import { RoleArn } from "../spec/ReplayWindow.js"
import * as AwsRegion from "../value/AwsRegion.js"
import type { Finding } from "./Finding.js"
import { finding, type Rule, type Subject } from "./PlanRules.js"

/** The region where nothing names one. */
export const fallback = "us-east-1"

/** What planning for an event bus takes from its surroundings. */
export interface Surroundings {
  /** The role for windows that name none (`GENESYS_EVENTBRIDGE_ROLE_ARN`); empty by default. */
  readonly roleArn?: RoleArn | undefined
  /** The region where neither the ARN nor the window tells one (`AWS_REGION`); `us-east-1` by default. */
  readonly region?: string | undefined
}

/** The bus of a window: its region is the ARN's, else the window's, else the one of the surroundings. */
export const busOf = ({ window }: Subject, surroundings: Surroundings): Destination.EventBus =>
  Destination.EventBus.make({
    arn: window.destination,
    region: Option.getOrElse(window.destination.region, () => window.region ?? surroundings.region ?? fallback),
    roleArn: window.roleArn ?? surroundings.roleArn ?? RoleArn.make("")
  })

/** `region-conflict`: two regions are named, or one that the partition of the destination does not have. */
const conflict = (subject: Subject, region: string): ReadonlyArray<Finding> => {
  const explicit = subject.window.region
  const { destination } = subject.window
  const own = Option.getOrUndefined(destination.region)
  if (explicit !== undefined && own !== undefined && explicit !== own) {
    const message = `region ${explicit} is not the region of the destination, ${own}. Leave region out: the ARN tells it`
    return [finding(subject, "error", "region-conflict", "region", message)]
  }
  return Option.match(AwsRegion.pairFault(destination.partition, region), {
    onNone: () => [],
    onSome: (reason) => [
      finding(
        subject,
        "error",
        "region-conflict",
        explicit === undefined ? "destination" : "region",
        `${destination.text} tells no region, and ${reason}`
      )
    ]
  })
}

/** `region-missing`: a bus of EventBridge is in one region, and no other one is to be guessed. */
export const missing = (subject: Subject): ReadonlyArray<Finding> => {
  const { destination, region } = subject.window
  return region === undefined && Option.isNone(destination.region)
    ? [
        finding(
          subject,
          "error",
          "region-missing",
          "destination",
          `${destination.text} tells no region. Write arn:${destination.partition}:events:<region>:${destination.account}:event-bus/${destination.bus}`
        )
      ]
    : []
}

/** `unknown-region`: AWS may have opened it since, or a digit is mistyped. */
const unknown = (subject: Subject, region: string): ReadonlyArray<Finding> => {
  if (AwsRegion.isKnown(region)) return []
  const hint = Option.match(AwsRegion.nearest(region), {
    onNone: () => "",
    onSome: (name) => `. Did you mean ${name}?`
  })
  const key = Option.isSome(subject.window.destination.region) ? "destination" : "region"
  return [finding(subject, "warning", "unknown-region", key, `region ${region} is none of those that are known${hint}`)]
}

/** `role-of-other-partition`: a role cannot deliver across partitions. */
const role = (subject: Subject, roleArn: RoleArn): ReadonlyArray<Finding> => {
  const { partition, text } = subject.window.destination
  return roleArn === "" || roleArn.split(":")[1] === partition
    ? []
    : [
        finding(
          subject,
          "error",
          "role-of-other-partition",
          "roleArn",
          `${roleArn} is not in the partition of ${text}, ${partition}: it cannot deliver there`
        )
      ]
}

/** Everything that there is to say of the regions of a window. `region` has the rules of the provider's own for its region. */
export const findings =
  (surroundings: Surroundings, region: (subject: Subject) => ReadonlyArray<Finding> = () => []): Rule =>
  ({ subject }) => {
    const bus = busOf(subject, surroundings)
    const wrong = [...region(subject), ...conflict(subject, bus.region)].slice(0, 1)
    return [...wrong, ...(wrong.length === 0 ? unknown(subject, bus.region) : []), ...role(subject, bus.roleArn)]
  }
