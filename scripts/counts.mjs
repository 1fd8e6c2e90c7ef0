// Sums of test reports. They are read from the runners' JSON files: coloured text changes with every release.

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 */

/** @type {Counts} */
export const NO_COUNTS = Object.freeze({ passed: 0, failed: 0, skipped: 0 });

/**
 * @param {Counts[]} parts
 * @returns {Counts}
 */
export function addCounts(...parts) {
  return {
    passed: parts.reduce((sum, part) => sum + part.passed, 0),
    failed: parts.reduce((sum, part) => sum + part.failed, 0),
    skipped: parts.reduce((sum, part) => sum + part.skipped, 0),
  };
}

/** @param {Counts} counts */
export function formatCounts(counts) {
  return `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
}

/**
 * @param {Record<string, unknown>} report
 * @param {string} key
 */
function numberAt(report, key) {
  const value = report[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isRecord(value) {
  return typeof value === 'object' && value !== null;
}

/**
 * The counts of vitest's JSON report. A file that could not be loaded has no failed test in it, so it counts as one.
 *
 * @param {unknown} report
 * @returns {Counts | null} null when this is no such report
 */
export function vitestCounts(report) {
  if (!isRecord(report) || !('numTotalTests' in report)) return null;
  const files = report['testResults'];
  const unloadable = Array.isArray(files)
    ? files.filter(
        (file) =>
          isRecord(file) &&
          file['status'] === 'failed' &&
          Array.isArray(file['assertionResults']) &&
          file['assertionResults'].length === 0,
      ).length
    : 0;
  return {
    passed: numberAt(report, 'numPassedTests'),
    failed: numberAt(report, 'numFailedTests') + unloadable,
    skipped: numberAt(report, 'numPendingTests') + numberAt(report, 'numTodoTests'),
  };
}

/** More tests than this that pass only at a second try are no stumbling machine but a defect. */
export const MOST_SECOND_TRIES = 3;

/**
 * The counts of Playwright's JSON report. A test that passed only at a second try counts as passed while they are few, and
 * all of them count as failed where they are more than `MOST_SECOND_TRIES`; an error outside any test counts as one.
 *
 * @param {unknown} report
 * @returns {Counts | null} null when this is no such report
 */
export function playwrightCounts(report) {
  if (!isRecord(report)) return null;
  const { stats, errors } = report;
  if (!isRecord(stats)) return null;
  const flaky = numberAt(stats, 'flaky');
  const forgiven = flaky <= MOST_SECOND_TRIES;
  return {
    passed: numberAt(stats, 'expected') + (forgiven ? flaky : 0),
    failed: numberAt(stats, 'unexpected') + (forgiven ? 0 : flaky) + (Array.isArray(errors) ? errors.length : 0),
    skipped: numberAt(stats, 'skipped'),
  };
}

/**
 * The titles of the tests that passed only at a second try, for the reader of a log: each is worth a look.
 *
 * @param {unknown} report Playwright's JSON report
 * @returns {string[]}
 */
export function secondTries(report) {
  if (!isRecord(report)) return [];
  const inner = Array.isArray(report['suites']) ? report['suites'].flatMap(secondTries) : [];
  const specs = Array.isArray(report['specs']) ? report['specs'] : [];
  const own = specs.filter(
    (spec) =>
      isRecord(spec) &&
      Array.isArray(spec['tests']) &&
      spec['tests'].some((each) => isRecord(each) && each['status'] === 'flaky'),
  );
  return [...own.map((spec) => String(spec.title)), ...inner];
}

/**
 * What a test runner's run counts as. Nothing tested is a failure, and so is a non-zero exit that no test explains (a
 * rejected promise outside any test, a crash, a broken-off run).
 *
 * @param {Counts | null} counts
 * @param {number} exitCode
 * @returns {Counts}
 */
export function judgeRun(counts, exitCode) {
  if (counts === null) return { ...NO_COUNTS, failed: 1 };
  const silent = counts.failed === 0 && (exitCode !== 0 || counts.passed === 0);
  return silent ? { ...counts, failed: 1 } : counts;
}
