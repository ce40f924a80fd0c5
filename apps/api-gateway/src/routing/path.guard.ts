/**
 * Whether a request's path means the same to everybody: no dot segments, empty segments, backslashes or control characters, plain
 * or percent-encoded, and no broken escapes. What one server would resolve and the next would not never reaches a service.
 */
export function isUnambiguousPath(url: string): boolean {
  const end = url.search(/[?#]/);
  const path = end === -1 ? url : url.slice(0, end);
  if (!path.startsWith('/') || path.includes('//')) return false;
  // An encoded separator, NUL or percent sign is a second meaning for whoever decodes once more.
  if (/%(?![0-9a-f]{2})|%(?:2f|5c|25|00)/i.test(path)) return false;
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return false;
  }
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\\\u0000-\u001f\u007f]/.test(decoded)) return false;
  return !decoded.split('/').some((segment) => /^\.{1,2}(?:;|$)/.test(segment));
}
