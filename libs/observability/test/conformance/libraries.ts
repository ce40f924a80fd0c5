import type * as common from '@nestjs/common';
import type * as core from '@nestjs/core';
import type * as rxjs from 'rxjs';

/** The copies that the application under test is made of: of any major version, ES modules or CommonJS. */
export interface Libraries {
  readonly common: typeof common;
  readonly core: typeof core;
  readonly rxjs: typeof rxjs;
}

/** What a probe sees of the running application. */
export interface Running {
  readonly app: common.INestApplication;
  request(path: string, init?: RequestInit): Promise<unknown>;
}

/** One observation. Its result has to be the same with and without the instrumentation. */
export interface Probe {
  readonly title: string;
  readonly run: (running: Running) => unknown;
}

/** A part of the application: what its module declares, and what is asked of it. */
export interface Part {
  readonly providers: common.Provider[];
  readonly controllers?: common.Type[];
  readonly imports?: common.ModuleMetadata['imports'];
  readonly prepare?: (app: common.INestApplication) => void;
  readonly probes: readonly Probe[];
}
