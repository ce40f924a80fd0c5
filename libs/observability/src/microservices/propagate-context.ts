import type { ClientProxy } from '@nestjs/microservices';
import { activeContextHeaders } from './message-headers.js';

/**
 * Lets the packets of a TCP or Redis client carry the trace they are sent in, in their metadata. Opens no span. Of no use with
 * other transports: they do not send metadata.
 *
 * @returns the same client
 */
export function propagateContext<T extends ClientProxy>(client: T): T {
  client.setOnDispatchHook((packet) => {
    packet.metadata = { ...packet.metadata, ...activeContextHeaders() };
  });
  return client;
}
