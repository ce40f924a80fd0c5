import { buckets, counterDefinition, histogramDefinition } from '@signalpress/observability';

export const mockupsFinished = counterDefinition({
  name: 'mockups_finished_total',
  help: 'Mockup commands by outcome (generated, failed) and template',
  labels: ['outcome', 'template'] as const,
});

export const renderSeconds = histogramDefinition({
  name: 'mockup_render_duration_seconds',
  help: 'Time to render, check and encode one picture, by kind (design, preview)',
  labels: ['kind'] as const,
  buckets: buckets.render,
});

export const fileBytes = histogramDefinition({
  name: 'mockup_file_bytes',
  help: 'Size of rendered files by kind (design, preview)',
  labels: ['kind'] as const,
  buckets: buckets.fileBytes,
});
