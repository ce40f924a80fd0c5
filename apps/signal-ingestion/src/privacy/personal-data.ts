/**
 * Rules that find what must not be kept, from the most specific to the most general. Every pattern is linear in the length of
 * the text: bounded repetitions, no nested ones. What has no shape of its own (a person's name, a street) is not found here.
 */
const secrets: readonly RegExp[] = [
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]{0,16384}?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
  /\beyJ[A-Za-z0-9_-]{8,2048}\.[A-Za-z0-9_-]{4,4096}(?:\.[A-Za-z0-9_-]{0,2048})?/g,
  /\b(?:Bearer|Basic)\s+(?=[A-Za-z0-9._~+/=-]{0,512}\d)[A-Za-z0-9._~+/=-]{8,4096}/gi,
  /\b(?:sk|pk|rk)[_-](?:live|test|proj|ant)[_-][A-Za-z0-9_-]{8,512}|\bsk-[A-Za-z0-9_-]{16,512}/g,
  /\b(?:gh[oprsu]_|github_pat_|glpat-|npm_|shp(?:at|ca|pa|ss)_|xox[abeoprs]-|SG\.|hf_)[A-Za-z0-9_.-]{10,512}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[A-Za-z0-9_-]{30,64}/g,
  /\b(?:password|passwd|passwort|pwd|passphrase)\s{0,3}[:=]\s{0,3}\S{1,512}/gi,
  /\b(?:api[_ -]?key|access[_ -]?key|secret(?:[_ -]?key)?|client[_ -]?secret|[a-z]{0,12}[_ -]?token)\s{0,3}[:=]\s{0,3}(?=\S{0,512}\d)\S{6,512}/gi,
  /\b(?=[A-Za-z0-9_]{0,512}\d)(?=[A-Za-z0-9_]{0,512}[A-Za-z])[A-Za-z0-9_]{32,4096}\b/g,
];

/** With their query, user and password: an address in running text may carry any of them. */
const webAddresses = /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s<>"']{1,4096}|\bwww\.[^\s<>"']{1,4096}/gi;
const emails = /(?:mailto:)?[\p{L}\p{N}._%+'-]{1,256}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/gu;
const disguisedEmails =
  /[\p{L}\p{N}._%+-]{1,128}\s?[[({]\s?at\s?[\])}]\s?[\p{L}\p{N}-]{1,63}(?:(?:\.|\s?[[({]\s?dot\s?[\])}]\s?)[\p{L}\p{N}-]{1,63}){1,8}/giu;
const ibans = /\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}(?![A-Z0-9])/g;
const digitRuns = /(?<!\d)\d(?:[ -]?\d){12,60}(?!\d)/g;
const phones: readonly RegExp[] = [
  // international: +43 660 1234567, 0043 660 1234567
  /(?<![\p{L}\p{N}])(?:\+|00)\d(?:[ ()./-]{0,3}\d){6,16}(?!\d)/gu,
  // (555) 123-4567, 555-123-4567, 555.123.4567
  /(?<![\p{L}\p{N}.])(?:1[ .-])?(?:\(\d{2,5}\)[ -]{0,2}|\d{3}[ .-])\d{3,4}[ .-]?\d{3,4}(?!\d)/gu,
  // with the trunk prefix: 0660 1234567, 020 7946 0018, 01 23 45 67 89; a date is none
  /(?<![\p{L}\p{N}.,])(?!\d{1,2}[/-]\d{1,2}[/-]\d{2,4}(?!\d))0[1-9]\d{0,3}(?:[ /-]{0,3}\d){5,11}(?!\d)/gu,
  // called one: tel. 12 34 56
  /\b(?:tel|phone|telephone|call|fax|mobile|cell|whatsapp|signal|text me|handy|telefon)\b[ .:at#-]{1,6}\d(?:[ ()./-]{0,2}\d){5,16}/giu,
  // nothing but digits
  /(?<![\p{L}\p{N}.,])\d{10,15}(?![\p{L}\p{N}])/gu,
];
/** With the server: it would be half taken for an e-mail address. */
const fullHandles = /(?<![\p{L}\p{N}_.%+-])@[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,60}@[\p{L}\p{N}.-]{1,100}/gu;
const handles: readonly RegExp[] = [
  /(?<![\p{L}\p{N}_])@[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,60}/gu,
  /(?<![\p{L}\p{N}])\/?u\/[A-Za-z0-9_-]{3,40}/gu,
  /\b(?:submitted|posted) by\s{1,3}\S{2,60}/gi,
];
const secretParameters =
  /([?&;][^=&;#]{0,40}(?:token|key|secret|passw|pwd|auth|session|sig|credential|mail|phone)[^=&;#]{0,40}=)[^&;#\s]{1,4096}/gi;
const identifying: readonly RegExp[] = [
  ...secrets.slice(0, -1),
  emails,
  ...handles.slice(0, 2),
  /(?<![\p{L}\p{N}])\+\d(?:[ ().-]?\d){7,16}(?!\d)/gu,
];
const invisible = /[\u00AD\u200B\u2060\uFEFF]/g;

/** One is enough for nearly every text; the bound is for one that was made to need many. */
const MOST_PASSES = 10;

/**
 * Removes e-mail addresses, telephone numbers, handles, IBANs, card numbers, web addresses (they may carry a password or a
 * token), keys and tokens from a text. What is left over of two numbers may look like a third: it goes on until nothing is found.
 */
export function removePersonalData(text: string): string {
  let result = text;
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    const cleaned = removeOnce(result);
    if (cleaned === result) break;
    result = cleaned;
  }
  return result;
}

function removeOnce(text: string): string {
  // A space in the place of each: what stood left and right of it must not grow together into something new.
  let result = text.replace(invisible, '').replace(webAddresses, ' ');
  for (const pattern of secrets) result = result.replace(pattern, ' ');
  result = result.replace(fullHandles, ' ').replace(disguisedEmails, ' ').replace(emails, ' ');
  result = result.replace(ibans, (found) => (looksLikeIban(found) ? ' ' : found));
  result = result.replace(digitRuns, (found) => (holdsCardNumber(found) ? ' ' : found));
  for (const pattern of phones) result = result.replace(pattern, ' ');
  for (const pattern of handles) result = result.replace(pattern, ' ');
  return result === text ? text : tidied(result);
}

/**
 * Removes the same from an identifier, except for what is made of digits or letters alone: identifiers are, and one that is
 * mistaken for a telephone number is none any more.
 */
export function removeFromIdentifier(identifier: string): string {
  let result = identifier.replace(/:\/\/[^\s/?#@]{1,512}@/g, '://').replace(secretParameters, '$1removed');
  for (const pattern of identifying) result = result.replace(pattern, 'removed');
  return result;
}

function looksLikeIban(found: string): boolean {
  return found.replace(/\D/g, '').length >= 8;
}

function holdsCardNumber(found: string): boolean {
  const digits = found.replace(/\D/g, '');
  for (let start = 0; start + 13 <= digits.length; start += 1) {
    for (let length = 13; length <= 19 && start + length <= digits.length; length += 1) {
      if (passesLuhn(digits.slice(start, start + length))) return true;
    }
  }
  return false;
}

/** ISO/IEC 7812-1, annex B. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits.at(-1 - index));
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Closes the gaps: empty brackets, spaces before punctuation, punctuation left alone at either end. */
function tidied(text: string): string {
  return text
    .replace(/[([{]\s{0,10}[\])}]/g, ' ')
    .replace(/\s{1,1000}/g, ' ')
    .replace(/ (?=[,.;:!?](?:\s|$))/g, '')
    .replace(/^[\s,.;:–—-]{1,100}|[\s,;:–—-]{1,100}$/g, '');
}
