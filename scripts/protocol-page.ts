/** One field as the page tells it. */
export interface ToldField {
  name: string;
  isOptional: boolean;
  type: string;
}

/** What stands under one heading, up to the next. */
export interface Section {
  heading: string;
  level: number;
  /** The whole text below the heading. */
  text: string;
  /** The second-level heading that it stands under. */
  chapter: string;
}

export function readSections(page: string): Section[] {
  const sections: Section[] = [];
  let chapter = '';
  // What stands in fences is no heading, whatever it begins with.
  const parts = page.split(/^(?=#{1,4} )/m);
  for (const part of parts) {
    const match = /^(#{1,4}) (.+)\n([^]*)$/.exec(part);
    if (match === null) continue;
    const [, hashes = '', heading = '', text = ''] = match;
    if (hashes.length === 2) chapter = heading;
    sections.push({ heading, level: hashes.length, text, chapter });
  }
  return sections;
}

/** The rows of all tables `Field | Type | Meaning` in a text. */
export function readFields(text: string): ToldField[] {
  const fields: ToldField[] = [];
  let inTable = false;
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) inTable = false;
    else if (line.startsWith('| Field | Type |')) inTable = true;
    else if (inTable && !line.startsWith('|---')) {
      const [, name = '', type = ''] = line.split('|').map((cell) => cell.trim());
      const bare = name.replaceAll('`', '');
      fields.push({ name: bare.replace(/\?$/, ''), isOptional: bare.endsWith('?'), type });
    }
  }
  return fields;
}

/** The place of a heading in its page, as GitHub derives it. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-');
}
