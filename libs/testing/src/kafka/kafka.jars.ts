import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { KafkaEnvironment } from './kafka.environment.js';
import { kafkaEnvironment } from './kafka.environment.js';
import { holdLock } from './kafka.lock.js';

/** The broker that specs run against; the jars of another version live beside it. */
export const KAFKA_VERSION = '4.3.1';
const SCALA_VERSION = '2.13';
const COPY_GOAL = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
const LEAST_JAVA = 17;
const DOWNLOAD_MS = 300_000;

/** One sentence that says why there is no broker. */
export class KafkaUnavailableError extends Error {
  override readonly name = 'KafkaUnavailableError';
}

/**
 * The directory that holds the broker's jar files: those of an earlier run, or fetched by Maven now, by one process at a time.
 * Synchronous, because specs must know before they are declared whether they run.
 *
 * @throws KafkaUnavailableError without Java 17, Maven or a repository that answers.
 */
export function kafkaJars(environment: KafkaEnvironment = kafkaEnvironment()): string {
  checkJava(environment);
  const directory = join(environment.cacheDirectory, `kafka-${KAFKA_VERSION}`);
  if (existsSync(directory)) return directory;
  const maven = findProgram('mvn', environment);
  if (maven === undefined) {
    throw new KafkaUnavailableError(
      `Kafka ${KAFKA_VERSION} is not in ${directory}, and without Maven it cannot be fetched`,
    );
  }
  makeDirectory(environment.cacheDirectory);
  const release = holdLock(`${directory}.lock`, DOWNLOAD_MS);
  try {
    if (!existsSync(directory)) download(maven, directory);
  } finally {
    release();
  }
  return directory;
}

function checkJava(environment: KafkaEnvironment): void {
  const java = findProgram('java', environment);
  if (java === undefined)
    throw new KafkaUnavailableError(`Kafka needs Java ${LEAST_JAVA}, and there is no java in the PATH`);
  const { stderr } = spawnSync(java, ['-version'], { encoding: 'utf8', timeout: 20_000 });
  const major = Number(/version "(\d+)/.exec(stderr)?.[1]);
  if (!(major >= LEAST_JAVA)) {
    const found = Number.isNaN(major) ? 'one that does not tell its version' : String(major);
    throw new KafkaUnavailableError(`Kafka needs Java ${LEAST_JAVA}, and the java in the PATH is ${found}`);
  }
}

/** The jars appear under their name in one step: what is there is complete. */
function download(maven: string, directory: string): void {
  const draft = `${directory}.${process.pid}`;
  const project = `${draft}.project`;
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, 'pom.xml'), pom());
  const options = ['-B', '-q', COPY_GOAL, '-DincludeScope=runtime', `-DoutputDirectory=${draft}`];
  try {
    const run = spawnSync(maven, options, { cwd: project, encoding: 'utf8', timeout: DOWNLOAD_MS });
    if (run.status !== 0 || !hasBroker(draft)) {
      throw new KafkaUnavailableError(
        `Kafka ${KAFKA_VERSION} could not be fetched by Maven: ${firstComplaint(run.stdout)}`,
      );
    }
    renameSync(draft, directory);
  } finally {
    for (const leftover of [draft, project]) rmSync(leftover, { recursive: true, force: true });
  }
}

function pom(): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>signalpress</groupId>
  <artifactId>kafka-for-tests</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_${SCALA_VERSION}</artifactId>
      <version>${KAFKA_VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;
}

function hasBroker(directory: string): boolean {
  return existsSync(directory) && readdirSync(directory).includes(`kafka_${SCALA_VERSION}-${KAFKA_VERSION}.jar`);
}

function firstComplaint(output: string | null): string {
  const line = (output ?? '').split('\n').find((text) => text.includes('[ERROR]'));
  return line?.replace('[ERROR]', '').trim().slice(0, 300) ?? 'it did not say why';
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw new KafkaUnavailableError(`the directory ${directory} for Kafka's files cannot be made`, { cause: error });
  }
}

function findProgram(name: string, environment: KafkaEnvironment): string | undefined {
  return environment.path
    .split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
