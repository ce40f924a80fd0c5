export { foreignTrace } from './service-events.js';
export type { EventsWanted, ServiceEvents } from './service-events.js';
export { quickTuning, startWithDatabase } from './start-with-database.js';
export type { ServiceUnderTest } from './start-with-database.js';
