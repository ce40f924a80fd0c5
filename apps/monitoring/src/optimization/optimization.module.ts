import { Module } from '@nestjs/common';
import { OptimizationController } from './optimization.controller.js';

@Module({ controllers: [OptimizationController] })
export class OptimizationModule {}
