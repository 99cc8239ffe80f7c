/**
 * Which topics a pattern stands for. Loads nothing, so that threads which read events may use it.
 *
 * `*` as the last segment stands for one or more segments, `*` or `{id}` elsewhere for exactly one;
 * the pattern `*` alone stands for every topic.
 */

/** Whether a segment of a pattern stands for any. */
export const isWildcard = (segment: string): boolean => segment === "*" || segment.startsWith("{")

/** Whether `topic`, which may be any text that stands where events name theirs, is one of those that `pattern` stands for. */
export const matches = (pattern: string, topic: string): boolean => {
  if (pattern === "*" || pattern === topic) return true
  const wanted = pattern.split(".")
  const given = topic.split(".")
  const open = wanted.at(-1) === "*"
  if (open ? given.length < wanted.length : given.length !== wanted.length) return false
  return wanted.every((segment, index) => isWildcard(segment) || segment === given[index])
}
