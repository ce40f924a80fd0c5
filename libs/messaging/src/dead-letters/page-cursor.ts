import { BadRequestException } from '@nestjs/common';
import { z } from 'zod';
import type { DeadLetter } from './dead-letter.js';
import type { PageEnd } from './dead-letters.repository.js';

const content = z.tuple([z.iso.datetime(), z.uuid()]);

/** Callers hand it back as it is; what is in it may change. */
export function cursorOf(last: DeadLetter): string {
  return Buffer.from(JSON.stringify([last.failedAt, last.id])).toString('base64url');
}

/** @throws BadRequestException if we did not make it */
export function pageEndOf(cursor: string): PageEnd {
  const { data } = content.safeParse(parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (data === undefined) throw new BadRequestException('cursor: not one of ours', { errorCode: 'invalid-request' });
  const [failedAt, id] = data;
  return { failedAt, id };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
