/**
 * The time of a log line as pino takes it, `,"time":"2027-01-31T12:00:00.000Z"`. Most of making an ISO time is the same for all lines
 * of one second, and everything for those of one millisecond.
 */
export function isoTimes(now: () => number = Date.now): () => string {
  let second = NaN;
  let begin = '';
  let at = NaN;
  let text = '';
  return () => {
    const time = now();
    if (time === at) return text;
    const inSecond = time % 1_000;
    if (time - inSecond !== second) {
      second = time - inSecond;
      begin = `,"time":"${new Date(second).toISOString().slice(0, -4)}`;
    }
    at = time;
    return (text = `${begin}${inSecond < 10 ? '00' : inSecond < 100 ? '0' : ''}${inSecond}Z"`);
  };
}
