import { counterDefinition, histogramDefinition } from '@signalpress/observability';

export const mockupsFinished = counterDefinition({
  name: 'mockups_finished_total',
  help: 'Mockup commands by outcome (generated, failed) and template',
  labels: ['outcome', 'template'] as const,
});

export const renderSeconds = histogramDefinition({
  name: 'mockup_render_duration_seconds',
  help: 'Time to render, check and encode one picture, by kind (design, preview)',
  labels: ['kind'] as const,
  buckets: [0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 2, 5],
});

export const fileBytes = histogramDefinition({
  name: 'mockup_file_bytes',
  help: 'Size of rendered files by kind (design, preview)',
  labels: ['kind'] as const,
  buckets: [10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000],
});
