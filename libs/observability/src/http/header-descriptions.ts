import { redactText } from '../logging/redaction.js';

export interface ServerName {
  readonly address: string | undefined;
  readonly port: number | undefined;
}

const LONGEST_AGENT = 256;
/** Headers are the caller's: what is remembered of them has a bound. */
const REMEMBERED = 200;

/** What follows from headers that most requests of a service have in common, worked out once for each value. */
export class HeaderDescriptions {
  private readonly servers = new Map<string, ServerName>();
  private readonly agents = new Map<string, string>();

  /** Where the request was sent to, from a `Host` header. */
  server(host: string): ServerName {
    return remembered(this.servers, host, parseHost);
  }

  /** Redacted and bounded. */
  userAgent(agent: string): string {
    return remembered(this.agents, agent, safeAgent);
  }
}

function remembered<T>(known: Map<string, T>, key: string, make: (key: string) => T): T {
  const before = known.get(key);
  if (before !== undefined) return before;
  if (known.size >= REMEMBERED) known.clear();
  const made = make(key);
  known.set(key, made);
  return made;
}

function safeAgent(agent: string): string {
  return redactText(agent.slice(0, LONGEST_AGENT));
}

function parseHost(host: string): ServerName {
  const [, address, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(host) ?? [];
  return {
    address: address === '' ? undefined : address,
    port: port === undefined ? undefined : Number(port),
  };
}
