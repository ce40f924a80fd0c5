// What needs a real OpenTelemetry Collector, which takes minutes to build the first time.
module.exports = { ...require('./jest.config.cjs'), testMatch: ['<rootDir>/collector/**/*.spec.ts'] };
