import { Module } from '@nestjs/common';
import { FeedbackConsumer } from './feedback.consumer.js';
import { WeightsConsumer } from './weights.consumer.js';

@Module({ providers: [FeedbackConsumer, WeightsConsumer] })
export class FeedbackModule {}
