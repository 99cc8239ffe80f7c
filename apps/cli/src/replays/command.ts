/** `genesys-replay list`, `status` and `cancel`: what stands at the provider. */
import { Args, Command, Options } from "@effect/cli"
import { ProviderName } from "@genesys-replay/domain"
import { Effect, Option } from "effect"
import { maxWait, timeout } from "../terminal/DurationOption.js"
import { withExamples } from "../terminal/Help.js"
import { json } from "../terminal/JsonOption.js"
import { lazily } from "../terminal/Lazy.js"
import { operand } from "../terminal/Operand.js"
import { provider } from "../terminal/ProviderOption.js"

const providerOfIds = Options.choice("provider", ProviderName.shipped).pipe(
  Options.withDescription("Whose replays (default: eventbridge for ARNs, else genesys)"),
  Options.optional
)

/** The arguments with the provider that they name, or that the ids are of. */
const resolved = <Input extends { readonly ids: ReadonlyArray<string> }>(
  input: Input & { readonly provider: Option.Option<ProviderName.ProviderName> }
) => ({ ...input, provider: Option.getOrElse(input.provider, () => ProviderName.ofReplayIds(input.ids)) })

const ids = Args.text({ name: "ID" }).pipe(
  Args.withDescription("The id of a replay, as genesys-replay list shows it"),
  Args.mapEffect(operand),
  Args.atLeast(1)
)

/** `list`. */
export const list = Command.make(
  "list",
  {
    provider,
    name: Options.text("name").pipe(
      Options.withPseudoName("WINDOW"),
      Options.withDescription("Only those of exactly this name"),
      Options.optional
    ),
    maxWait,
    json
  },
  lazily(() => import("./list.js"))
).pipe(
  Command.withDescription(
    withExamples("See the replays that the provider has.", [
      "genesys-replay list --name outage-2024-01-15",
      "the one of this window"
    ])
  )
)

/** `status`. */
export const status = Command.make(
  "status",
  {
    ids,
    provider: providerOfIds,
    watch: Options.boolean("watch").pipe(
      Options.withDescription(
        "Follow until every replay has ended; exit code 3 where one did not complete, or brought nothing"
      )
    ),
    timeout,
    maxWait,
    json
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("./status.js")),
      ({ run }) => run(resolved(input))
    )
).pipe(
  Command.withDescription(
    withExamples("See how far replays are.", ["genesys-replay status ID --watch", "until it has ended"])
  )
)

/** `cancel`. */
export const cancel = Command.make("cancel", { ids, provider: providerOfIds, maxWait, json }, (input) =>
  Effect.flatMap(
    Effect.promise(() => import("./cancel.js")),
    ({ run }) => run(resolved(input))
  )
).pipe(
  Command.withDescription(
    withExamples(
      "Stop replays. What was delivered stays delivered; its window may be applied anew, with EventBridge under another name.",
      ["genesys-replay cancel ID", "stop one"]
    )
  )
)
