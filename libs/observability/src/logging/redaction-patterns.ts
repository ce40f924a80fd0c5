/** What stands where a value was. */
export const REDACTED = '[redacted]';

/**
 * Every pattern is linear in the length of the text: bounded repetitions, no nested quantifiers. Order matters, from the most
 * specific to the most general.
 */
const builtIn: readonly (readonly [RegExp, string])[] = [
  [
    /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:[^-]|-(?!----)){0,16384}(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g,
    REDACTED,
  ],
  // user:password@ in a URL; the user stays, it tells which account was meant
  [/(?<=:\/\/[^\s:/?#@]{0,256}):[^\s/?#@]{1,512}@/g, `:${REDACTED}@`],
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
];

/** One look that is enough for most texts: nothing below can match without one of these. */
const suspicious =
  /@|-----BEGIN|bearer|basic|token|eyJ|(?:sk|pk|rk)[_-]|gh[oprsu]_|github_pat_|glpat-|npm_|shp[acs]|xox|SG\.|hf_|AKIA|ASIA|AIza|key|secret|passw|pwd|passphrase|authorization|signature/i;

/** A text without e-mail addresses, tokens, keys and passwords that are known by their shape. */
export function redactByShape(text: string): string {
  if (!suspicious.test(text)) return text;
  let result = text;
  for (const [pattern, replacement] of builtIn) result = result.replace(pattern, replacement);
  return result.includes('@') ? withoutMail(result) : result;
}

const mailDomain = /@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z][A-Za-z0-9-]{1,62}/g;
const mailName = /[A-Za-z0-9._%+-]/;
const LONGEST_MAIL_NAME = 64;

/** From the `@` backwards: a pattern that begins with the name tries that name anew from each of its letters. */
function withoutMail(text: string): string {
  let result = '';
  let done = 0;
  for (const match of text.matchAll(mailDomain)) {
    let start = match.index;
    const earliest = Math.max(done, start - LONGEST_MAIL_NAME);
    while (start > earliest && mailName.test(text.charAt(start - 1))) start -= 1;
    if (start === match.index) continue;
    result += text.slice(done, start) + REDACTED;
    done = match.index + match[0].length;
  }
  return result + text.slice(done);
}

/**
 * A pattern of the application's, made ready: it replaces every match. Repetitions inside of repetitions, whose time can grow
 * exponentially with the text, are refused.
 *
 * @throws Error when the pattern is refused
 */
export function usablePattern(pattern: RegExp): RegExp {
  if (repeatsRepetition(pattern.source)) {
    throw new Error(
      `redactPatterns: ${String(pattern)} repeats a group that repeats itself; a text could stop the process`,
    );
  }
  if (pattern.test('')) throw new Error(`redactPatterns: ${String(pattern)} matches the empty text`);
  return new RegExp(pattern.source, [...new Set(`${pattern.flags.replace('y', '')}g`)].join(''));
}

/** Whether a group with an unbounded quantifier holds an unbounded quantifier. */
function repeatsRepetition(source: string): boolean {
  const open: boolean[] = [false];
  // Escapes and classes are one step each; quantifiers follow the step or group that they repeat.
  const steps = source.match(/\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:[:=!]|<[=!]|<\w+>))?|\)|[*+]|\{\d+,\d*\}|[^]/g) ?? [];
  for (const [index, step] of steps.entries()) {
    if (step.startsWith('(')) open.push(false);
    const repeated = isUnbounded(step);
    if (repeated) open[open.length - 1] = true;
    if (step !== ')') continue;
    const inner = open.pop() ?? false;
    if (inner && isUnbounded(steps[index + 1] ?? '')) return true;
    if (inner) open[open.length - 1] = true;
  }
  return false;
}

function isUnbounded(step: string): boolean {
  return step === '*' || step === '+' || /^\{\d+,\}$/.test(step);
}
