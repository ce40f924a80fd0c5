/**
 * Environment in which what a dead process had in its hands is free for others after seconds, so that a short drill does not
 * mostly wait. The long forms leave the defaults.
 */
export const quickLeases = { EVENT_LEASE_SECONDS: '3', JOB_LEASE_SECONDS: '6' };
