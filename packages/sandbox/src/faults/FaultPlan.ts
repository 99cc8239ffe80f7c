/** The faults that are in force, and what they do to the next request. */
import { Context, Duration, Effect, HashMap, Layer, Option, Ref } from "effect"
import { SeededRandom } from "../world/SeededRandom.js"
import { applies, type Faults, none, type RequestFault } from "./Faults.js"
import { Settings } from "./Settings.js"

interface Rule {
  readonly fault: RequestFault
  /** Matching requests seen. */
  readonly seen: number
  /** Requests that it was applied to. */
  readonly fired: number
}

interface State {
  readonly faults: Faults
  /** For requests to come, asked before the standing ones. */
  readonly scripted: ReadonlyArray<Rule>
  readonly standing: ReadonlyArray<Rule>
  readonly fired: HashMap.HashMap<RequestFault["kind"], number>
}

/** What happens to one request. */
export interface Verdict {
  /** How much longer the answer takes. */
  readonly delay: Duration.Duration
  /** What else goes wrong. */
  readonly fault: Option.Option<RequestFault>
}

/** The operations. */
export interface Service {
  /** The faults as they were last set; scripted ones are not among them. */
  readonly current: Effect.Effect<Faults>
  /** Replaces the standing faults; scripted ones stay. Counts of `times` and `skip` begin anew. */
  readonly set: (faults: Faults) => Effect.Effect<void>
  /** Replaces the standing faults by a function of them. Where `requests` stays the same, so do the counts. */
  readonly update: (change: (faults: Faults) => Faults) => Effect.Effect<void>
  /** From now on everything goes well; scripted faults are forgotten too. */
  readonly clear: Effect.Effect<void>
  /**
   * Scripts faults for requests to come, behind those that wait already: `next({ kind: "cutAfter", method: "POST",
   * path: "/api/v2/eventstreams" })`. Each is applied once unless it says `times`, and goes before the standing ones.
   */
  readonly next: (...faults: ReadonlyArray<RequestFault>) => Effect.Effect<void>
  /** To how many requests each kind was applied. */
  readonly fired: Effect.Effect<HashMap.HashMap<RequestFault["kind"], number>>
  /** What happens to a request. The first rule that applies decides; `slow` comes on top of it. */
  readonly decide: (method: string, path: string) => Effect.Effect<Verdict>
}

const fresh = (fault: RequestFault): Rule => ({ fault, seen: 0, fired: 0 })

const rulesOf = (faults: Faults): ReadonlyArray<Rule> => (faults.requests ?? []).map(fresh)

const counted = (fired: State["fired"], kind: RequestFault["kind"]): State["fired"] =>
  HashMap.modifyAt(fired, kind, (count) => Option.some(Option.getOrElse(count, () => 0) + 1))

const exhausted = (rule: Rule): boolean => rule.fired >= (rule.fault.times ?? Number.POSITIVE_INFINITY)

const judge = (state: State, method: string, path: string, random: SeededRandom): readonly [Verdict, State] => {
  let delay = Duration.zero
  let fault = Option.none<RequestFault>()
  let fired = state.fired
  const judged = (rule: Rule): Rule => {
    // Drawn for every rule, so that one rule's luck does not hang on another's.
    const roll = random.next()
    if (exhausted(rule) || !applies(rule.fault, method, path)) return rule
    if (rule.fault.kind !== "slow" && Option.isSome(fault)) return rule
    const seen = { ...rule, seen: rule.seen + 1 }
    if (rule.seen < (rule.fault.skip ?? 0) || roll >= (rule.fault.rate ?? 1)) return seen
    if (rule.fault.kind === "slow") delay = Duration.sum(delay, rule.fault.delay)
    else fault = Option.some(rule.fault)
    fired = counted(fired, rule.fault.kind)
    return { ...seen, fired: rule.fired + 1 }
  }
  const scripted = state.scripted.map(judged).filter((rule) => !exhausted(rule))
  const standing = state.standing.map(judged)
  return [
    { delay, fault },
    { ...state, scripted, standing, fired }
  ]
}

/** The faults that are in force. */
export class FaultPlan extends Context.Tag("@genesys-replay/sandbox/FaultPlan")<FaultPlan, Service>() {
  /** Begins with the faults of the settings. */
  static readonly layer = Layer.effect(
    FaultPlan,
    Effect.gen(function* () {
      const { faults: initial, seed } = yield* Settings
      const random = SeededRandom.of(seed, "request faults")
      const state = yield* Ref.make<State>({
        faults: initial,
        scripted: [],
        standing: rulesOf(initial),
        fired: HashMap.empty()
      })
      const set =
        (faults: Faults) =>
        (now: State): State => ({ ...now, faults, standing: rulesOf(faults) })
      return FaultPlan.of({
        current: Effect.map(Ref.get(state), (now) => now.faults),
        set: (faults) => Ref.update(state, set(faults)),
        update: (change) =>
          Ref.update(state, (now): State => {
            const faults = change(now.faults)
            return faults.requests === now.faults.requests ? { ...now, faults } : set(faults)(now)
          }),
        clear: Ref.update(state, (now): State => ({ ...set(none)(now), scripted: [] })),
        next: (...faults) =>
          Ref.update(state, (now): State => {
            const added = faults.map((fault) => fresh({ ...fault, times: fault.times ?? 1 }))
            return { ...now, scripted: [...now.scripted, ...added] }
          }),
        fired: Effect.map(Ref.get(state), (now) => now.fired),
        decide: (method, path) => Ref.modify(state, (now) => judge(now, method, path, random))
      })
    })
  )
}
