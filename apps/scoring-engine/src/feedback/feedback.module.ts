import { Module } from '@nestjs/common';
import { FeedbackConsumer } from './feedback.consumer.js';

@Module({ providers: [FeedbackConsumer] })
export class FeedbackModule {}
