import { gaugeDefinition, histogramDefinition } from '@signalpress/observability';

export const publishLatency = histogramDefinition({
  name: 'signalpress_publish_latency_seconds',
  help: 'Publish latency of ideas: first listing minus capture of the founding signal, without the time that they were held.',
  // Two hours is the default agreement; the buckets around it are close.
  buckets: [1, 2, 5, 10, 30, 60, 300, 900, 1_800, 3_600, 5_400, 7_200, 10_800, 14_400, 28_800, 86_400],
});

export const publishLatencyMean = gaugeDefinition({
  name: 'signalpress_publish_latency_mean_seconds',
  help: 'Mean publish latency of the ideas that were listed in the last 24 hours; no series when there are none.',
});

export const publishLatencyThreshold = gaugeDefinition({
  name: 'signalpress_publish_latency_threshold_seconds',
  help: 'Mean publish latency that is agreed on.',
});

export const oldestUnpublished = gaugeDefinition({
  name: 'signalpress_oldest_unpublished_age_seconds',
  help: 'Seconds since the founding signal of the oldest idea that is still under way was captured; 0 when there is none.',
});

export const ideasByOutcome = gaugeDefinition({
  name: 'signalpress_ideas_by_outcome',
  help: 'Ideas by what became of them.',
  labels: ['outcome'] as const,
});
