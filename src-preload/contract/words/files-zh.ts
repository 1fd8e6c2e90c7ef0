import type { FILE_WORDS } from './files.ts';

export const FILE_WORDS_ZH: Readonly<Record<keyof typeof FILE_WORDS, string>> = {
  upload_no_name: '地址中必须写明文件名：“?name=…”。',
  upload_long_name: '文件名太长。',
  piece_empty: '这一段是空的，或不是 Base64。',
  piece_too_large: '上传的一段最多 {most} 字节。请分成更小的段。',
  upload_incomplete: '“{name}”还不完整：共 {announced} 字节，已收到 {received} 字节。请先传完其余部分。',
  upload_cut: '“{name}”没有传完，因此没有保留任何内容。',
  uploads_many: '已有 {most} 个文件正在添加。请等其中一个完成。',
  upload_grew: '“{name}”比声明的大小更大。请重新添加。',
  file_empty: '“{name}”是空文件，没有可添加的内容。',
  file_too_large: '“{name}”超过 {limit} MB。请选择更小的文件。',
  upload_gone: '这次上传已结束或从未开始。请重新添加文件。',
  file_disk_full: '磁盘已满，无法保存文件。请腾出一些空间后重试。',
  file_not_kept: '无法保存文件（{code}）。请检查数据文件夹后重试。',
  piece_no_base64: '这一段不是 Base64。请重新发送。',
  piece_came_already: '“{name}”的这一段已经收到：现有 {received} 字节。请从那里继续。',
  piece_came_early: '“{name}”的这一段来得太早：现有 {received} 字节。请从那里继续。',
  file_unreadable: '无法读取“{name}”。它可能是文件夹，或者已被移动或更改。请重新添加。',
  reason_unknown: '原因未知',
};
