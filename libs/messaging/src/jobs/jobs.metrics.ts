import { buckets, counterDefinition, gaugeDefinition, histogramDefinition } from '@signalpress/observability';

export const jobsByState = gaugeDefinition({
  name: 'messaging_jobs',
  help: 'Jobs by name and state: pending, running, failed',
  labels: ['job', 'state'] as const,
});

export const jobRuns = counterDefinition({
  name: 'messaging_job_runs_total',
  help: 'Runs of jobs and what became of them: done, retried, unavailable, given-up, dead-lettered, fenced, released',
  labels: ['job', 'outcome'] as const,
});

export const jobSeconds = histogramDefinition({
  name: 'messaging_job_duration_seconds',
  help: 'Time of one run of a job, the transaction of its effect included (seconds)',
  labels: ['job'] as const,
  buckets: buckets.job,
});
