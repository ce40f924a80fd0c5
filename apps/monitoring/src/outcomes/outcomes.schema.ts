import { z } from 'zod';

export const outcomesQuery = z.object({ ingestionId: z.uuid() });
