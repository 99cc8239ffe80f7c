/** The rules of planning that concern regions and partitions of AWS. */
import { Option } from "effect"
import type { RoleArn } from "../spec/ReplayWindow.js"
import * as AwsRegion from "../value/AwsRegion.js"
import type { ProviderName } from "../value/ProviderName.js"
import type { Finding } from "./Finding.js"
import { finding, type Subject } from "./PlanRules.js"

/** The region where nothing names one. */
export const fallback = "us-east-1"

/** The region of a window's bus: the ARN's, else the window's, else the one of the surroundings. */
export const regionOf = ({ window }: Subject, surroundings: string | undefined): string =>
  Option.getOrElse(window.destination.region, () => window.region ?? surroundings ?? fallback)

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
const missing = (subject: Subject, provider: ProviderName): ReadonlyArray<Finding> => {
  const { destination, region } = subject.window
  return provider === "eventbridge" && region === undefined && Option.isNone(destination.region)
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

/** Everything that there is to say of the regions of a window. */
export const findings = (
  subject: Subject,
  provider: ProviderName,
  roleArn: RoleArn,
  surroundings: string | undefined
): ReadonlyArray<Finding> => {
  const region = regionOf(subject, surroundings)
  const wrong = [...missing(subject, provider), ...conflict(subject, region)].slice(0, 1)
  return [...wrong, ...(wrong.length === 0 ? unknown(subject, region) : []), ...role(subject, roleArn)]
}
