import { buckets, counterDefinition, histogramDefinition } from '@signalpress/observability';

export const publications = counterDefinition({
  name: 'listings_finished_total',
  help: 'Listing commands by marketplace and outcome (published, adopted, failed, withdrawn)',
  labels: ['marketplace', 'outcome'] as const,
});

export const publishSeconds = histogramDefinition({
  name: 'listing_publish_duration_seconds',
  help: 'Time to put one listing on its marketplace, waits between tries not included',
  labels: ['marketplace'] as const,
  buckets: buckets.externalCall,
});

export const observedChanges = counterDefinition({
  name: 'listings_observed_total',
  help: 'Listings whose counts had changed when they were read, by marketplace',
  labels: ['marketplace'] as const,
});
