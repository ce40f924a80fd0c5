import { buckets, counterDefinition, histogramDefinition } from '@signalpress/observability';

export const ideasScoredTotal = counterDefinition({
  name: 'scoring_ideas_scored_total',
  help: 'Scores written, by whether the idea was scored before and whether it repeats a decided idea.',
  labels: ['revision', 'duplicate'] as const,
});

export const ideaScore = histogramDefinition({
  name: 'scoring_idea_score',
  help: 'Scores, 0..1.',
  labels: [] as const,
  // The bound of approval is one of them.
  buckets: [0.1, 0.2, 0.3, 0.4, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9, 1],
});

export const ideaSignals = histogramDefinition({
  name: 'scoring_idea_signals',
  help: 'Signals of an idea when it was scored.',
  labels: [] as const,
  buckets: buckets.count,
});

export const safetyFindings = counterDefinition({
  name: 'scoring_safety_findings_total',
  help: 'Findings that hold an idea for a person, by rule.',
  labels: ['rule'] as const,
});
