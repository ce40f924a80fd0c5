import type { SpanKind } from '@opentelemetry/api';
import type { Fold } from './fold.js';

/** Distinct names below one span that are looked at; a span with more has no siblings worth folding among the rest. */
const MAX_GROUPS = 200;

/** Children of one span that have the same name and kind. */
export class SiblingGroup {
  /** How many have a span of their own. */
  count = 0;
  fold: Fold | undefined;
  /** The same name with another kind. */
  next: SiblingGroup | undefined;

  constructor(
    readonly name: string,
    readonly kind: SpanKind,
  ) {}
}

/** The children of one span, by name and kind. The first group is kept without a map: most spans have no second. */
export class Siblings {
  private latest: SiblingGroup | undefined;
  private groups: Map<string, SiblingGroup> | undefined;
  private folds: Fold[] | undefined;

  /** Undefined when there are too many different ones. */
  group(name: string, kind: SpanKind): SiblingGroup | undefined {
    const latest = this.latest;
    if (latest === undefined) return (this.latest = new SiblingGroup(name, kind));
    if (latest.name === name && latest.kind === kind) return latest;
    this.groups ??= new Map([[latest.name, latest]]);
    const found = this.find(this.groups, name, kind);
    if (found) this.latest = found;
    return found;
  }

  add(group: SiblingGroup, fold: Fold): void {
    group.fold = fold;
    (this.folds ??= []).push(fold);
  }

  /** The parent has ended: folds end as soon as nothing of theirs runs any more. */
  close(): void {
    if (this.folds) for (const fold of this.folds) fold.close();
    this.folds = undefined;
    this.groups = undefined;
    this.latest = undefined;
  }

  private find(groups: Map<string, SiblingGroup>, name: string, kind: SpanKind): SiblingGroup | undefined {
    const first = groups.get(name);
    let group = first;
    while (group && group.kind !== kind) group = group.next;
    if (group) return group;
    if (first === undefined && groups.size >= MAX_GROUPS) return undefined;
    const added = new SiblingGroup(name, kind);
    added.next = first;
    groups.set(name, added);
    return added;
  }
}
