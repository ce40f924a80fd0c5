import { Module } from '@nestjs/common';
import { QueueLengthController } from './queue-length.controller.js';

@Module({ controllers: [QueueLengthController] })
export class QueueLengthModule {}
