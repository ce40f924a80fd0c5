import { trace } from '@opentelemetry/api';
import type { Context } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { attributeNames } from '../../semconv.js';
import { LocalRoot } from './local-root.js';
import type { DroppedSpans } from './local-root.js';
import { spanRules } from './span-limits.js';
import type { SpanLimits, SpanRules } from './span-limits.js';
import { markSpan, rootOf, siblingsBelow } from './span-mark.js';
import { StandInSpan } from './unrecorded-span.js';

/**
 * Makes the limits hold for every span of the provider that gets this processor: `openSpan` looks at what it remembers of a
 * parent. It must come first, before those that export: at shutdown it ends spans that they have to send.
 *
 * @throws RangeError when a limit is no whole number of at least 1.
 */
export function limitSpans(limits: SpanLimits = {}, drops?: DroppedSpans): SpanProcessor {
  return new SpanLimitsProcessor(spanRules(limits, drops));
}

class SpanLimitsProcessor implements SpanProcessor {
  constructor(private readonly rules: SpanRules) {}

  onStart(span: Span, parentContext: Context): void {
    const parent = trace.getSpan(parentContext);
    const root = (parent && localRootOf(parent)) ?? new LocalRoot(span.spanContext().spanId, this.rules);
    root.take();
    markSpan(span, root);
  }

  /** The last moment at which the local root can be told what it lacks. */
  onEnding(span: Span): void {
    const root = rootOf(span);
    if (root && root.dropped > 0 && root.spanId === span.spanContext().spanId) {
      span.setAttribute(attributeNames.spansDropped, root.dropped);
    }
  }

  onEnd(span: ReadableSpan): void {
    siblingsBelow(span)?.close();
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    this.rules.waiting.finishAll();
    return Promise.resolve();
  }
}

function localRootOf(parent: object): LocalRoot | undefined {
  return parent instanceof StandInSpan ? parent.root : rootOf(parent);
}
