/** What the features take from the environment. */
export class IngestionSettings {
  /** Sources in private networks and on any port: for development and tests. */
  readonly allowPrivateSources: boolean;

  constructor(options: { readonly allowPrivateSources: boolean }) {
    this.allowPrivateSources = options.allowPrivateSources;
  }
}
