import { Module } from '@nestjs/common';
import { DecisionsConsumer } from './decisions.consumer.js';

@Module({ providers: [DecisionsConsumer] })
export class DecisionsModule {}
