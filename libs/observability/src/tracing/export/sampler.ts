import { TraceFlags, trace } from '@opentelemetry/api';
import type { Attributes, Context, Link, SpanKind } from '@opentelemetry/api';
import type * as SdkTraceModule from '@opentelemetry/sdk-trace';
import type { Sampler, SamplingResult } from '@opentelemetry/sdk-trace';
import type { SamplerChoice } from './export-environment.js';
import type { SpanStatistics } from './span-statistics.js';

/** The sampler of `OTEL_TRACES_SAMPLER`, made with the SDK's own classes. */
export function createSampler(sdk: typeof SdkTraceModule, { name, ratio }: SamplerChoice): Sampler {
  const { AlwaysOffSampler, AlwaysOnSampler, TraceIdRatioBasedSampler } = sdk;
  switch (name) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio);
    case 'parentbased_always_on':
      return parentBased(sdk, new AlwaysOnSampler());
    case 'parentbased_always_off':
      return parentBased(sdk, new AlwaysOffSampler());
    case 'parentbased_traceidratio':
      return parentBased(sdk, new TraceIdRatioBasedSampler(ratio));
  }
}

function parentBased({ ParentBasedSampler, SamplingDecision }: typeof SdkTraceModule, root: Sampler): Sampler {
  return new RecordingParents(new ParentBasedSampler({ root }), { decision: SamplingDecision.RECORD_AND_SAMPLED });
}

/**
 * Answers for the children of spans that are being recorded, which is what nearly all spans are: the SDK's sampler first looks at
 * every digit of the parent's ids, and comes to the same.
 */
class RecordingParents implements Sampler {
  constructor(
    private readonly sampler: Sampler,
    private readonly sampled: SamplingResult,
  ) {}

  shouldSample(...asked: Parameters<Sampler['shouldSample']>): SamplingResult {
    const parent = trace.getSpan(asked[0]);
    return parent?.isRecording() === true && (parent.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0
      ? this.sampled
      : this.sampler.shouldSample(...asked);
  }

  toString(): string {
    return this.sampler.toString();
  }
}

/** Counts what another sampler decides. The sampler is the only place that sees spans which are not recorded. */
export class CountingSampler implements Sampler {
  constructor(
    private readonly sampler: Sampler,
    /** The decision that means recorded and sent: a value of the SDK, which is loaded only where it is needed. */
    private readonly sampled: SamplingResult['decision'],
    private readonly statistics: SpanStatistics,
  ) {}

  shouldSample(
    context: Context,
    traceId: string,
    spanName: string,
    spanKind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SamplingResult {
    const result = this.sampler.shouldSample(context, traceId, spanName, spanKind, attributes, links);
    this.statistics.started += 1;
    if (result.decision === this.sampled) this.statistics.sampled += 1;
    return result;
  }

  toString(): string {
    return this.sampler.toString();
  }
}
