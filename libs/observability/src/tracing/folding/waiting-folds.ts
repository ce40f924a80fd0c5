import type { Fold } from './fold.js';

/** Work that never ends must not keep what it was counted in for ever. */
const MAX_WAITING = 1_000;

/** Folds whose parent has ended while siblings of theirs still run. Beyond the bound the oldest ends with what it has. */
export class WaitingFolds {
  private readonly folds = new Set<Fold>();

  add(fold: Fold): void {
    this.folds.add(fold);
    if (this.folds.size <= MAX_WAITING) return;
    const [oldest] = this.folds;
    oldest?.finish();
  }

  delete(fold: Fold): void {
    this.folds.delete(fold);
  }

  /** All end with what they have. */
  finishAll(): void {
    for (const fold of [...this.folds]) fold.finish();
  }
}
