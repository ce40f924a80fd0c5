/** Nest and the service, nothing else: what the other variants are divided by. */
import 'reflect-metadata';
import * as nest from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { host } from '../service/host.mjs';
import { defineModule, defineService } from '../service/service.mjs';

const AppModule = defineModule(nest, defineService(nest));
await host(await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false }));
