/** Settings of the storefront, and the token that they are injected by. */
export class StorefrontOptions {
  /** Bearer key that the API asks for. */
  readonly apiKey: string;

  constructor(options: { readonly apiKey: string }) {
    this.apiKey = options.apiKey;
  }
}

/** The largest picture that the storefront takes, in bytes. */
export const largestImageBytes = 2 * 1024 * 1024;
