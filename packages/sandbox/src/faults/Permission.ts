/** The permissions that calls of the platform need. Source: the public API's documentation of each call. */

/** A permission, and the calls that need it: all below a path. */
const needed = [
  { path: "/api/v2/eventstreams", name: "eventstream" },
  { path: "/api/v2/analytics/conversations/details", name: "analytics:conversationDetail:view" },
  { path: "/api/v2/audits/query", name: "audits:audit:view" },
  { path: "/api/v2/integrations", name: "integrations:integration:view" }
] as const

/** What a client may lack. */
export type Permission = (typeof needed)[number]["name"]

/** All of them. */
export const names = [
  "eventstream",
  "analytics:conversationDetail:view",
  "audits:audit:view",
  "integrations:integration:view"
] as const satisfies ReadonlyArray<Permission>

/** The permission that a call of this path needs; none where it needs none. */
export const of = (path: string): Permission | undefined =>
  needed.find((one) => path === one.path || path.startsWith(`${one.path}/`))?.name
