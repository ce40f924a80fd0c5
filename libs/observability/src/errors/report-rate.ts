/** A token bucket: so many at once, and so many per second on average. */
export class ReportRate {
  private tokens: number;
  private filledAt: number;

  constructor(
    private readonly perSecond: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.tokens = perSecond;
    this.filledAt = now();
  }

  /** Whether one more is within the rate; it is counted if so. */
  take(): boolean {
    const at = this.now();
    this.tokens = Math.min(this.perSecond, this.tokens + ((at - this.filledAt) / 1_000) * this.perSecond);
    this.filledAt = at;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
