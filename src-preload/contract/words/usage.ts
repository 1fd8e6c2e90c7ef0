/** Budgets, prices, limits. */
export const USAGE_WORDS = {
  budget_gone: 'This budget is not there any more.',
  no_amount: '“{text}” is not an amount. Write it as 60 or 12.50.',
  program_cap_busy:
    'The calls of the key “{name}” that are under way may use up what is left of its {limit} {currency}. Send the next one when one of them is over, or raise its limit in the settings, under Local API.',
  program_cap_spent:
    'The key “{name}” has spent its {limit} {currency} for {period}, so nothing new is sent for it. Raise its limit in the settings, under Local API.',
  no_price:
    '“{text}” is not a price. Write it for a million tokens, with a point and at most six digits after it, such as 3.75.',
  price_needs_both: 'A price needs both: what goes in and what comes out. Write 0 for free.',
  price_entry_empty: 'This entry says nothing yet. Write a price or how much the model takes.',
  price_entry_there: 'There is an entry for “{model}” already. Change that one.',
  price_entry_gone: 'This entry is not there any more.',
  no_time_zone: '“{asked}” is not a time zone. Name one such as Europe/Berlin.',
  for_today: 'today',
  for_month: 'this month',
} as const;
