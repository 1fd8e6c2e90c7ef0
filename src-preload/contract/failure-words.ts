import { type FailureSaying, isSayingOf } from './failure-saying.ts';
import { TIME_WORDS } from './failure-time.ts';
import { ANSWER_WORDS } from './words/answers.ts';
import { DATA_WORDS } from './words/data.ts';
import { FILE_WORDS } from './words/files.ts';
import { KEY_WORDS } from './words/keys.ts';
import { PROGRAM_WORDS } from './words/programs.ts';
import { REQUEST_WORDS } from './words/requests.ts';
import { RUN_WORDS } from './words/runs.ts';
import { SETUP_WORDS } from './words/setup.ts';
import { USAGE_WORDS } from './words/usage.ts';

/**
 * The sentences that the core says to a person, by name. The core says them in English; the page says them again in the
 * person's language, from the same facts. Those of the way to an upstream are here, those of each room under `words/`.
 *
 * `{upstream}` and the like are facts. `{status}`, `{quote}` and `{field}` bring their own punctuation and are nothing where
 * they are absent, `{in}` is milliseconds that are written as a time, and what ends with `Bytes` is a size.
 */
export const FAILURE_WORDS = {
  // How the facts are written.
  _status: ' ({status})',
  _quote: ': “{quote}”',
  _field: ': “{field}”',
  ...TIME_WORDS,

  // What an upstream answered.
  redirected:
    '“{upstream}” sent this request to another address instead of answering it, which Sluice does not follow{status}. Check the address of the profile: the final one belongs there.',
  refused_the_way:
    '“{upstream}” refused the way by which this request came, not the request{status}. Check the address of the profile, and its proxy.',
  web_page: '“{upstream}” answered with a web page instead of data{status}. Check the address of the profile.',
  asks_for_key: '“{upstream}” asks for a key{status}. Add one to the profile.',
  key_refused: '“{upstream}” did not accept the key{status}. Replace the key.',
  not_allowed:
    '“{upstream}” does not allow this with the key in use{status}{quote}. Check what the key may do, or replace it.',
  no_credit:
    '“{upstream}” has no credit left for this key{status}{quote}. Add credit with the provider, or use another key.',
  overage:
    '“{upstream}” has given this account what goes beyond its plan, and no more just now{status}{quote}. Try again {in}, or use another key.',
  flagged:
    '“{upstream}” reports unusual activity on this account{status}{quote}. Sluice has stopped using its keys for a while and tries no way around it. Look into the account with the provider.',
  rate_limited: '“{upstream}” takes no more requests just now{status}{quote}. Try again {in}.',
  overloaded: '“{upstream}” is overloaded{status}{quote}. Try again in a moment.',
  too_long_for_model:
    '“{upstream}” says that this conversation is too long for the model{status}{quote}. Shorten it, start a new session, or choose a model with a larger context.',
  too_large:
    '“{upstream}” says that this request is too large{status}{quote}. Shorten the message or leave out attachments.',
  unknown_model: '“{upstream}” does not know this model{status}{quote}. Choose another model.',
  nothing_there: '“{upstream}” has nothing at this address{status}{quote}. Check the address of the profile.',
  refused: '“{upstream}” refused this request{status}{quote}. Change the message or the model, then try again.',
  too_late: '“{upstream}” did not get an answer in time{status}{quote}. Try again.',
  server_failed: '“{upstream}” failed while it was answering{status}{quote}. Try again in a moment.',
  empty_answer:
    'The upstream finished without an answer. That usually means an invalid key or a model it does not know.',

  // The way there.
  nobody_answers: 'Nothing answers at the address of “{upstream}”. Start it there, or check the address.',
  unknown_host: 'The host name of “{upstream}” cannot be found. Check the address and your connection.',
  unreachable: '“{upstream}” cannot be reached. Check your connection, then try again.',
  no_http:
    'What answers at the address of “{upstream}” does not speak HTTP as expected. Check the address, and http or https.',
  certificate: 'The certificate of “{upstream}” could not be verified, so nothing was sent. Check the address.',
  no_handshake:
    '“{upstream}” and Sluice found no way to encrypt that both know, so nothing was sent. Check the address; what answers there must speak TLS 1.2 or newer, and HTTP/1.1.',
  hung_up: '“{upstream}” closed the connection without an answer. Try again.',
  connection_cut:
    'The connection to “{upstream}” was cut before the answer was complete. What arrived is kept. Try again for a whole answer.',
  began_too_late:
    '“{upstream}” did not begin to answer within {seconds} s. Try again, or allow more time in the settings.',
  silent_too_long:
    '“{upstream}” said nothing for {seconds} s. What arrived is kept. Try again, or allow more time in the settings.',
  ended_too_late: '“{upstream}” did not finish within {seconds} s. Try again, or allow more time in the settings.',

  // Keys.
  no_key: '“{upstream}” has no key yet. Add one to use it.',
  keys_busy_line:
    'All keys of this profile are in use, and {limit} requests wait for one already. Try again later, or let a key serve more requests at once.',
  keys_busy_long:
    'All keys of this profile were in use for {seconds} s. Try again, add a key, or let a key serve more requests at once.',
  keys_resting:
    'All keys of this profile are resting, and the first one is back {in}: {reason} Wait, add a key, or reset one in the list of keys.',
  keys_stopped:
    'The keys of this account are stopped, and the first one is tried again {in}: {reason} Look into the account with the provider.',
  other_origin:
    'The keys of this profile were approved for {approved}, so nothing was sent to {origin}. Confirm the new address under Credentials, or add a key for it.',
  keys_locked: 'The keys of this profile are locked. Unlock them, or enter a key again.',
  model_not_allowed:
    'No key of this profile is allowed to use this model. Choose another model, or allow it for a key.',
  credit_used_up:
    'The credit of every key of this profile is used up. Add credit with the provider and reset the key, or add another one.',
  keys_refused:
    'The provider refused every key of this profile several times in a row. Replace the key, or reset it to try it again.',
  sign_in_ended: 'The sign-in of this profile has ended. Sign in again.',
  keys_tried: 'Every key of this profile has refused this request.',
  keys_off: 'Every key of this profile is switched off. Switch one on, or add another one.',

  // Here.
  budget_day:
    'The budget of {limit} for today is spent, so nothing new is sent. Raise it on the usage page, or have it only warn.',
  budget_month:
    'The budget of {limit} for this month is spent, so nothing new is sent. Raise it on the usage page, or have it only warn.',
  window_too_small:
    'The model reads {window} tokens at a time. Instructions, tools, pinned messages and the newest messages alone have {needed}. Shorten the message, unpin messages or choose a model with a larger context.',
  disk_full: 'The disk is full, so this could not be stored. Free some space and try again.',
  file_held: 'Another program holds the conversations file. Close it and try again.',
  queue_full: '{most} messages wait in this conversation already. Remove one, or wait for an answer.',
  no_conversation: 'There is no such conversation.',
  no_conversation_any_more: 'There is no such conversation. It may have been deleted.',
  still_answering: 'This conversation is still answering. Queue the message, or stop the answer first.',
  not_waiting: 'This message is not waiting any more.',
  sent_already: 'This message has been sent already, so it can no longer be changed.',
  empty_message: 'The message is empty. Write something first.',
  closing: 'Sluice is closing.',
  closing_not_taken: 'Sluice is closing. The message was not taken.',
  lost_at_close: 'Sluice was closed while this answer was being written, and the upstream no longer knows of it.',
  stopped: 'This was stopped.',
  internal: 'Something went wrong inside Sluice. The details are in its log file.',

  ...ANSWER_WORDS,
  ...KEY_WORDS,
  ...FILE_WORDS,
  ...DATA_WORDS,
  ...RUN_WORDS,
  ...SETUP_WORDS,
  ...PROGRAM_WORDS,
  ...USAGE_WORDS,
  ...REQUEST_WORDS,
} as const;

/** Whether something that came over a border names a sentence. For the core: a page asks the words that it has loaded. */
export function isFailureSaying(value: unknown): value is FailureSaying {
  return isSayingOf(FAILURE_WORDS, value);
}
