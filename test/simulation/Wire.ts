/** The network between a process and the platform: it delays, cuts and garbles, as the scenario says. */
import { HttpClient, HttpClientError, type HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { Effect, Option } from "effect"
import type { Life } from "./Life.js"
import { type Answer, type Asked, failure, type Platform } from "./Platform.js"
import type { Fate } from "./Scenario.js"
import type { World } from "./World.js"

/** Another host than the platform. Answers how to stop waiting for it. */
export type Host = (life: Life, asked: Asked, answer: (answer: Answer | "cut") => void) => () => void

/** What the network leads to. */
export interface Options {
  readonly platform: Platform
  /** Those who are asked for a webhook. */
  readonly hosts: ReadonlyMap<string, Host>
  /** Told of every request to the platform in the moment in which it is sent; answers which run submits a window by it. */
  readonly onSend: (life: Life, asked: Asked) => string | undefined
}

const bodyOf = (request: HttpClientRequest.HttpClientRequest): string =>
  request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""

const torn = (text: string) =>
  new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode(text.slice(0, Math.ceil(text.length / 2))))
      controller.error(Object.assign(new Error("aborted"), { code: "ECONNRESET" }))
    }
  })

const page: Answer = { status: 200, headers: { "content-type": "text/html" }, body: "<html>Please log in</html>" }

// How an exchange goes: when the platform processes it, what the client gets to see, and when. Times from now on.
interface Course {
  readonly arrives: number | undefined
  readonly answers: number
  readonly shows: (answer: Answer | undefined) => Answer | "cut" | "torn"
}

const courseOf = ({ dice, scenario }: World, fate: Fate | undefined, asked: Asked): Course => {
  const arrives = dice.between(1, 400)
  const answers = arrives + dice.between(1, 400)
  const late = scenario.requestTimeout + dice.between(1, 60_000)
  const whole: Course["shows"] = (answer) => answer ?? "cut"
  const instead =
    (other: Answer): Course["shows"] =>
    () =>
      other
  switch (fate) {
    case "cut before it arrived":
      return { arrives: undefined, answers, shows: () => "cut" }
    case "cut before the answer":
      return { arrives, answers, shows: () => "cut" }
    case "torn answer":
      return { arrives, answers, shows: () => "torn" }
    case "late request":
      return { arrives: late, answers: late + arrives, shows: whole }
    case "late answer":
      return { arrives, answers: late, shows: whole }
    case "503 before":
      return { arrives: undefined, answers, shows: instead(failure(503, "unavailable")) }
    case "500 before":
      return { arrives: undefined, answers, shows: instead(failure(500, "broken")) }
    case "502 after":
      return { arrives, answers, shows: instead(failure(502, "bad gateway")) }
    case "429 with Retry-After":
      return {
        arrives: undefined,
        answers,
        shows: instead(failure(429, "slow down", { "retry-after": String(dice.between(0, 20)) }))
      }
    case "429 without":
      return { arrives: undefined, answers, shows: instead(failure(429, "slow down")) }
    case "garbage before":
      return { arrives: undefined, answers, shows: instead(page) }
    case "garbage after":
      return { arrives, answers, shows: (answer) => (answer === undefined ? page : { ...answer, body: page.body }) }
    case "token echoed":
      return {
        arrives: undefined,
        answers,
        shows: instead(failure(503, `no service for ${asked.headers["authorization"]}`))
      }
    default:
      return { arrives, answers, shows: whole }
  }
}

// The window whose outcome a request is about: a POST leaves it in doubt until its answer is read, or the name looked up.
const nameOf = ({ body, method, url }: Asked): string | undefined =>
  url.pathname !== "/api/v2/eventstreams"
    ? undefined
    : method === "POST"
      ? /"name":"([^"]*)"/.exec(body)?.[1]
      : (url.searchParams.get("name") ?? undefined)

// A refusal says by its status that nothing was made, whatever its body is.
const isReadable = (shown: Answer | "cut" | "torn"): boolean =>
  typeof shown !== "string" && shown.status < 500 && (shown.status >= 400 || shown.body !== page.body)

const brief = ({ body, method, url }: Asked): string =>
  `${method} ${url.pathname}${url.searchParams.get("name") ?? ""}${/"name":"([^"]*)"/.exec(body)?.[1] ?? ""}`

/** The HTTP client of a process. What it has sent arrives, whether it lives on or not. */
export const client = (world: World, { hosts, onSend, platform }: Options, life: Life): HttpClient.HttpClient => {
  const { machine, trace } = world
  // Windows whose submission is in doubt, and the run that it is of.
  const doubts = new Map<string, string | undefined>()
  return HttpClient.make((request, url) => {
    const asked: Asked = { method: request.method, url, headers: request.headers, body: bodyOf(request) }
    const what = brief(asked)
    const cause = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" })
    const cut = new HttpClientError.RequestError({ request, reason: "Transport", cause })
    const respond = (shown: Answer | "cut" | "torn", answer: Answer | undefined) => {
      if (shown === "cut") return Effect.fail(cut)
      machine.promised()
      const { body, headers, status } = shown === "torn" ? (answer ?? page) : shown
      return Effect.succeed(
        HttpClientResponse.fromWeb(
          request,
          new Response(shown === "torn" ? torn(body || "{}") : status === 204 ? null : body, {
            status: status === 204 && shown === "torn" ? 200 : status,
            headers: { ...headers }
          })
        )
      )
    }
    const exchange = Effect.async<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>((resume) => {
      const host = hosts.get(url.host)
      if (host !== undefined) return Effect.sync(host(life, asked, (answer) => resume(respond(answer, undefined))))
      const run = onSend(life, asked)
      const name = nameOf(asked)
      if (name !== undefined && asked.method === "POST") {
        if (doubts.has(name) && doubts.get(name) === run && !world.scenario.freezes) {
          world.wrongs.push(`${life.name} submits ${name} again, and has not seen that it does not stand`)
        }
        doubts.set(name, run)
      }
      const fate = world.fate()
      const course = courseOf(world, fate, asked)
      trace.note(`${life.name} sends ${what}${fate === undefined ? "" : ` (${fate})`}`)
      if (fate !== undefined) trace.count(`fault ${fate}`)
      if (fate === "token revoked") platform.revoke()
      let answer = Option.none<Answer>()
      if (course.arrives !== undefined) {
        machine.at(machine.now() + course.arrives, () => {
          answer = Option.some(platform.handle(asked))
          trace.note(`platform answers ${what}: ${Option.getOrThrow(answer).status}`)
        })
      }
      const end = () => {
        if (!life.passes("answer", `the answer to ${asked.method}`)) return
        const given = Option.getOrUndefined(answer)
        const shown = course.shows(given)
        const isKnown = asked.method === "POST" || (given?.status === 200 && !given.body.includes(`"${name}"`))
        if (name !== undefined && isReadable(shown) && isKnown) doubts.delete(name)
        resume(respond(shown, given))
      }
      return Effect.sync(machine.at(machine.now() + course.answers, end, life.process))
    })
    return Effect.zipRight(life.pass("request", `the request ${asked.method}`), exchange)
  })
}
