/** `/api/v2/notifications/availabletopics`: the topic catalogue. */
import { HttpApiBuilder, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect } from "effect"
import * as Catalogue from "../world/Catalogue.js"
import { SandboxApi } from "./SandboxApi.js"

/**
 * The details asked for: `expand=transports,description`, and as the platform's own SDKs write lists, `expand[]=…`
 * once for each.
 */
const expansions = (url: string): ReadonlySet<string> => {
  const query = new URL(url, "http://sandbox").searchParams
  return new Set([...query.getAll("expand"), ...query.getAll("expand[]")].flatMap((value) => value.split(",")))
}

/** The handlers. */
export const NotificationHandlers = HttpApiBuilder.group(SandboxApi, "notifications", (handlers) =>
  handlers.handleRaw("availableTopics", () =>
    Effect.map(HttpServerRequest.HttpServerRequest, (request) =>
      HttpServerResponse.unsafeJson({ entities: Catalogue.listed(expansions(request.originalUrl)) })
    )
  )
)
