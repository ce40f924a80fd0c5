import type { AlertCondition, AlertSeverity } from '@signalpress/contracts';
import type { Figures } from '../incidents/incidents.tables.js';

/** What a check says of one condition, or of one part of the platform that can break it by itself. */
export interface Verdict {
  readonly subject?: string;
  readonly broken: boolean;
  readonly severity: AlertSeverity;
  /** One sentence with the numbers, at most 1024 characters. */
  readonly summary: string;
  readonly figures: Figures;
}

/** All that one check found. A subject that is not among the verdicts holds. */
export interface CheckResult {
  readonly condition: AlertCondition;
  readonly verdicts: readonly Verdict[];
  /** What holds, in a sentence, for an incident whose subject has no verdict. */
  readonly otherwise: string;
}

const LONGEST_SUMMARY = 1_024;

/** The sentence within the limit that PagerDuty and the event have; what is longer ends in an ellipsis. */
export function summaryOf(sentence: string): string {
  if (sentence.length <= LONGEST_SUMMARY) return sentence;
  // A cut between the halves of a surrogate pair would leave half a character.
  return `${sentence.slice(0, LONGEST_SUMMARY - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** Each unit is used below the number of seconds that is given first. */
const units = [
  { below: 120, unit: 's', seconds: 1 },
  { below: 7_200, unit: 'min', seconds: 60 },
  { below: 259_200, unit: 'h', seconds: 3_600 },
] as const;
const days = { unit: 'd', seconds: 86_400 } as const;

/** A duration as a person says it: `45 s`, `12 min`, `3.4 h`, `8.1 d`. */
export function spoken(seconds: number): string {
  const { unit, seconds: size } = units.find(({ below }) => seconds < below) ?? days;
  const value = seconds / size;
  return `${Number(value.toFixed(value < 10 ? 1 : 0))} ${unit}`;
}

export function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
