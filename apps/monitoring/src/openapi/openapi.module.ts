import { Module } from '@nestjs/common';
import { OpenApiController } from './openapi.controller.js';

/** The machine-readable description of the routes. */
@Module({ controllers: [OpenApiController] })
export class OpenApiModule {}
