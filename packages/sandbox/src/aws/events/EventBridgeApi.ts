/**
 * The operations of Amazon EventBridge that the sandbox has, each declared once by what it takes and what it answers.
 * Source: AWS, Amazon EventBridge API Reference, 2015-10-07.
 */
import { Schema } from "effect"
import { contract, Timestamp } from "../AwsJson.js"
import * as Constraint from "../Constraint.js"

const optional = Schema.optional

const simple = "[\\.\\-_A-Za-z0-9]+"
const BusName = Constraint.pattern(1, 256, "[/\\.\\-_A-Za-z0-9]+")
const BusNameOrArn = optional(
  Constraint.pattern(
    1,
    1_600,
    "(arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus/)?[/\\.\\-_A-Za-z0-9]+"
  )
)
const RuleName = Constraint.pattern(1, 64, simple)
const ArchiveName = Constraint.pattern(1, 48, simple)
const ReplayName = Constraint.pattern(1, 64, simple)
const ResourceArn = Constraint.text(1, 1_600)
const Description = optional(Constraint.text(0, 512))
const Pattern = optional(Schema.String)
const RetentionDays = optional(Constraint.whole(0, Number.MAX_SAFE_INTEGER))

const paging = {
  Limit: optional(Constraint.whole(1, 100)),
  NextToken: optional(Constraint.text(1, 2_048))
}
const NextToken = { NextToken: optional(Schema.String) }

const bus = {
  Arn: Schema.String,
  Name: Schema.String,
  Description: optional(Schema.String),
  CreationTime: Timestamp,
  LastModifiedTime: Timestamp
}

export const CreateEventBus = contract(
  "CreateEventBus",
  { Name: BusName, EventSourceName: optional(Constraint.text(1, 256)), Description },
  { EventBusArn: Schema.String, Description: optional(Schema.String) }
)

export const DescribeEventBus = contract("DescribeEventBus", { Name: BusNameOrArn }, bus)

export const DeleteEventBus = contract("DeleteEventBus", { Name: BusName }, {})

export const ListEventBuses = contract(
  "ListEventBuses",
  { NamePrefix: optional(BusName), ...paging },
  { EventBuses: Schema.Array(Schema.Struct(bus)), ...NextToken }
)

export const DescribeEventSource = contract(
  "DescribeEventSource",
  { Name: Constraint.pattern(1, 256, "aws\\.partner(/[\\.\\-_A-Za-z0-9]+){2,}") },
  {
    Arn: Schema.String,
    CreatedBy: Schema.String,
    CreationTime: optional(Timestamp),
    ExpirationTime: optional(Timestamp),
    Name: Schema.String,
    State: Schema.String
  }
)

export const PutEvents = contract(
  "PutEvents",
  {
    Entries: Constraint.list(
      Schema.Struct({
        Time: optional(Timestamp),
        Source: optional(Schema.String),
        Resources: optional(Schema.Array(Schema.String)),
        DetailType: optional(Schema.String),
        Detail: optional(Schema.String),
        EventBusName: BusNameOrArn
      }),
      1,
      10
    )
  },
  {
    FailedEntryCount: Schema.Number,
    Entries: Schema.Array(
      Schema.Struct({
        EventId: optional(Schema.String),
        ErrorCode: optional(Schema.String),
        ErrorMessage: optional(Schema.String)
      })
    )
  }
)

const RuleState = Constraint.oneOf("ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
const ruleOf = { Name: RuleName, EventBusName: BusNameOrArn }

const rule = {
  Name: Schema.String,
  Arn: Schema.String,
  EventPattern: optional(Schema.String),
  State: Schema.String,
  Description: optional(Schema.String),
  ScheduleExpression: optional(Schema.String),
  RoleArn: optional(Schema.String),
  EventBusName: Schema.String
}

export const PutRule = contract(
  "PutRule",
  {
    ...ruleOf,
    ScheduleExpression: optional(Constraint.text(0, 256)),
    EventPattern: Pattern,
    State: optional(RuleState),
    Description,
    RoleArn: optional(ResourceArn)
  },
  { RuleArn: Schema.String }
)

export const DescribeRule = contract("DescribeRule", ruleOf, rule)

export const EnableRule = contract("EnableRule", ruleOf, {})

export const DisableRule = contract("DisableRule", ruleOf, {})

export const DeleteRule = contract("DeleteRule", ruleOf, {})

export const ListRules = contract(
  "ListRules",
  { NamePrefix: optional(RuleName), EventBusName: BusNameOrArn, ...paging },
  { Rules: Schema.Array(Schema.Struct(rule)), ...NextToken }
)

const Target = Schema.Struct({
  Id: Constraint.pattern(1, 64, simple),
  Arn: ResourceArn,
  RoleArn: optional(ResourceArn),
  DeadLetterConfig: optional(Schema.Struct({ Arn: optional(ResourceArn) })),
  RetryPolicy: optional(
    Schema.Struct({
      MaximumRetryAttempts: optional(Constraint.whole(0, 185)),
      MaximumEventAgeInSeconds: optional(Constraint.whole(60, 86_400))
    })
  ),
  Input: optional(Constraint.text(0, 8_192)),
  InputPath: optional(Constraint.text(0, 256)),
  InputTransformer: optional(
    Schema.Struct({
      InputPathsMap: optional(Schema.Record({ key: Schema.String, value: Schema.String })),
      InputTemplate: Constraint.text(1, 8_192)
    })
  )
})

const targetFailures = {
  FailedEntryCount: Schema.Number,
  FailedEntries: Schema.Array(
    Schema.Struct({ TargetId: Schema.String, ErrorCode: Schema.String, ErrorMessage: Schema.String })
  )
}

const rulesTargets = { Rule: RuleName, EventBusName: BusNameOrArn }

export const PutTargets = contract(
  "PutTargets",
  { ...rulesTargets, Targets: Constraint.list(Target, 1, 100) },
  targetFailures
)

export const RemoveTargets = contract(
  "RemoveTargets",
  { ...rulesTargets, Ids: Constraint.list(Schema.String, 1, 100) },
  targetFailures
)

export const ListTargetsByRule = contract(
  "ListTargetsByRule",
  { ...rulesTargets, ...paging },
  { Targets: Schema.Array(Schema.typeSchema(Target)), ...NextToken }
)

const archiveState = ["ENABLED", "DISABLED", "CREATING", "UPDATING", "CREATE_FAILED", "UPDATE_FAILED"] as const

const archive = {
  ArchiveName: Schema.String,
  EventSourceArn: Schema.String,
  State: Schema.String,
  RetentionDays: Schema.Number,
  SizeBytes: Schema.Number,
  EventCount: Schema.Number,
  CreationTime: Timestamp
}

const archiveMade = { ArchiveArn: Schema.String, State: Schema.String, CreationTime: Timestamp }

export const CreateArchive = contract(
  "CreateArchive",
  { ArchiveName, EventSourceArn: ResourceArn, Description, EventPattern: Pattern, RetentionDays },
  archiveMade
)

export const DescribeArchive = contract(
  "DescribeArchive",
  { ArchiveName },
  {
    ArchiveArn: Schema.String,
    ...archive,
    Description: optional(Schema.String),
    EventPattern: optional(Schema.String)
  }
)

export const UpdateArchive = contract(
  "UpdateArchive",
  { ArchiveName, Description, EventPattern: Pattern, RetentionDays },
  archiveMade
)

export const DeleteArchive = contract("DeleteArchive", { ArchiveName }, {})

export const ListArchives = contract(
  "ListArchives",
  {
    NamePrefix: optional(ArchiveName),
    EventSourceArn: optional(ResourceArn),
    State: optional(Constraint.oneOf(...archiveState)),
    ...paging
  },
  { Archives: Schema.Array(Schema.Struct(archive)), ...NextToken }
)

const replayState = ["STARTING", "RUNNING", "CANCELLING", "COMPLETED", "CANCELLED", "FAILED"] as const

const replay = {
  ReplayName: Schema.String,
  EventSourceArn: Schema.String,
  State: Schema.String,
  StateReason: optional(Schema.String),
  EventStartTime: Timestamp,
  EventEndTime: Timestamp,
  EventLastReplayedTime: optional(Timestamp),
  ReplayStartTime: Timestamp,
  ReplayEndTime: optional(Timestamp)
}

const Destination = Schema.Struct({
  Arn: ResourceArn,
  FilterArns: optional(Schema.Array(ResourceArn))
})

export const StartReplay = contract(
  "StartReplay",
  {
    ReplayName,
    Description,
    EventSourceArn: ResourceArn,
    EventStartTime: Timestamp,
    EventEndTime: Timestamp,
    Destination
  },
  { ReplayArn: Schema.String, State: Schema.String, ReplayStartTime: Timestamp }
)

export const DescribeReplay = contract(
  "DescribeReplay",
  { ReplayName },
  {
    ReplayArn: Schema.String,
    Description: optional(Schema.String),
    Destination: Schema.Struct({ Arn: Schema.String, FilterArns: Schema.Array(Schema.String) }),
    ...replay
  }
)

export const ListReplays = contract(
  "ListReplays",
  {
    NamePrefix: optional(ReplayName),
    State: optional(Constraint.oneOf(...replayState)),
    EventSourceArn: optional(ResourceArn),
    ...paging
  },
  { Replays: Schema.Array(Schema.Struct(replay)), ...NextToken }
)

export const CancelReplay = contract(
  "CancelReplay",
  { ReplayName },
  { ReplayArn: Schema.String, State: Schema.String, StateReason: optional(Schema.String) }
)
