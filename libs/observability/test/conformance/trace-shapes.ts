/** What a tree is made of. */
export interface ShapedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeNs: bigint;
}

/** Sends `count` requests to two routes by turns, at most `limit` in flight, each with a trace of its own. Path by trace id. */
export async function requestsAtOnce(url: string, count: number, limit: number): Promise<Map<string, string>> {
  const sent = new Map<string, string>();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const id = (next += 1);
      const traceId = `a${id.toString(16).padStart(31, '0')}`;
      const path = id % 2 === 0 ? '/ideas/total' : '/ideas/abc';
      sent.set(traceId, path);
      const response = await fetch(`${url}${path}`, {
        headers: { traceparent: `00-${traceId}-${'b'.repeat(16)}-01` },
      });
      await response.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  return sent;
}

/** How many traces of each route have which tree, children in the order in which they began. */
export function traceShapes(
  spans: readonly ShapedSpan[],
  sent: Map<string, string>,
): Record<string, Record<string, number>> {
  const byTrace = new Map<string, ShapedSpan[]>();
  for (const span of spans) byTrace.set(span.traceId, [...(byTrace.get(span.traceId) ?? []), span]);
  const shapes: Record<string, Record<string, number>> = {};
  for (const [traceId, path] of sent) {
    const shape = tree(byTrace.get(traceId) ?? [], 'b'.repeat(16));
    const ofRoute = (shapes[path] ??= {});
    ofRoute[shape] = (ofRoute[shape] ?? 0) + 1;
  }
  return shapes;
}

function tree(spans: readonly ShapedSpan[], parent: string): string {
  return spans
    .filter(({ parentSpanId }) => parentSpanId === parent)
    .sort((a, b) => Number(a.startTimeNs - b.startTimeNs))
    .map((span) => {
      const below = tree(spans, span.spanId);
      return below === '' ? span.name : `${span.name}(${below})`;
    })
    .join(' ');
}

const enhanced = (work: string): string =>
  'server(InstanceGuard.canActivate RolesGuard.canActivate InstanceGuard.canActivate GlobalInterceptor.intercept(' +
  `Envelope.intercept(${work} Envelope.wrap)))`;

/** Guard, then interceptor around pipe and controller, what they call below them, and what the interceptor does with the answer. */
export const expectedShapes = (each: number): Record<string, Record<string, number>> => ({
  '/ideas/abc': {
    [enhanced('GlobalPipe.transform IdeasController.find(IdeasService.find(ScoringService.score))')]: each,
  },
  '/ideas/total': {
    [enhanced(
      'IdeasController.total(IdeasService.total(' +
        'ScoringService.rows(ScoringService.score ScoringService.score ScoringService.score)))',
    )]: each,
  },
});
