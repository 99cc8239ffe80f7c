/** `--provider` of commands that no spec file tells whose replays they are about. */
import { Options } from "@effect/cli"
import { ProviderName } from "@genesys-replay/domain"

/** Whose replays; Genesys Cloud's where nothing is said. */
export const provider = Options.choice("provider", ProviderName.shipped).pipe(
  Options.withDescription("Whose replays"),
  Options.withDefault(ProviderName.genesys)
)
