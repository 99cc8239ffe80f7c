/** What the exit code of a run says to the program that started it. */

/** Done. */
export const done = 0
/** A bug of this program. */
export const bug = 1
/** Bad input: usage, spec, environment, a plan with errors. Nothing was sent. */
export const badInput = 2
/** A replay is incomplete, or failed. */
export const incomplete = 3
/** The provider refused: 400, 401, 403, 409. */
export const refused = 4
/** The provider or the state's server could not be had: network, 5xx, rate limit after retries. */
export const unavailable = 5
/** Interrupted (Ctrl-C). */
export const interrupted = 130

const byTag: Record<string, number> = {
  RequestRejected: refused,
  NotAuthenticated: refused,
  NotPermitted: refused,
  ReplayConflict: refused,
  RateLimited: unavailable,
  ProviderUnavailable: unavailable,
  AnswerUnreadable: unavailable,
  CertificateRejected: unavailable,
  RecordsApiAbsent: refused,
  TooManyConversations: refused,
  RecordsQueryFailed: unavailable,
  RecordsQueryTimedOut: unavailable,
  RecordsNotAvailable: unavailable,
  WaitTimedOut: incomplete,
  Defect: bug
}

/** The code for an error's tag. Every error that is none of the provider's is about input or surroundings. */
export const ofTag = (tag: string): number => byTag[tag] ?? badInput

/** The code for an error. One that says of itself that it may pass is about what could not be had, whatever its tag. */
export const of = (error: { readonly tag: string; readonly isTransient: boolean }): number =>
  error.isTransient ? unavailable : ofTag(error.tag)

/** The code for several errors of one run: a bug before all, then a refusal, then what is unavailable, then what is incomplete. */
export const ofTags = (tags: ReadonlyArray<string>): number => {
  const codes = new Set(tags.map(ofTag))
  return [bug, refused, unavailable, incomplete, badInput].find((code) => codes.has(code)) ?? done
}
