import { ESTIMATED } from './chart-series.ts';

const SERIES = ['series-1', 'series-2', 'series-3', 'series-4', 'series-5'];

/** How a series looks, wherever it is shown. */
export function seriesClass(series: number): string {
  return series === ESTIMATED ? 'series-estimated' : (SERIES[series] ?? 'series-5');
}
