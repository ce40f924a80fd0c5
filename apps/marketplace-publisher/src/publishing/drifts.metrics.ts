import { counterDefinition, gaugeDefinition } from '@signalpress/observability';

export const listingsSynced = counterDefinition({
  name: 'listings_synced_total',
  help: 'Published listings compared with the marketplace, by what was found (as-published, drifted)',
  labels: ['marketplace', 'outcome'] as const,
});

export const listingDrifts = gaugeDefinition({
  name: 'listing_drifts',
  help: 'Listings that differ from what was published, by kind of difference (removed, flagged, price, title)',
  labels: ['kind'] as const,
});
