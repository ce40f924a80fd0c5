export interface PublishingSettings {
  /** Where files by hash come from. */
  readonly filesUrl: string;
  readonly storefrontUrl: string;
  /** What the addresses of listings begin with. */
  readonly storefrontPublicUrl: string;
  readonly storefrontApiKey: string;
  /** Share of the price that is to remain, 0..1. */
  readonly margin: number;
  readonly observeEveryMs: number;
  readonly syncEveryMs: number;
}

/** Settings of publishing, as the token that they are injected by. */
export class PublishingOptions implements PublishingSettings {
  readonly filesUrl: string;
  readonly storefrontUrl: string;
  readonly storefrontPublicUrl: string;
  readonly storefrontApiKey: string;
  readonly margin: number;
  readonly observeEveryMs: number;
  readonly syncEveryMs: number;

  constructor(options: PublishingSettings) {
    this.filesUrl = options.filesUrl;
    this.storefrontUrl = options.storefrontUrl;
    this.storefrontPublicUrl = options.storefrontPublicUrl;
    this.storefrontApiKey = options.storefrontApiKey;
    this.margin = options.margin;
    this.observeEveryMs = options.observeEveryMs;
    this.syncEveryMs = options.syncEveryMs;
  }
}
