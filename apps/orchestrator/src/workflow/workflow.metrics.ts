import { counterDefinition, gaugeDefinition } from '@signalpress/observability';

export const decisionsTotal = counterDefinition({
  name: 'signalpress_ideas_decided_total',
  help: 'Decisions on ideas, by decision and rule.',
  labels: ['decision', 'rule'] as const,
});

export const transitionsTotal = counterDefinition({
  name: 'signalpress_idea_transitions_total',
  help: 'Inputs to the workflow by input, and whether they changed anything.',
  labels: ['input', 'applied'] as const,
});

export const deadlinesTotal = counterDefinition({
  name: 'signalpress_command_deadlines_total',
  help: 'Commands that were not answered in time, by step and by what was done about it.',
  labels: ['step', 'result'] as const,
});

export const ideasByState = gaugeDefinition({
  name: 'signalpress_ideas',
  help: 'Ideas by state.',
  labels: ['state'] as const,
});

export const oldestInState = gaugeDefinition({
  name: 'signalpress_idea_state_age_seconds',
  help: 'Seconds since the idea that is longest in a working state came into it; 0 when there is none.',
  labels: ['state'] as const,
});
