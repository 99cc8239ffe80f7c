/** Which spans are worth sending: the steps, not each thing that a step asks the database. */
import { Function, Option, Tracer } from "effect"

// A runner that waits for work asks its database several times a second, day and night.
const isOfDatabase = (name: string): boolean => /^(?:sql\.|Sql[A-Z])/.test(name)

/** A span that is never sent; what stands below it stands below its parent. */
const seeThrough = (parent: Tracer.AnySpan, span: Omit<Tracer.Span, "spanId" | "traceId" | "parent">): Tracer.Span => ({
  ...span,
  parent: Option.some(parent),
  spanId: parent.spanId,
  traceId: parent.traceId
})

/** The tracer, without the spans of the database; one without a parent stays, as others may stand below it. */
export const make = (tracer: Tracer.Tracer): Tracer.Tracer =>
  Tracer.make({
    context: (run, fiber) => tracer.context(run, fiber),
    span: (name, parent, context, links, startTime, kind, options) =>
      Option.isSome(parent) && isOfDatabase(name)
        ? seeThrough(parent.value, {
            _tag: "Span",
            name,
            context,
            links,
            kind,
            sampled: parent.value.sampled,
            status: { _tag: "Started", startTime },
            attributes: new Map(),
            end: Function.constVoid,
            attribute: Function.constVoid,
            event: Function.constVoid,
            addLinks: Function.constVoid
          })
        : tracer.span(name, parent, context, links, startTime, kind, options)
  })
