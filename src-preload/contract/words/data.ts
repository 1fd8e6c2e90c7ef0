/** The store: opening, backups, exports, imports, diagnostics. */
export const DATA_WORDS = {
  backup_untrusted: 'This backup cannot be trusted: {defect}. Nothing was changed.',
  backup_gone: 'There is no such backup. It may have been deleted.',
  salvage_nothing:
    'Nothing in this file can be read any more. Restore a backup, or keep the file for somebody who recovers data.',
  export_gone: 'This export is not here any more. Export again.',
  import_too_large: 'A file to import holds at most 4 GB. Export fewer conversations at once.',
  imports_many: 'Several files are being imported already. Finish or close one of them first.',
  import_piece_order: 'This piece of the file does not follow the last one.',
  import_piece_size: 'This piece of the file is empty, or more than was announced.',
  import_incomplete: '“{name}” is not complete: {received} of {announced} bytes are here.',
  import_gone: 'This file is not here any more. Choose it again.',
  job_gone: 'There is no such job. It may have ended long ago.',
  zip_refused: 'This zip file is refused: {reason}. Nothing was imported.',
  import_text_too_large: '“{name}” is too large to be read at once. Nothing was imported.',
  import_no_json:
    '“{name}” cannot be read: it is no JSON, or it is cut short. Export it again, then import the new file. Nothing was imported.',
  import_too_deep: '“{name}” is nested too deeply to be an export. Nothing was imported.',
  import_odd_field: '“{name}” has a field called “{key}”, which no export of a conversation has. Nothing was imported.',
  export_newer:
    'This export was written by a newer Sluice (format {version}; this one reads {known}). Install the newer Sluice to import it.',
  cherry_browser_backup:
    'This backup of Cherry Studio is a copy of its browser’s own files, which only Cherry Studio can read. Backups that older versions of it wrote can be imported. Nothing was imported.',
  attachment_too_large: '“{name}” is larger than an attachment may be.',
  diagnostics_gone: 'These diagnostics are no longer there. Collect them again.',
  store_is_open: 'The conversations are open; there is nothing to put right.',
  closed_store_no_backup: 'What cannot be opened cannot be backed up.',
  path_unusable:
    '{path} cannot be used ({code}). See who owns it and who may write there, and whether its disk is full or read-only. Then try again.',
  data_dir_unusable:
    'The folder {dir} cannot be used for conversations ({code}). Choose another one with SLUICE_DATA_DIR.',
  backup_not_trusted: 'The backup could not be trusted: {defect}. Nothing was changed.',
  store_damaged_read_only:
    'The conversations file is damaged, so Sluice changes nothing in it. Export what can still be read, then start again with a backup or another folder (SLUICE_DATA_DIR).',
  store_gone:
    'The conversations file is no longer at {path}, so nothing more is stored. Put it back there, and it goes on by itself; or end Sluice and start it again with a backup.',
  node_too_old: 'Sluice needs Node 22.14 or newer; this is {version}. Start it with "npm start", which brings its own.',
  sqlite_too_old: 'SQLite {version} is too old: {needed} is needed.',
  read_failed: 'Sluice could not read this from its database. Try again.',
  reader_stopped: 'The part of Sluice that reads its database stopped unexpectedly. Try again.',
  backup_newer:
    'This backup was written by a newer Sluice (data version {version}; this one knows {known}). Install the newer Sluice to restore it.',
  not_a_file: '“{name}” is not a file.',
  export_under_way: 'Another export is under way. Wait for it, or stop it first.',
  import_under_way: 'Another import is under way. Wait for it, or stop it first.',
  import_unknown:
    'This file is no export that Sluice knows. It takes its own, and those of ChatGPT, LibreChat, Chatbox and Cherry Studio. Nothing was imported.',
  too_large_for_memory: 'This is too large for the memory of this computer. Nothing half-done was kept.',
  task_stopped:
    'This could not be done: a part of Sluice stopped unexpectedly. The log file has the details. Try again.',
  no_room:
    'There is not enough room {purpose}: {neededBytes} are needed and {freeBytes} are free. Nothing was changed. Free some space and try again.',
  room_to_back_up: 'for a backup of the conversations',
  room_to_restore: 'to restore this backup',
  room_to_upgrade: 'to bring the conversations to data version {version}',
  room_to_import: 'to take this file in',
  other_sluice: 'Another Sluice is using {dir}. Close it first, or choose another folder with SLUICE_DATA_DIR.',
  other_window:
    'Another Sluice (the desktop window, process {process}) is using {dir}. Close it first, or choose another folder with SLUICE_DATA_DIR.',
  other_headless:
    'Another Sluice (the headless host, process {process}) is using {dir}. Close it first, or choose another folder with SLUICE_DATA_DIR.',
  defect_unopened: 'it cannot be opened ({text})',
  defect_check: 'its integrity check says: {text}',
  defect_rows: 'table {table} holds {rows} rows instead of {wanted}',
  defect_table_missing: 'table {table} is missing',
  defect_lost_rows: 'rows lost what they belong to',
  defect_no_backup: 'it is no backup',
  defect_no_conversations: 'it holds no conversations',
  zip_cut_short: 'it is damaged or cut short ({text})',
  zip_many_files: 'it holds {files} files',
  zip_twice: 'it holds “{name}” twice',
  zip_locked: 'it is locked with a password',
  zip_unfolds: 'it would unfold to more than this program takes',
  zip_trap: 'it would unfold to many times its size, as only a trap does',
  zip_missing: '“{name}” is missing from it',
  zip_damaged: '“{name}” is damaged ({text})',
  item_no_message: 'It has no message that could be read.',
  item_not_stored: 'It could not be stored.',
  folder_left_out:
    'Its working folder {path} was not taken over. Choose one in its settings if you want it to work there.',
  item_no_conversation: 'It is no conversation of Sluice.',
  item_newer: 'It was written by a newer Sluice (format {version}; this one reads {known}).',
  item_damaged: 'It is damaged at “{where}”. {why}',
  trouble_full: 'The disk is full, so the conversations cannot be opened. Free some space.',
  trouble_damaged: 'The conversations file is damaged and cannot be opened. Nothing in it was changed.',
  trouble_emptied:
    'The conversations file is empty, although there are backups of conversations. Choose one of them, or begin anew. Nothing was changed.',
  trouble_locked: 'Another program holds the conversations file. Close it, then try again. Nothing was changed.',
  trouble_unwritable:
    'The conversations file cannot be written ({code}). See whether the disk is full or the folder is read-only.',
  trouble_newer:
    'These conversations were written by a newer Sluice (data version {version}; this one knows {known}). Install the newer Sluice, or choose another folder with SLUICE_DATA_DIR. Nothing was changed.',
  trouble_upgrade:
    'The conversations could not be brought to data version {known} ({reason}). They are as they were, in data version {version}.',
  restored: 'The backup was restored. What was there before was kept as {path}.',
  set_aside: 'The conversations file that could not be opened was kept as {path}, and a new one was begun.',
  first_then: '{first} {then}',
  storage_read_only:
    'The disk is full, so Sluice is read-only. What was being written is kept in memory. Free some space; it goes on by itself.',
  nothing_stored_now: 'Nothing can be stored now.',
  opening: 'Sluice is opening its conversations. This takes a moment.',
  upgrade_untrusted: 'the upgraded copy could not be trusted: {defect}',
} as const;
