import { SpanKind } from '@opentelemetry/api';
import type { Context, Span, SpanOptions, Tracer } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { Fold } from '../folding/fold.js';
import { Siblings } from '../folding/siblings.js';
import type { LocalRoot } from './local-root.js';
import { rootOf, setSiblingsBelow, siblingsBelow } from './span-mark.js';
import { StandInSpan, UnrecordedSpan } from './unrecorded-span.js';

/**
 * A span below another one, if the limits leave room for it: an ordinary one, one that folds into its equal siblings, or one
 * that records nothing and stands for its nearest recorded ancestor. Below a span of another process, or one that is not
 * recorded, the tracer decides alone.
 */
export function startSpanBelow(
  parent: Span,
  tracer: Tracer,
  name: string,
  options: SpanOptions,
  context: Context,
): Span {
  const standIn = parent instanceof StandInSpan;
  const root = standIn ? parent.root : rootOf(parent);
  if (root === undefined || isTracingSuppressed(context)) return tracer.startSpan(name, options, context);
  if (standIn) return parent.below();
  // What begins after the parent's end has no end to fold at: it counts against the limit alone.
  if (root.rules.siblings !== Infinity && parent.isRecording()) {
    const folded = foldedSpan(parent, root, tracer, name, options, context);
    if (folded) return folded;
  }
  if (!root.hasRoomFor(1)) return new UnrecordedSpan(root, parent.spanContext(), 'trace-limit').below();
  return startChild(tracer, name, options, context);
}

/**
 * The SDK copies and checks what it is given at the start twice, for a sampler to look at, and what is set later once. No sampler of
 * ours looks at the attributes of a child.
 */
function startChild(tracer: Tracer, name: string, options: SpanOptions, context: Context): Span {
  const { attributes, kind, links, startTime } = options;
  if (attributes === undefined) return tracer.startSpan(name, options, context);
  const lean: SpanOptions = {};
  if (kind !== undefined) lean.kind = kind;
  if (links !== undefined) lean.links = links;
  if (startTime !== undefined) lean.startTime = startTime;
  return tracer.startSpan(name, lean, context).setAttributes(attributes);
}

/** Undefined when this child gets a span of its own. */
function foldedSpan(
  parent: Span,
  root: LocalRoot,
  tracer: Tracer,
  name: string,
  options: SpanOptions,
  context: Context,
): Span | undefined {
  const kind = options.kind ?? SpanKind.INTERNAL;
  // Each of these begins a piece of work with a cause and a story of its own.
  if (kind === SpanKind.SERVER || kind === SpanKind.CONSUMER) return undefined;
  const siblings = siblingsOf(parent);
  const group = siblings.group(name, kind);
  if (group === undefined) return undefined;
  if (group.count < root.rules.siblings) {
    group.count++;
    return undefined;
  }
  if (group.fold === undefined) {
    const fold = root.hasRoomFor(2) ? Fold.open(name, options, { tracer, root, kind, parent: context }) : undefined;
    if (fold === undefined) return undefined;
    siblings.add(group, fold);
    return fold.begin(options);
  }
  return group.fold.begin(options);
}

function siblingsOf(parent: Span): Siblings {
  let siblings = siblingsBelow(parent);
  if (siblings === undefined) {
    siblings = new Siblings();
    setSiblingsBelow(parent, siblings);
  }
  return siblings;
}
