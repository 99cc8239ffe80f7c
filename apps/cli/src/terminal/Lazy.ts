/** Commands whose work is loaded when it is asked for: `--help` and the other commands do not wait for it. */
import { Effect } from "effect"

/** A module that does the work of a command. */
interface Work<Input, A, E, R> {
  readonly run: (input: Input) => Effect.Effect<A, E, R>
}

/** The handler of a command whose module is loaded first: `lazily(() => import("./run.js"))`. */
export const lazily =
  <Input, A, E, R>(load: () => Promise<Work<Input, A, E, R>>) =>
  (input: Input): Effect.Effect<A, E, R> =>
    Effect.flatMap(Effect.promise(load), ({ run }) => run(input))
