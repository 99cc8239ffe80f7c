/** Where credentials and events may be sent: over https, or in the clear to this machine itself. */

/** The two parts of a URL that decide it, as the `URL` of the platform has them. */
export interface Location {
  /** With its colon: `https:`. */
  readonly protocol: string
  readonly hostname: string
}

/** Whether the host is this machine: `localhost`, 127.0.0.0/8 or `[::1]`. */
export const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname)

/** Whether the rule allows the URL. */
export const isSecure = ({ hostname, protocol }: Location): boolean =>
  protocol === "https:" || (protocol === "http:" && isLoopback(hostname))
