/** The HTTP client of the exporters: it loses nothing that can still arrive, and says once what cannot. */
import { HttpClient, HttpClientError } from "@effect/platform"
import { CertificateFailure } from "@genesys-replay/domain"
import * as RedirectPolicy from "@genesys-replay/pipeline/RedirectPolicy"
import { Cause, type Duration, Effect, Exit, Fiber, FiberSet, Layer, Option, Predicate, Ref } from "effect"

/** How it goes about its work. */
export interface Options {
  /** Whom a warning names. */
  readonly endpoint: string
  /** For one request, its answer included. */
  readonly timeout: Duration.DurationInput
  /** How long requests may still take once the exporters have ended. */
  readonly grace: Duration.DurationInput
  /** After so many failures in a row the exporters throw away what they have. */
  readonly attempts: number
}

const late = "it did not answer in time"

const causeOf = (error: unknown): string => {
  if (!Predicate.isRecord(error)) return "the connection failed"
  return typeof error["code"] === "string" ? error["code"] : causeOf(error["cause"])
}

/** What went wrong, in a few words: nothing of the request is in it, as its headers may be secret. */
const troubleOf = (exit: Exit.Exit<number, HttpClientError.HttpClientError>): Option.Option<string> =>
  Exit.match(exit, {
    onSuccess: (status) => (status < 300 ? Option.none() : Option.some(`it answered ${status}`)),
    onFailure: (cause) =>
      Option.some(
        Option.match(Cause.failureOption(cause), {
          onNone: () => late,
          onSome: (error) =>
            error.description === late || error.description === RedirectPolicy.elsewhere
              ? error.description
              : Option.getOrElse(CertificateFailure.reasonOf(error), () => causeOf(error.cause))
        })
      )
  })

const make = Effect.fnUntraced(function* ({ attempts, endpoint, grace, timeout }: Options) {
  // The headers that the environment names are for this endpoint, and often secret.
  const client = RedirectPolicy.none(yield* HttpClient.HttpClient)
  const troubles = yield* Ref.make<ReadonlyMap<string, { readonly times: number; readonly why: string }>>(new Map())
  const isWarned = yield* Ref.make(false)

  const warn = (why: string) =>
    Effect.unlessEffect(
      Effect.logWarning(
        `telemetry does not reach ${endpoint}: ${why}. The command is not affected; check OTEL_EXPORTER_OTLP_ENDPOINT`
      ),
      Ref.getAndSet(isWarned, true)
    )

  const note = (url: string, trouble: Option.Option<string>) =>
    Effect.gen(function* () {
      const before = yield* Ref.get(troubles)
      const after = new Map(before)
      after.delete(url)
      const times = (before.get(url)?.times ?? 0) + 1
      if (Option.isSome(trouble)) after.set(url, { times, why: trouble.value })
      yield* Ref.set(troubles, after)
      if (Option.isSome(trouble) && times >= attempts) yield* warn(trouble.value)
    })

  // The end comes from bottom to top: requests get their grace, and what has failed by then is lost.
  yield* Effect.addFinalizer(() =>
    Effect.flatMap(Ref.get(troubles), (left) =>
      Effect.forEach(left.values(), ({ why }) => warn(why), { discard: true })
    )
  )
  const underway = yield* FiberSet.make<unknown, unknown>()
  yield* Effect.addFinalizer(() => Effect.timeoutOption(Effect.interruptible(FiberSet.awaitEmpty(underway)), grace))

  return HttpClient.transform(client, (effect, request) =>
    effect.pipe(
      // Read to its end: a body that nobody reads keeps its connection, and the process, alive.
      Effect.tap((response) => response.text),
      Effect.timeoutFail({
        duration: timeout,
        onTimeout: () => new HttpClientError.RequestError({ request, reason: "Transport", description: late })
      }),
      Effect.onExit((exit) => note(request.url, troubleOf(Exit.map(exit, ({ status }) => status)))),
      // A fiber of its own: the exporter that waits for it may be interrupted, and what it sends would be lost.
      FiberSet.run(underway),
      Effect.flatMap(Fiber.join)
    )
  )
})

/** Puts the client in the place of the one below it. */
export const layer = (options: Options): Layer.Layer<HttpClient.HttpClient, never, HttpClient.HttpClient> =>
  Layer.scoped(HttpClient.HttpClient, make(options))
