import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Ajv } from 'ajv';
import { readBody } from '../read-body.js';
import { serve } from '../serve.js';
import { waitFor } from '../wait-for.js';
import { eventSchema, MOST_BYTES } from './events-schema.js';

/**
 * What becomes of a request: `accept` takes what the schema allows (202) and refuses the rest (400); `lose` takes it and breaks
 * off instead of answering; `hang` never answers; `disconnect` breaks off unread; a status is answered whatever was sent.
 */
export type PagerDutyBehaviour =
  'accept' | 'lose' | 'hang' | 'disconnect' | { readonly status: number; readonly retryAfter?: string };

export interface AcceptedPagerDutyEvent {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly action: 'trigger' | 'acknowledge' | 'resolve';
  readonly dedupKey: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface RefusedPagerDutyEvent {
  readonly at: number;
  readonly body: string;
  readonly errors: readonly string[];
}

export interface PagerDutyStub {
  /** Value for `PAGERDUTY_EVENTS_URL`, and for Alertmanager's `url`. */
  readonly url: string;
  /** Requests so far, whatever became of them. */
  requests(): number;
  /** What was taken, in order; a repetition stands here again. */
  accepted(dedupKey?: string): AcceptedPagerDutyEvent[];
  /** What the schema refused. */
  refused(): RefusedPagerDutyEvent[];
  /** The alerts as PagerDuty would show them: repetitions of a trigger while it is open are one. */
  alerts(): { readonly dedupKey: string; readonly state: 'triggered' | 'acknowledged' | 'resolved' }[];
  /** From now on; the behaviours before the last are for one request each. */
  behave(...behaviours: [PagerDutyBehaviour, ...PagerDutyBehaviour[]]): void;
  /** Waits until so many were taken, and returns them. */
  waitFor(count: number, options?: { dedupKey?: string; timeoutMs?: number }): Promise<AcceptedPagerDutyEvent[]>;
  close(): Promise<void>;
}

const validate = new Ajv({ allErrors: true, strictTypes: false, strictRequired: false }).compile<EventBody>(
  eventSchema,
);

interface EventBody {
  event_action: AcceptedPagerDutyEvent['action'];
  dedup_key?: string;
}

interface State {
  requests: number;
  readonly behaviours: PagerDutyBehaviour[];
  readonly accepted: AcceptedPagerDutyEvent[];
  readonly refused: RefusedPagerDutyEvent[];
}

/** PagerDuty's Events API v2 for specs and drills, on a free port of 127.0.0.1. */
export async function startPagerDutyStub(): Promise<PagerDutyStub> {
  const state: State = { requests: 0, behaviours: ['accept'], accepted: [], refused: [] };
  const server = await serve(
    createServer((request, response) => {
      answer(request, response, state).catch(() => request.socket.destroy());
    }),
  );
  const accepted = (dedupKey?: string) =>
    state.accepted.filter((event) => dedupKey === undefined || event.dedupKey === dedupKey);
  return {
    url: `${server.url}/v2/enqueue`,
    requests: () => state.requests,
    accepted,
    refused: () => [...state.refused],
    alerts: () => alertsOf(state.accepted),
    behave: (...behaviours) => {
      state.behaviours.splice(0, state.behaviours.length, ...behaviours);
    },
    waitFor: (count, { dedupKey, timeoutMs = 45_000 } = {}) =>
      waitFor(() => accepted(dedupKey).length >= count && accepted(dedupKey), {
        timeoutMs,
        message: () =>
          `${count} events at PagerDuty; there are ${
            accepted(dedupKey)
              .map(({ action }) => action)
              .join(', ') || 'none'
          }`,
      }),
    close: () => server.close(),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, state: State): Promise<void> {
  if (request.method !== 'POST' || request.url !== '/v2/enqueue') {
    response.writeHead(404).end();
    return;
  }
  state.requests += 1;
  const behaviour = (state.behaviours.length > 1 ? state.behaviours.shift() : state.behaviours[0]) ?? 'accept';
  if (behaviour === 'disconnect') {
    request.socket.destroy();
    return;
  }
  const body = await readBody(request);
  if (behaviour === 'hang') return;
  if (typeof behaviour === 'object') {
    const headers = behaviour.retryAfter === undefined ? {} : { 'retry-after': behaviour.retryAfter };
    const said = { status: 'stub', message: 'As it was told to', errors: [] };
    response.writeHead(behaviour.status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(said));
    return;
  }
  const [status, said] = take(body, state);
  if (behaviour === 'lose') request.socket.destroy();
  else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said));
}

function take(body: Buffer, state: State): [number, object] {
  const at = Date.now();
  const [event, errors] = checked(body);
  if (event === undefined) {
    state.refused.push({ at, body: body.toString('utf8'), errors });
    return [400, { status: 'invalid event', message: 'Event object is invalid', errors }];
  }
  const dedupKey = event.dedup_key ?? randomUUID();
  state.accepted.push({ at, action: event.event_action, dedupKey, body: { ...event } });
  return [202, { status: 'success', message: 'Event processed', dedup_key: dedupKey }];
}

function checked(body: Buffer): [EventBody | undefined, string[]] {
  if (body.byteLength > MOST_BYTES) return [undefined, [`The event is larger than ${MOST_BYTES} bytes`]];
  try {
    const event: unknown = JSON.parse(body.toString('utf8'));
    if (validate(event)) return [event, []];
    return [
      undefined,
      (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? error.keyword}`.trim()),
    ];
  } catch {
    return [undefined, ['The body is not JSON']];
  }
}

function alertsOf(events: readonly AcceptedPagerDutyEvent[]): ReturnType<PagerDutyStub['alerts']> {
  const alerts: { dedupKey: string; state: 'triggered' | 'acknowledged' | 'resolved' }[] = [];
  for (const { dedupKey, action } of events) {
    const open = alerts.find((alert) => alert.dedupKey === dedupKey && alert.state !== 'resolved');
    // PagerDuty takes what follows no trigger, and does nothing.
    if (open === undefined && action === 'trigger') alerts.push({ dedupKey, state: 'triggered' });
    if (open !== undefined && action !== 'trigger') open.state = action === 'resolve' ? 'resolved' : 'acknowledged';
  }
  return alerts;
}
