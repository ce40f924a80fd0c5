import { BadRequestException, Injectable, StandardSchemaValidationPipe } from '@nestjs/common';
import type { ArgumentMetadata } from '@nestjs/common';
import { NotTraced } from '@signalpress/observability';
import type { FieldError } from './problem-details.js';

/** More errors than this help nobody, and their number is the caller's to choose. */
const errorsShown = 50;

/** A request that does not fit the schema of its route: 400 with what to change, field by field. */
export class InvalidRequest extends BadRequestException {
  readonly errors: readonly FieldError[];

  constructor(errors: readonly FieldError[]) {
    super('The request does not fit what this route takes.');
    this.errors = errors.slice(0, errorsShown);
  }
}

/** Checks `@Body({ schema })`, `@Query({ schema })` and `@Param({ schema })` and hands on the parsed value. */
@Injectable()
@NotTraced()
export class RequestValidationPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({
      exceptionFactory: (issues) =>
        new InvalidRequest(
          issues.map(({ path = [], message }) => ({
            field: path.map((segment) => String(typeof segment === 'object' ? segment.key : segment)).join('.'),
            message,
          })),
        ),
    });
  }

  override async transform<T>(value: T, metadata: ArgumentMetadata): Promise<T> {
    try {
      return await super.transform(value, metadata);
    } catch (error) {
      if (!(error instanceof InvalidRequest)) throw error;
      // An issue with the value as a whole has no path: name the parameter, or the part of the request.
      const whole = metadata.data ?? metadata.type;
      const inside = metadata.data === undefined ? '' : `${metadata.data}.`;
      throw new InvalidRequest(
        error.errors.map(({ field, message }) => ({ field: field === '' ? whole : `${inside}${field}`, message })),
      );
    }
  }
}
