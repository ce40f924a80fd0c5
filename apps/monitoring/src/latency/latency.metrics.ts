import { buckets, counterDefinition, gaugeDefinition, histogramDefinition } from '@signalpress/observability';

export const publishLatency = histogramDefinition({
  name: 'signalpress_publish_latency_seconds',
  help: 'Publish latency of ideas: first listing minus capture of the founding signal, without the time that they were held.',
  // Two hours is the default agreement; the buckets around it are close.
  buckets: buckets.publishLatency,
});

export const publishLatencyMean = gaugeDefinition({
  name: 'signalpress_publish_latency_mean_seconds',
  help: 'Mean publish latency of the ideas that were listed in the window of the agreement; no series when there are none.',
});

export const slaThreshold = gaugeDefinition({
  name: 'signalpress_sla_threshold_seconds',
  help: 'Mean publish latency that is agreed on.',
});

export const publishesTotal = counterDefinition({
  name: 'signalpress_publishes_total',
  help: 'Ideas whose first listing was heard of, by whether their publish latency is inside the agreement.',
  labels: ['sla'] as const,
});

export const oldestUnpublished = gaugeDefinition({
  name: 'signalpress_oldest_unpublished_age_seconds',
  help: 'For how long the oldest idea that is not published has been in a working state (time held does not count); 0 when there is none.',
});

export const listingDrifts = gaugeDefinition({
  name: 'signalpress_listing_drifts',
  help: 'Listings that are not what was published, by what differs.',
  labels: ['kind'] as const,
});

export const ideasByOutcome = gaugeDefinition({
  name: 'signalpress_ideas_by_outcome',
  help: 'Ideas by what became of them.',
  labels: ['outcome'] as const,
});
