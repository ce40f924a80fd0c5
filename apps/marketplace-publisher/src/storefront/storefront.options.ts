/** Settings of the storefront, and the token that they are injected by. */
export class StorefrontOptions {
  /** Bearer key that the API asks for. */
  readonly apiKey: string;
  /** Whether the admin API is there. */
  readonly faults: boolean;

  constructor(options: { readonly apiKey: string; readonly faults: boolean }) {
    this.apiKey = options.apiKey;
    this.faults = options.faults;
  }
}

/** The largest picture that the storefront takes, in bytes. */
export const largestImageBytes = 2 * 1024 * 1024;
