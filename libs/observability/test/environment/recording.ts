import { expect } from '@jest/globals';
import { ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import type { Span, SpanOptions } from '@opentelemetry/api';
import type { DecodedSpan } from '@signalpress/testing';
import type { SpanStatistics } from '../../src/tracing/export/span-statistics.js';
import { exportedWith, overHttp, refuses, spanNamed } from './harness.js';
import type { Check, Variables } from './harness.js';

const remote = (traceFlags: TraceFlags) =>
  trace.setSpanContext(ROOT_CONTEXT, {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags,
    isRemote: true,
  });

/** Which of three arrive: one without a parent, one below a sampled parent, one below a parent that is not sampled. */
async function sampled(variables: Variables): Promise<string[]> {
  const { spans, statistics } = await exportedWith(overHttp(variables), {
    work: () => {
      const tracer = trace.getTracer('spec');
      tracer.startSpan('root', {}, ROOT_CONTEXT).end();
      tracer.startSpan('below sampled', {}, remote(TraceFlags.SAMPLED)).end();
      tracer.startSpan('below unsampled', {}, remote(TraceFlags.NONE)).end();
    },
  });
  expect(statistics).toMatchObject({ started: 3, sampled: spans.length, exported: spans.length });
  return spans.map(({ name }) => name);
}

async function shareOf(variables: Variables, roots = 400): Promise<number> {
  const { statistics } = await exportedWith(overHttp(variables), {
    work: () => {
      for (let index = 0; index < roots; index++) spanNamed('root');
    },
  });
  return (statistics?.exported ?? 0) / roots;
}

async function resource(variables: Variables): Promise<DecodedSpan['resource']['attributes']> {
  const { spans } = await exportedWith(overHttp(variables));
  return spans[0]?.resource.attributes ?? {};
}

interface Recorded {
  readonly span: DecodedSpan;
  readonly drops: SpanStatistics['drops'] | undefined;
}

async function recorded(
  variables: Variables,
  fill: (span: Span) => void,
  options: SpanOptions = {},
): Promise<Recorded> {
  const { spans, statistics } = await exportedWith(overHttp(variables), {
    work: () => {
      const span = trace.getTracer('spec').startSpan('work', options);
      fill(span);
      span.end();
    },
  });
  expect(spans).toHaveLength(1);
  return { span: spans[0]!, drops: statistics?.drops };
}

const attributes = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, index]));
const fillAttributes = (count: number) => (span: Span) => void span.setAttributes(attributes(count));
const fillText = (length: number) => (span: Span) => void span.setAttribute('text', 'x'.repeat(length));
const lengthOf = ({ span }: Recorded) => (span.attributes['text'] as string).length;
const countOf = (values: object | undefined) => Object.keys(values ?? {}).length;
const link = (attributeCount = 0) => ({
  context: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 },
  attributes: attributes(attributeCount),
});

/** Rows of "What is recorded". */
export const recording: Readonly<Record<string, Check>> = {
  OTEL_TRACES_SAMPLER: async () => {
    const by = (OTEL_TRACES_SAMPLER: string) => sampled({ OTEL_TRACES_SAMPLER });
    expect(await sampled({})).toEqual(['root', 'below sampled']);
    expect(await by('always_on')).toEqual(['root', 'below sampled', 'below unsampled']);
    expect(await by('always_off')).toEqual([]);
    expect(await by('traceidratio')).toEqual(['root', 'below sampled', 'below unsampled']);
    expect(await by('parentbased_always_on')).toEqual(['root', 'below sampled']);
    expect(await by('parentbased_always_off')).toEqual(['below sampled']);
    expect(await by(' parentbased_traceidratio ')).toEqual(['root', 'below sampled']);
    refuses('OTEL_TRACES_SAMPLER', ['sometimes', 'jaeger_remote', 'ALWAYS_ON']);
  },

  OTEL_TRACES_SAMPLER_ARG: async () => {
    const by = (OTEL_TRACES_SAMPLER: string, OTEL_TRACES_SAMPLER_ARG: string) =>
      shareOf({ OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG });
    expect(await by('traceidratio', '0')).toBe(0);
    expect(await by('parentbased_traceidratio', '1')).toBe(1);
    // 400 traces at one half: ten standard deviations on each side.
    const half = await by('parentbased_traceidratio', '0.5');
    expect(half).toBeGreaterThan(0.25);
    expect(half).toBeLessThan(0.75);
    expect(await by('always_on', '0')).toBe(1);
    refuses('OTEL_TRACES_SAMPLER_ARG', ['1.5', '-0.1', 'half', 'NaN'], { OTEL_TRACES_SAMPLER: 'traceidratio' });
  },

  OTEL_SERVICE_NAME: async () => {
    expect(await resource({})).toMatchObject({ 'service.name': 'name-in-code' });
    expect(
      await resource({ OTEL_SERVICE_NAME: 'other', OTEL_RESOURCE_ATTRIBUTES: 'service.name=third' }),
    ).toMatchObject({ 'service.name': 'other' });
  },

  OTEL_RESOURCE_ATTRIBUTES: async () => {
    expect(
      await resource({ OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=spec,team=print%20shop' }),
    ).toMatchObject({ 'deployment.environment.name': 'spec', team: 'print shop', 'service.name': 'name-in-code' });
  },

  OTEL_NODE_RESOURCE_DETECTORS: async () => {
    const names = async (variables: Variables) => Object.keys(await resource(variables));
    const unset = await names({});
    expect(unset).toEqual(expect.arrayContaining(['host.name', 'service.instance.id']));
    expect(unset.filter((name) => name.startsWith('process.'))).toEqual([]);
    expect(await names({ OTEL_NODE_RESOURCE_DETECTORS: 'os,process' })).toEqual(
      expect.arrayContaining(['os.type', 'process.pid']),
    );
    expect(await names({ OTEL_NODE_RESOURCE_DETECTORS: 'none' })).not.toContain('host.name');
    refuses('OTEL_NODE_RESOURCE_DETECTORS', ['hots', 'env,cloud']);
  },

  OTEL_ATTRIBUTE_COUNT_LIMIT: async () => {
    const limited = await recorded({ OTEL_ATTRIBUTE_COUNT_LIMIT: '3' }, fillAttributes(5));
    expect(limited.span.attributes).toEqual(attributes(3));
    expect(limited.drops?.get('attribute-limit')).toBe(2);
    expect(countOf((await recorded({}, fillAttributes(200))).span.attributes)).toBe(128);
    refuses('OTEL_ATTRIBUTE_COUNT_LIMIT', ['-1', 'few']);
  },

  OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: async () => {
    const limited = await recorded(
      { OTEL_ATTRIBUTE_COUNT_LIMIT: '3', OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '4' },
      fillAttributes(5),
    );
    expect(limited.span.attributes).toEqual(attributes(4));
    expect(limited.drops?.get('attribute-limit')).toBe(1);
    refuses('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', ['4.5']);
  },

  OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: async () => {
    expect(lengthOf(await recorded({}, fillText(10_000)))).toBe(4_096);
    expect(lengthOf(await recorded({ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '10' }, fillText(50)))).toBe(10);
    expect(lengthOf(await recorded({ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '9000' }, fillText(10_000)))).toBe(9_000);
    refuses('OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', ['0', 'short']);
  },

  OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: async () => {
    const limits = { OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '10', OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '20' };
    expect(lengthOf(await recorded(limits, fillText(50)))).toBe(20);
    refuses('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', ['-20']);
  },

  OTEL_SPAN_EVENT_COUNT_LIMIT: async () => {
    const fill = (count: number) => (span: Span) => {
      for (let index = 0; index < count; index++) span.addEvent(`event ${index}`);
    };
    const limited = await recorded({ OTEL_SPAN_EVENT_COUNT_LIMIT: '2' }, fill(5));
    expect(limited.span.events.map(({ name }) => name)).toEqual(['event 3', 'event 4']);
    expect(limited.drops?.get('event-limit')).toBe(3);
    expect((await recorded({}, fill(200))).span.events).toHaveLength(128);
    refuses('OTEL_SPAN_EVENT_COUNT_LIMIT', ['two']);
  },

  OTEL_SPAN_LINK_COUNT_LIMIT: async () => {
    const links = (count: number) => ({ links: Array.from({ length: count }, () => link()) });
    const limited = await recorded({ OTEL_SPAN_LINK_COUNT_LIMIT: '2' }, (span) => void span.addLink(link()), links(4));
    expect(limited.span.links).toHaveLength(2);
    expect(limited.drops?.get('link-limit')).toBeGreaterThanOrEqual(2);
    expect((await recorded({}, () => undefined, links(200))).span.links).toHaveLength(128);
    refuses('OTEL_SPAN_LINK_COUNT_LIMIT', ['-2']);
  },

  OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: async () => {
    const fill = (span: Span) => void span.addEvent('event', attributes(200));
    const limited = await recorded({ OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '2' }, fill);
    expect(countOf(limited.span.events[0]?.attributes)).toBe(2);
    expect(countOf((await recorded({}, fill)).span.events[0]?.attributes)).toBe(128);
    refuses('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT', ['x']);
  },

  OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: async () => {
    const links = { links: [link(200)] };
    const limited = await recorded({ OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: '2' }, () => undefined, links);
    expect(countOf(limited.span.links[0]?.attributes)).toBe(2);
    expect(countOf((await recorded({}, () => undefined, links)).span.links[0]?.attributes)).toBe(128);
    refuses('OTEL_LINK_ATTRIBUTE_COUNT_LIMIT', ['x']);
  },
};
