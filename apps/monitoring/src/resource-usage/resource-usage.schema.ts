import { serviceNames } from '@signalpress/contracts';
import { z } from 'zod';
import { page, windowHours } from '../series/window.js';

export const resourceUsageQuery = z.object({
  windowHours: windowHours.default(1),
  service: z.enum(serviceNames).optional(),
  ...page,
});
export type ResourceUsageQuery = z.output<typeof resourceUsageQuery>;

/** Answer of `GET /resource-usage`: the newest sample of every service, and a page of five-minute buckets, newest first. */
export const resourceUsageReport = z.object({
  from: z.iso.datetime(),
  until: z.iso.datetime(),
  current: z.array(
    z.object({
      service: z.string(),
      up: z.boolean(),
      cpuCores: z.number().nullable(),
      residentMemoryBytes: z.int().nullable(),
      heapUsedBytes: z.int().nullable(),
      eventLoopLagSeconds: z.number().nullable(),
      sampledAt: z.iso.datetime(),
    }),
  ),
  items: z.array(
    z.object({
      bucket: z.iso.datetime(),
      service: z.string(),
      upShare: z.number().min(0).max(1),
      meanCpuCores: z.number().nullable(),
      maxCpuCores: z.number().nullable(),
      meanResidentMemoryBytes: z.number().nullable(),
      maxResidentMemoryBytes: z.int().nullable(),
      maxEventLoopLagSeconds: z.number().nullable(),
    }),
  ),
  nextCursor: z.string().nullable(),
});
export type ResourceUsageReport = z.output<typeof resourceUsageReport>;
