/** How long an idea waits for further signals before it is scored. Also the token it is injected by. */
export class GroupingOptions {
  /** @param quietMs an idea is scored when no signal joined for this long, and after ten times this in any case. */
  constructor(readonly quietMs: number) {}

  get maxGatherMs(): number {
    return this.quietMs * 10;
  }
}
