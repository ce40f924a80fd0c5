export { builtCollector, collectorBinary, CollectorUnavailableError, configurationFile } from './collector-binary.js';
