/** Settings of learning, and the token that they are injected by. */
export class WeightsOptions {
  /**
   * @param learnEveryMs least time between two steps
   * @param minimumSamples listed ideas with a view that it takes to learn anything
   */
  constructor(
    readonly learnEveryMs: number,
    readonly minimumSamples: number,
  ) {}
}
