import { ConflictException, NotFoundException } from '@nestjs/common';

/** 404: no idea with this identifier was ever scored here. */
export class IdeaNotFound extends NotFoundException {
  constructor(ideaId: string) {
    super(`There is no idea ${ideaId}.`, { errorCode: 'idea-not-found' });
  }
}

/** 409: the idea's state does not allow what was asked for. */
export class StateConflict extends ConflictException {
  constructor(action: string, state: string) {
    super(`Cannot ${action} an idea that is ${state}.`, { errorCode: 'state-conflict' });
  }
}
