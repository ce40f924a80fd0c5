import { Module } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { SlaController } from './sla.controller.js';
import { SlaRepository } from './sla.repository.js';

/** What is agreed on, and how it is kept. */
@Module({ controllers: [SlaController], providers: [SlaRepository], exports: [SlaRepository] })
export class SlaModule implements OnModuleInit {
  constructor(private readonly sla: SlaRepository) {}

  /** What views show follows the settings of the instance that started last. */
  async onModuleInit(): Promise<void> {
    await this.sla.storeSettings();
  }
}
