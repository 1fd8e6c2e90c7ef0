import i18next from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CostSum } from '#contract/usage-report';
import en from '../locales/en.json';
import { briefCost } from './cost-text.ts';

const sum = (amount: string, estimated = '0', currency = 'USD') => ({ amount, estimated, currency });
const cost = (amounts: CostSum['amounts'], unpricedCalls = 0): CostSum => ({ amounts, unpricedCalls });

describe('the cost of one answer', () => {
  beforeAll(() => i18next.init({ lng: 'en', resources: { en: { translation: en } } }));

  it('[E7-16] says what is estimated, adds no currencies, and never shows an unknown price as nothing', () => {
    expect(briefCost(cost([sum('0.25')]))).toBe('$0.25');
    expect(briefCost(cost([sum('0.25', '0.1')]))).toBe('≈ $0.25');
    expect(briefCost(cost([sum('0.25'), sum('0.5', '0', 'EUR')]))).toBe('$0.25 + €0.50');
    expect(briefCost(cost([], 1))).toBe('Price unknown');
    expect(briefCost(cost([sum('0')], 1))).toBe('$0.00 + 1 unknown');
  });

  it('is left out where nothing was booked, and where it is free', () => {
    expect(briefCost(cost([]))).toBeNull();
    expect(briefCost(cost([sum('0')]))).toBeNull();
  });
});
