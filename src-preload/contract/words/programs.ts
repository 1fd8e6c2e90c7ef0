/** The server for other programs. */
export const PROGRAM_WORDS = {
  closing_calls: 'Sluice is closing its local API, so this call was ended. Ask again once it runs.',
  programs_many_keys: 'There are {most} keys already. Revoke one that is no longer used.',
  programs_no_key: 'There is no such key.',
  trial_off: 'The local API is off. Switch it on, then try again.',
  trial_status: 'The address answered with status {code}.',
  trial_no_message: 'The address answered, but not with a message.',
  trial_too_late: 'No answer came within {seconds} seconds.',
  trial_unreachable: 'The address could not be reached{status}. Something on this computer may stand in between.',
} as const;
