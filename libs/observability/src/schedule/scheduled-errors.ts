import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { ErrorReporter } from '../errors/error-reporter.js';
import { NotTraced } from '../tracing/traced.decorator.js';
import { reportWith } from './scheduled-reporters.js';

/** Makes the application's reporter known for its providers and controllers, before any scheduler starts. */
@Injectable()
@NotTraced()
export class ScheduledErrors implements OnModuleInit {
  constructor(
    private readonly modules: ModulesContainer,
    private readonly reporter: ErrorReporter,
  ) {}

  onModuleInit(): void {
    for (const module of this.modules.values()) {
      for (const wrapper of [...module.providers.values(), ...module.controllers.values()]) {
        // What is made per request is never scheduled.
        if (!wrapper.isDependencyTreeStatic()) continue;
        const instance: unknown = wrapper.instance;
        if (typeof instance === 'object' && instance !== null) reportWith(instance, this.reporter);
      }
    }
  }
}
