const REDACTED = '[redacted]';

/**
 * Every pattern is linear in the length of the text: bounded repetitions, no nested quantifiers. Order matters, from the most
 * specific to the most general.
 */
const patterns: readonly (readonly [RegExp, string])[] = [
  [
    /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:[^-]|-(?!----)){0,16384}(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g,
    REDACTED,
  ],
  // user:password@ in a URL; the user stays, it tells which account was meant
  [/(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/?#@]{0,256}):[^\s/?#@]{1,512}@/gi, `$1:${REDACTED}@`],
  [/\b(Bearer|Basic|Token)\s+[A-Za-z0-9._~+/=-]{8,4096}/gi, `$1 ${REDACTED}`],
  [/\beyJ[A-Za-z0-9_-]{8,2048}\.[A-Za-z0-9_-]{4,4096}(?:\.[A-Za-z0-9_-]{0,2048})?/g, REDACTED],
  [
    /\b(?:sk|pk|rk)[_-](?:live|test|proj|ant)[_-][A-Za-z0-9_-]{8,512}|\b(?:gh[oprsu]_|github_pat_|glpat-|npm_|shp(?:at|ca|pa|ss)_|xox[abeoprs]-|SG\.|hf_)[A-Za-z0-9_.-]{10,512}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[A-Za-z0-9_-]{35}|\bsk-[A-Za-z0-9_-]{20,512}/g,
    REDACTED,
  ],
  // key=value, key: value, "key":"value"
  [
    /((?:api[_-]?key|access[_-]?key|admin[_-]?key|secret(?:[_-]?key)?|client[_-]?secret|password|passwd|pwd|passphrase|(?:access|refresh|id|auth|session)?[_-]?token|authorization|signature)["']?\s{0,3}[=:]\s{0,3}["']?)(?!\[redacted\]|Bearer |Basic |Token )[^\s"'&,;}]{1,4096}/gi,
    `$1${REDACTED}`,
  ],
  [/[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z][A-Za-z0-9-]{1,62}/g, REDACTED],
];

/** One look that is enough for most texts: nothing below can match without one of these. */
const suspicious =
  /@|-----BEGIN|bearer|basic|token|eyJ|(?:sk|pk|rk)[_-]|gh[oprsu]_|github_pat_|glpat-|npm_|shp[acs]|xox|SG\.|hf_|AKIA|ASIA|AIza|key|secret|passw|pwd|passphrase|authorization|signature/i;

/**
 * Removes e-mail addresses, bearer tokens, API keys, private keys and passwords in URLs by their shape. What has no shape (a
 * name, an address) is not found: keep such values out of messages.
 */
export function redactText(text: string): string {
  if (!suspicious.test(text)) return text;
  let result = text;
  for (const [pattern, replacement] of patterns) result = result.replace(pattern, replacement);
  return result;
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

/**
 * A copy that is safe to write: secret fields by name at any depth, texts by pattern. Depth and entries are bounded, cycles cut.
 */
export function redactValue(value: unknown, depth = 0, seen: readonly object[] = []): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value;
  if (value instanceof Error) return redactError(value, depth, seen);
  if (depth >= MAX_DEPTH) return '[deep]';
  if (seen.includes(value)) return '[circular]';
  const path = [...seen, value];
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map((item) => redactValue(item, depth + 1, path));
  if (value instanceof Map || value instanceof Set) return redactValue([...value], depth, seen);
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value).slice(0, MAX_ENTRIES)) {
    result[key] = isSecretName(key) ? REDACTED : redactValue(item, depth + 1, path);
  }
  return result;
}

/** What an error looks like in a log line: type, message, stack, code and causes, all redacted. */
export function redactError(error: Error, depth = 0, seen: readonly object[] = []): Record<string, unknown> {
  if (depth >= MAX_DEPTH || seen.includes(error)) return { type: error.name, message: redactText(error.message) };
  const { code, cause } = error as Error & { code?: unknown; cause?: unknown };
  return {
    type: error.name,
    message: redactText(error.message),
    stack: redactText(error.stack ?? ''),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(cause === undefined ? {} : { cause: redactValue(cause, depth + 1, [...seen, error]) }),
  };
}
