/** What an upstream, or the way to it, did beyond the common cases. */
export const ANSWER_WORDS = {
  answer_too_large: '“{upstream}” sent more than {limit} MiB for one answer, so it was cut off. What arrived is kept.',
  answer_compressed:
    '“{upstream}” sent its answer compressed ({encoding}), although it was asked not to. Switch compression off there.',
  headers_too_large:
    '“{upstream}” answered with more than {limit} kB of headers, so the answer was not read. Check the address, and what stands between.',
  needs_model: '“{upstream}” needs the name of a model. Choose one for this chat or for the profile.',
  no_run_id:
    '“{upstream}” accepted the message but did not say which run it became (No run_id in upstream response). Check that this is a Hermes agent.',
  told_to_stop: '“{upstream}” did not finish within {minutes} min, so it was told to stop. What arrived is kept.',
  no_model_list_answer: '“{upstream}” did not answer with a list of models. Check the address of the profile.',
  piece_of_answer_too_large:
    '“{upstream}” sent a single piece that is too large to be part of an answer, so it was cut off. What arrived is kept.',
  gave_up_unknown:
    '“{upstream}” no longer knows this run, so this answer was given up. What arrived is kept. Try again when it is back.',
  gave_up_unreachable:
    '“{upstream}” could not be reached for {minutes} minutes, so this answer was given up. What arrived is kept. Try again when it is back.',
  restarted: '“{upstream}” was restarted while it was answering. What arrived is kept. Try again for a whole answer.',
  check_too_late: '“{upstream}” did not answer within {seconds} s. Check that it runs.',
  check_no_models: '“{upstream}” answers, but tells no models.',
  check_something_else:
    'What answers at the address of “{upstream}” is something else. Check the address and the port.',
  check_answers: '“{upstream}” answers.',
  check_demo: 'The demo is part of Sluice.',
  unread_answer: '“{upstream}” {what}{status}. Check that the address and the kind of the profile fit together.',
  what_no_answer: 'answered with data that hold no answer',
  what_broken_json: 'sent a part of its answer that is no valid JSON',
  too_many_calls:
    'The model asked for more than {most} tools at once, so its answer was cut off. What arrived is kept.',
  what_nothing: 'answered with nothing',
  what_no_json: 'answered with something that is no valid JSON',
} as const;
