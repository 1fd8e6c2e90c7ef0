import type { z } from 'zod';
import { AppFailure } from '../../platform/app-failure.ts';
import type { FeedbackRow } from '../../store/feedback-repository.ts';
import { type ApiRoute, json, route } from '../api-route.ts';
import { type RunsApiParts, requireRun } from './runs-api-parts.ts';
import { feedbackBody } from './schemas.ts';

/** A vote as programs see it. */
export function toFeedback(row: FeedbackRow): Record<string, unknown> {
  return {
    feedback_id: row.id,
    run_id: row.runId,
    thread_id: row.sessionId,
    user_id: row.userId,
    owner_id: row.userId,
    message_id: row.messageId,
    rating: row.rating,
    comment: row.comment,
    created_at: new Date(row.createdAtMs).toISOString(),
    updated_at: new Date(row.updatedAtMs).toISOString(),
  };
}

const PATH = '/api/threads/{thread_id}/runs/{run_id}/feedback';

/** Votes on answers: one for each run and user. */
export function feedbackRoutes(parts: RunsApiParts): ApiRoute[] {
  const { store, desk } = parts;
  const runOf = (params: Record<string, string>) =>
    requireRun(parts, params['thread_id'] ?? '', params['run_id'] ?? '');
  const gone = () => new AppFailure('not_found', 'There is no such feedback on this run.');
  const vote = (params: Record<string, string>, body: z.output<typeof feedbackBody>, isNew: boolean) =>
    desk.vote(
      runOf(params),
      { rating: body.rating, comment: body.comment ?? null, messageId: body.message_id ?? null },
      { isNew },
    );

  return [
    route({
      method: 'PUT',
      path: PATH,
      operationId: 'putFeedback',
      summary: 'Votes on a run, or changes the vote. Its id and its first moment stay.',
      scope: 'feedback:write',
      body: feedbackBody,
      answer: async ({ params, body }) => json(toFeedback(await vote(params, body, false))),
    }),
    route({
      method: 'POST',
      path: PATH,
      operationId: 'createFeedback',
      summary: 'Votes on a run that has no vote yet.',
      scope: 'feedback:write',
      body: feedbackBody,
      answer: async ({ params, body }) => ({ status: 201, body: toFeedback(await vote(params, body, true)) }),
    }),
    route({
      method: 'GET',
      path: PATH,
      operationId: 'listFeedback',
      summary: 'The votes on a run.',
      scope: 'runs:read',
      answer: ({ params }) => {
        const run = runOf(params);
        return json(store.feedback.ofRun(run.sessionId, run.id, null).map(toFeedback));
      },
    }),
    route({
      method: 'GET',
      path: `${PATH}/stats`,
      operationId: 'getFeedbackStats',
      summary: 'How many voted on a run, and how.',
      scope: 'runs:read',
      answer: ({ params }) => {
        const run = runOf(params);
        return json({ run_id: run.id, ...store.feedback.stats(run.sessionId, run.id) });
      },
    }),
    route({
      method: 'GET',
      path: `${PATH}/{feedback_id}/history`,
      operationId: 'getFeedbackHistory',
      summary: 'What a vote was, from its beginning to now.',
      scope: 'runs:read',
      answer: ({ params }) => {
        const run = runOf(params);
        const feedbackId = params['feedback_id'] ?? '';
        if (!store.feedback.ofRun(run.sessionId, run.id, null).some((row) => row.id === feedbackId)) throw gone();
        return json(
          store.feedback.changes(feedbackId, null).map(({ rating, comment, messageId, atMs }) => ({
            rating,
            comment,
            message_id: messageId,
            at: new Date(atMs).toISOString(),
          })),
        );
      },
    }),
    route({
      method: 'DELETE',
      path: PATH,
      operationId: 'deleteOwnFeedback',
      summary: 'Takes the own vote on a run back.',
      scope: 'feedback:write',
      answer: async ({ params }) => {
        if (!(await desk.takeBack(runOf(params)))) throw gone();
        return { status: 204 };
      },
    }),
    route({
      method: 'DELETE',
      path: `${PATH}/{feedback_id}`,
      operationId: 'deleteFeedback',
      summary: 'Removes one vote of a run.',
      scope: 'feedback:write',
      answer: async ({ params }) => {
        if (!(await desk.takeBack(runOf(params), params['feedback_id'] ?? ''))) throw gone();
        return { status: 204 };
      },
    }),
  ];
}
