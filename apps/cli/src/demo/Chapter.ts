/** A chapter of the demo. */
import type { Effect } from "effect"
import type { Screen, StandardOutputFailed } from "../terminal/Screen.js"

/** What a chapter begins with: its title, and the command that does the same. */
export type Chapter = (title: string, command: string) => Effect.Effect<void, StandardOutputFailed, Screen>
