import { z } from 'zod';

/** A whole number within bounds, e.g. `z.object({ WORKERS: wholeNumber(1, 64).default(4) })`. */
export function wholeNumber(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^-?\d{1,15}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message);
}

/** A decimal number within bounds. */
export function decimal(min: number, max: number) {
  const message = `must be a number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^-?\d{1,15}(\.\d{1,15})?$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message);
}

/** `1`, `true`, `0` or `false`. */
export function flag() {
  return z
    .enum(['1', 'true', '0', 'false'], 'must be 1, true, 0 or false')
    .transform((value) => value === '1' || value === 'true');
}

/** The address of another service, without a slash at its end. */
export function serviceUrl() {
  return z
    .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
    .refine((value) => URL.canParse(value) && new URL(value).search === '', 'must not have a query')
    .transform((value) => value.replace(/\/+$/, ''));
}
