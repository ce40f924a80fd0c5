import { expect, it } from '@jest/globals';
import * as semconv from './semconv.js';

it('emits these names and no others', () => {
  expect({ ...semconv }).toMatchSnapshot();
});
