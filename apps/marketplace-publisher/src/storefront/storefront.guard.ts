import { createHash, timingSafeEqual } from 'node:crypto';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Injectable, UnauthorizedException } from '@nestjs/common';
import { StorefrontOptions } from './storefront.options.js';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Lets in who carries the storefront's bearer key. */
@Injectable()
export class StorefrontGuard implements CanActivate {
  private readonly expected: Buffer;

  constructor(options: StorefrontOptions) {
    this.expected = digest(`Bearer ${options.apiKey}`);
  }

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string | undefined> }>();
    // Digests have one length, so that the comparison takes one time.
    if (!timingSafeEqual(digest(headers['authorization'] ?? ''), this.expected)) {
      throw new UnauthorizedException('The storefront asks for its bearer key.');
    }
    return true;
  }
}
