/** Partitions and regions of AWS, as ARNs name them. */
import { Option, Schema } from "effect"
import * as NearestKey from "./NearestKey.js"

interface Partition {
  readonly id: string
  /** What its regions begin with. */
  readonly areas: ReadonlyArray<string>
  /** The rest of the regions that are known. */
  readonly known: ReadonlyArray<string>
}

/**
 * The partitions, and the regions that were known when this was written. Source: the table of partitions that the AWS SDK for
 * JavaScript resolves endpoints by (`@aws-sdk/core`, `partitions.js`).
 */
const partitions: ReadonlyArray<Partition> = [
  {
    id: "aws",
    areas: ["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"],
    known: [
      ...["us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "ca-west-1", "mx-central-1"],
      ...["sa-east-1", "sa-west-1", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2"],
      ...["eu-west-1", "eu-west-2", "eu-west-3", "af-south-1", "il-central-1", "me-central-1", "me-south-1"],
      ...["me-west-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1"],
      ...["ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5"],
      ...["ap-southeast-6", "ap-southeast-7"]
    ]
  },
  { id: "aws-cn", areas: ["cn"], known: ["cn-north-1", "cn-northwest-1"] },
  { id: "aws-us-gov", areas: ["us-gov"], known: ["us-gov-east-1", "us-gov-west-1"] },
  { id: "aws-eusc", areas: ["eusc-de"], known: ["eusc-de-east-1"] },
  { id: "aws-iso", areas: ["us-iso"], known: ["us-iso-east-1", "us-iso-west-1"] },
  { id: "aws-iso-b", areas: ["us-isob"], known: ["us-isob-east-1", "us-isob-west-1"] },
  { id: "aws-iso-e", areas: ["eu-isoe"], known: ["eu-isoe-west-1"] },
  { id: "aws-iso-f", areas: ["us-isof"], known: ["us-isof-east-1", "us-isof-south-1"] }
]

const everyRegion = partitions.flatMap(({ known }) => known)

const shape =
  /^([a-z]+(?:-[a-z]+)?)-(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-[1-9]\d?$/

/** The partition whose regions look like this one; none for a text that no region can be. */
const partitionOf = (region: string): Option.Option<Partition> => {
  const area = shape.exec(region)?.[1]
  return Option.fromNullable(partitions.find(({ areas }) => area !== undefined && areas.includes(area)))
}

/** The partition that a region is in, known or not: `aws`; none for a text that no region can be. */
export const partition = (region: string): Option.Option<string> => Option.map(partitionOf(region), ({ id }) => id)

const suggestion = (text: string, known: ReadonlyArray<string>): string =>
  Option.match(NearestKey.find(text, known), { onNone: () => "", onSome: (name) => `. Did you mean ${name}?` })

/** Whether the region is one of those that were known when this was written; AWS opens new ones. */
export const isKnown = (region: string): boolean => everyRegion.includes(region)

/** The known region that is nearest to a mistyped one. */
export const nearest = (region: string): Option.Option<string> => NearestKey.find(region, everyRegion)

/** What is wrong with a region, in words; none where it looks like one. */
const fault = (region: string): Option.Option<string> =>
  Option.isSome(partitionOf(region))
    ? Option.none()
    : Option.some(`there is no region ${region}${suggestion(region, everyRegion)}`)

/** What is wrong with a partition, in words; none where AWS has it. */
export const partitionFault = (partition: string): Option.Option<string> => {
  const ids = partitions.map(({ id }) => id)
  return ids.includes(partition)
    ? Option.none()
    : Option.some(`there is no partition ${partition}. AWS has ${ids.join(", ")}`)
}

/** What is wrong with a region in an ARN of this partition, in words; none where the two belong together. */
export const pairFault = (partition: string, region: string): Option.Option<string> =>
  partitionFault(partition).pipe(
    Option.orElse(() => fault(region)),
    Option.orElse(() =>
      partitionOf(region).pipe(
        Option.filter(({ id }) => id !== partition),
        Option.map(({ id }) => `region ${region} is in the partition ${id}, not in ${partition}`)
      )
    )
  )

/** A region: `us-east-1`. */
export const AwsRegion = Schema.String.pipe(
  Schema.filter(
    (region) =>
      Option.isSome(partitionOf(region)) ||
      `not a region: ${JSON.stringify(region)}${suggestion(region, everyRegion) || ". Write one such as us-east-1"}`,
    { identifier: "AwsRegion", description: "a region of AWS: us-east-1", jsonSchema: { pattern: shape.source } }
  )
)
