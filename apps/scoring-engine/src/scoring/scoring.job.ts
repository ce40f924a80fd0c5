import { z } from 'zod';

/** Name of the job that scores an idea once its signals are gathered; its key is the idea's id. */
export const scoreIdeaJob = 'score-idea';
export const scoreIdeaPayload = z.object({ ideaId: z.uuid() });
export type ScoreIdeaPayload = z.output<typeof scoreIdeaPayload>;
