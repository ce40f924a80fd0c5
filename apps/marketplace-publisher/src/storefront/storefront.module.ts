import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { StorefrontAdminController } from './storefront.admin.controller.js';
import { StorefrontApiController } from './storefront.api.controller.js';
import { StorefrontController } from './storefront.controller.js';
import { FaultsInterceptor } from './faults.interceptor.js';
import { StorefrontFaults } from './storefront.faults.js';
import { StorefrontGuard } from './storefront.guard.js';
import { imageMediaTypes } from './storefront.images.js';
import { largestImageBytes, StorefrontOptions } from './storefront.options.js';
import { StorefrontRepository } from './storefront.repository.js';

type ParserDone = (error: Error | null, body?: unknown) => void;

/** The part of the HTTP server that takes parsers for further media types. */
interface ParserHost {
  addContentTypeParser(
    types: string | readonly string[],
    options: { parseAs: 'buffer'; bodyLimit: number },
    parse: (request: unknown, body: Buffer, done: ParserDone) => void,
  ): unknown;
}

const largestFormBytes = 1_024;

/** The built-in marketplace: pages for buyers and an API for sellers, in a schema of its own. */
@Module({})
export class StorefrontModule {
  constructor({ httpAdapter }: HttpAdapterHost) {
    const server = httpAdapter.getInstance<ParserHost>();
    server.addContentTypeParser(
      imageMediaTypes,
      { parseAs: 'buffer', bodyLimit: largestImageBytes },
      (_, body, done) => {
        done(null, body);
      },
    );
    // Browsers send this type with every form; our forms have no fields.
    server.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'buffer', bodyLimit: largestFormBytes },
      (_, _body, done) => {
        done(null, undefined);
      },
    );
  }

  static register(options: { readonly apiKey: string; readonly faults: boolean }): DynamicModule {
    return {
      module: StorefrontModule,
      controllers: [
        ...(options.faults ? [StorefrontAdminController] : []),
        StorefrontApiController,
        StorefrontController,
      ],
      providers: [
        { provide: StorefrontOptions, useValue: new StorefrontOptions(options) },
        StorefrontRepository,
        StorefrontGuard,
        StorefrontFaults,
        FaultsInterceptor,
      ],
    };
  }
}
