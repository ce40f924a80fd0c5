import { trace } from '@opentelemetry/api';
import type { TracerProvider } from '@opentelemetry/api';
import { compilePaths } from './redaction-paths.js';
import type { PathMatcher, PathNode } from './redaction-paths.js';
import { REDACTED, redactByShape, usablePattern } from './redaction-patterns.js';

/** What an application adds to the redaction that is built in. */
export interface RedactionOptions {
  /**
   * Fields whose value is never written, by name (`address`) or by path (`user.address`, `items[*].card`), at whatever depth the
   * path begins. Upper and lower case are the same.
   */
  readonly redactPaths?: readonly string[];
  /** Texts that are never written, wherever they stand. */
  readonly redactPatterns?: readonly RegExp[];
}

/** The last word of a name in any spelling (`metrics_token`, `metricsToken`, `metrics-token`) or two words anywhere in it. */
const secretName =
  /(?:^|[_-]|(?<=[a-z])(?=[A-Z]))(?:[Pp]ass(?:word|wd|phrase)?|[Pp]wd|[Ss]ecret|[Tt]oken|[Aa]uthorization|[Cc]ookie|[Cc]redentials?|[Dd]sn|[Ss]ignature|[Ee]-?[Mm]ail|[Pp]hone)$/;
const secretNameAnyCase =
  /(?:^|[_-])(?:pass(?:word|wd|phrase)?|pwd|secret|token|authorization|cookie|credentials?|dsn|signature|e-?mail|phone|iban)$|(?:api|access|admin|private|client|secret)[_-]?(?:key|secret)$/i;

/** Whether a field of this name is never written, whatever its value. */
export function isSecretName(name: string): boolean {
  return secretNameAnyCase.test(name) || secretName.test(name);
}

const MAX_DEPTH = 8;
const MAX_ENTRIES = 200;
/** What is longer is cut: the time for one text has a bound, whatever the patterns are. */
const MAX_TEXT_LENGTH = 65_536;

/** The rules of one application. Immutable. */
export class Redaction {
  private readonly paths: PathMatcher | undefined;
  private readonly patterns: readonly RegExp[];

  /** @throws Error when a path or a pattern cannot be used */
  constructor(private readonly options: RedactionOptions = {}) {
    this.paths = compilePaths(options.redactPaths ?? []);
    this.patterns = (options.redactPatterns ?? []).map(usablePattern);
  }

  /** Whether there are rules besides those that are built in. */
  get extends(): boolean {
    return this.paths !== undefined || this.patterns.length > 0;
  }

  /** These rules and the other's. */
  and(other: Redaction): Redaction {
    return new Redaction({
      redactPaths: [...(this.options.redactPaths ?? []), ...(other.options.redactPaths ?? [])],
      redactPatterns: [...(this.options.redactPatterns ?? []), ...(other.options.redactPatterns ?? [])],
    });
  }

  /** The text without what has the shape of a secret; at most 64 KiB of it. */
  text(text: string): string {
    const bounded =
      text.length <= MAX_TEXT_LENGTH
        ? text
        : `${text.slice(0, MAX_TEXT_LENGTH)} [${text.length - MAX_TEXT_LENGTH} characters cut]`;
    let result = redactByShape(bounded);
    for (const pattern of this.patterns) result = result.replace(pattern, REDACTED);
    return result;
  }

  /**
   * A copy that is safe to write: fields by name and path at any depth, texts by pattern. Depth and entries are bounded, cycles
   * cut.
   */
  value(value: unknown): unknown {
    return this.walk(value, { depth: 0, seen: [], at: this.paths?.start });
  }

  /** What an error looks like in a log line: type, message, stack, code and causes. */
  error(error: Error): Record<string, unknown> {
    return this.errorFields(error, { depth: 0, seen: [], at: this.paths?.start });
  }

  private walk(value: unknown, place: Place): unknown {
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'bigint') return value.toString();
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Date) return value;
    if (value instanceof Error) return this.errorFields(value, place);
    if (place.depth >= MAX_DEPTH) return '[deep]';
    if (place.seen.includes(value)) return '[circular]';
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (value instanceof Map) return this.walk(Object.fromEntries([...value].slice(0, MAX_ENTRIES)), place);
    if (value instanceof Set) return this.walk([...value], place);
    const inside = { depth: place.depth + 1, seen: [...place.seen, value], at: place.at };
    if (Array.isArray(value)) return this.items(value, inside);
    const result: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value).slice(0, MAX_ENTRIES)) result[key] = this.field(key, item, inside);
    return result;
  }

  private items(items: readonly unknown[], inside: Place): unknown[] {
    if (inside.at === undefined) return items.slice(0, MAX_ENTRIES).map((item) => this.walk(item, inside));
    return items.slice(0, MAX_ENTRIES).map((item, index) => this.field(String(index), item, inside, inside.at));
  }

  /** @param also where the paths stand besides: an array is also seen through, so that `items.card` is `items[*].card` */
  private field(key: string, item: unknown, inside: Place, also?: readonly PathNode[]): unknown {
    if (isSecretName(key)) return REDACTED;
    if (this.paths === undefined || inside.at === undefined) return this.walk(item, inside);
    const at = this.paths.step(inside.at, key);
    if (at === undefined) return REDACTED;
    return this.walk(item, { ...inside, at: also === undefined ? at : [...at, ...also] });
  }

  private errorFields(error: Error, place: Place): Record<string, unknown> {
    const head = { type: error.name, message: this.text(error.message) };
    if (place.depth >= MAX_DEPTH || place.seen.includes(error)) return head;
    const { code, cause } = error as Error & { code?: unknown; cause?: unknown };
    const inside = { ...place, depth: place.depth + 1, seen: [...place.seen, error] };
    return {
      ...head,
      stack: this.text(error.stack ?? ''),
      ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
      ...(cause === undefined ? {} : { cause: this.field('cause', cause, inside) }),
    };
  }
}

/** How deep a walk is, what it came through, and where the paths stand. */
interface Place {
  readonly depth: number;
  readonly seen: readonly object[];
  readonly at: readonly PathNode[] | undefined;
}

/** The rules that hold without any option. */
const builtIn = new Redaction();

/** Spans belong to the process, so their rules are kept by the provider that records them. */
const ofProvider = new WeakMap<TracerProvider, Redaction>();

/** From now on spans, and whatever else calls `redactText`, keep these rules too. */
export function redactSpansWith(redaction: Redaction): void {
  if (!redaction.extends) return;
  const provider = recordingProvider();
  const present = ofProvider.get(provider);
  ofProvider.set(provider, present === undefined ? redaction : present.and(redaction));
}

function recordingProvider(): TracerProvider {
  const provider = trace.getTracerProvider();
  const delegate: unknown = Reflect.get(provider, 'getDelegate');
  return typeof delegate === 'function' ? (Reflect.apply(delegate, provider, []) as TracerProvider) : provider;
}

/**
 * Removes e-mail addresses, bearer tokens, API keys, private keys and passwords in URLs by their shape, and what the
 * application's own patterns find. What has no shape (a name, an address) is not found: keep such values out of messages.
 */
export function redactText(text: string): string {
  return (ofProvider.get(recordingProvider()) ?? builtIn).text(text);
}

/** A copy of anything that is safe to write, by the rules that are built in. */
export function redactValue(value: unknown): unknown {
  return builtIn.value(value);
}
