import { outcomes, problemDetails, progress } from '@signalpress/contracts';
import type { z } from 'zod';
import { dailySummary, dailySummaryQuery } from '../daily-summary/daily-summary.schema.js';
import {
  acknowledgement,
  incidentDetails,
  incidentPage,
  incidentParams,
  incidentsQuery,
} from '../incidents/incidents.schema.js';
import { latencyQuery, latencyReport } from '../latency/latency.schema.js';
import { optimizationQuery, optimizationReport } from '../optimization/optimization.schema.js';
import { outcomesQuery } from '../outcomes/outcomes.schema.js';
import { queueLengthQuery, queueLengthReport } from '../queue-length/queue-length.schema.js';
import { resourceUsageQuery, resourceUsageReport } from '../resource-usage/resource-usage.schema.js';
import { slaQuery, slaReport } from '../sla/sla.schema.js';
import { platformStatus, statusQuery } from '../status/status.schema.js';
import { timelineAnswer, timelineParams, timelineQuery } from '../timeline/timeline.schema.js';

/** One route as the description has it; the schemas are those that the controllers check with. */
export interface DescribedRoute {
  readonly method: 'get' | 'post';
  /** As OpenAPI writes it, e.g. `/incidents/{id}`. */
  readonly path: string;
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  readonly answer: z.ZodType;
}

export const problem = problemDetails;

/** Every route of this service, but for those that every service has. A spec compares it with the controllers. */
export const routes: readonly DescribedRoute[] = [
  {
    method: 'get',
    path: '/latency',
    summary: 'Publish latency of the ideas that were first listed in the window',
    query: latencyQuery,
    answer: latencyReport,
  },
  {
    method: 'get',
    path: '/sla',
    summary: 'The agreement on publish latency and how it is kept',
    query: slaQuery,
    answer: slaReport,
  },
  {
    method: 'get',
    path: '/queue-length',
    summary: 'How long the queues are, by topic and consumer group',
    query: queueLengthQuery,
    answer: queueLengthReport,
  },
  {
    method: 'get',
    path: '/resource-usage',
    summary: 'What the services use',
    query: resourceUsageQuery,
    answer: resourceUsageReport,
  },
  {
    method: 'get',
    path: '/daily-summary',
    summary: "What happened, day by day in the shop's time zone",
    query: dailySummaryQuery,
    answer: dailySummary,
  },
  {
    method: 'get',
    path: '/optimization',
    summary: 'How well ideas are chosen: scores, weights, approvals, conversion',
    query: optimizationQuery,
    answer: optimizationReport,
  },
  {
    method: 'get',
    path: '/status',
    summary: 'How each service is and was',
    query: statusQuery,
    answer: platformStatus,
  },
  {
    method: 'get',
    path: '/outcomes',
    summary: 'What became of the signals of one ingestion',
    query: outcomesQuery,
    answer: outcomes,
  },
  { method: 'get', path: '/progress', summary: 'Counts over everything that is kept', answer: progress },
  {
    method: 'get',
    path: '/ideas/{ideaId}/timeline',
    summary: 'What happened to an idea, step by step',
    params: timelineParams,
    query: timelineQuery,
    answer: timelineAnswer,
  },
  {
    method: 'get',
    path: '/incidents',
    summary: 'Incidents, newest first',
    query: incidentsQuery,
    answer: incidentPage,
  },
  {
    method: 'get',
    path: '/incidents/{id}',
    summary: 'One incident with its history',
    params: incidentParams,
    answer: incidentDetails,
  },
  {
    method: 'post',
    path: '/incidents/{id}/acknowledge',
    summary: 'Somebody takes care of an incident',
    params: incidentParams,
    body: acknowledgement,
    answer: incidentDetails,
  },
];
