import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { AuditService } from './audit.service.js';

@Module({})
export class AuditModule {
  static register(access: DynamicModule): DynamicModule {
    return { module: AuditModule, imports: [access], providers: [AuditService] };
  }
}
