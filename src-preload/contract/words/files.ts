/** Attachments on their way in. */
export const FILE_WORDS = {
  upload_no_name: 'The address must name the file: “?name=…”.',
  upload_long_name: 'The name of the file is too long.',
  piece_empty: 'The piece is empty or is not Base64.',
  piece_too_large: 'A piece of an upload holds at most {most} bytes. Send smaller ones.',
  upload_incomplete: '“{name}” is not complete: {received} of {announced} bytes are here. Send the rest first.',
  upload_cut: '“{name}” did not arrive whole, so nothing of it was kept.',
  uploads_many: '{most} files are being added already. Wait until one of them is done.',
  upload_grew: '“{name}” is larger than it was announced to be. Add it again.',
  file_empty: '“{name}” is empty, so there is nothing to add.',
  file_too_large: '“{name}” is larger than {limit} MB. Choose a smaller file.',
  upload_gone: 'This upload has ended or was never begun. Add the file again.',
  file_disk_full: 'The disk is full, so the file could not be kept. Free some space and try again.',
  file_not_kept: 'The file could not be kept ({code}). Check the data folder and try again.',
  piece_no_base64: 'The piece is not Base64. Send it again.',
  piece_came_already: 'This piece of “{name}” came already: {received} bytes are here. Go on from there.',
  piece_came_early: 'This piece of “{name}” came too early: {received} bytes are here. Go on from there.',
} as const;
