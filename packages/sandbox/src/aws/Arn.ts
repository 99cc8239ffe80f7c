/** The names that AWS resources of the sandbox go by. */
import { Option } from "effect"

/** The region that the sandbox plays. */
export const region = "us-east-1"

/** The account that the sandbox plays. */
export const account = "123456789012"

const events = `arn:aws:events:${region}:${account}:`
const sqs = `arn:aws:sqs:${region}:${account}:`

/** The bus that every account has, and that is meant where no bus is named. */
export const defaultBus = "default"

/** ARN of an event bus. */
export const eventBus = (name: string): string => `${events}event-bus/${name}`

/** ARN of a rule; rules of the default bus do not name it. */
export const rule = (bus: string, name: string): string =>
  bus === defaultBus ? `${events}rule/${name}` : `${events}rule/${bus}/${name}`

/** ARN of a partner event source; it belongs to no account. */
export const eventSource = (name: string): string => `arn:aws:events:${region}::event-source/${name}`

/** ARN of an archive. */
export const archive = (name: string): string => `${events}archive/${name}`

/** ARN of a replay. */
export const replay = (name: string): string => `${events}replay/${name}`

/** ARN of a queue. */
export const queue = (name: string): string => `${sqs}${name}`

const after = (prefix: string, arn: string): Option.Option<string> =>
  arn.startsWith(prefix) && arn.length > prefix.length ? Option.some(arn.slice(prefix.length)) : Option.none()

/** The name in an event bus's ARN; none where it is no ARN of a bus in this region and account. */
export const eventBusName = (arn: string): Option.Option<string> => after(eventBus(""), arn)

/** The name in an archive's ARN. */
export const archiveName = (arn: string): Option.Option<string> => after(archive(""), arn)

/** The name in a queue's ARN. */
export const queueName = (arn: string): Option.Option<string> => after(sqs, arn)

/** The bus that is meant by a name, an ARN, or nothing at all. */
export const busNamed = (nameOrArn: string | undefined): string =>
  nameOrArn === undefined ? defaultBus : Option.getOrElse(eventBusName(nameOrArn), () => nameOrArn)
