import { Module } from '@nestjs/common';
import { ResourceUsageController } from './resource-usage.controller.js';

@Module({ controllers: [ResourceUsageController] })
export class ResourceUsageModule {}
