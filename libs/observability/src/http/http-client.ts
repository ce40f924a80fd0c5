import { listenTo } from './channels.js';
import { Exchanges } from './client-exchange.js';
import type { HttpClientTracing } from './client-exchange.js';
import { nodeChannels } from './node-client.js';
import { undiciChannels } from './undici-client.js';

/**
 * Spans and trace context for every request of `fetch`, undici, `node:http` and `node:https`, by the channels that they publish
 * on: no module is patched, so neither the order nor the form of imports matters.
 *
 * @returns a function that ends it; spans that are still open end with it.
 */
export function traceHttpClient(options: HttpClientTracing = {}): () => void {
  const exchanges = new Exchanges(options);
  const stop = listenTo({ ...undiciChannels(exchanges), ...nodeChannels(exchanges) });
  return () => {
    stop();
    exchanges.close();
  };
}
